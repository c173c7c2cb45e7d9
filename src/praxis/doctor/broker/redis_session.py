"""The tasks that wait in a Redis that Celery uses as its broker."""

from praxis.doctor.broker.queues import Broker
from praxis.doctor.limits import Limits
from praxis.doctor.redis import redis_session
from praxis.doctor.site import Site
from praxis.doctor.targets import Target


class BrokerSession(redis_session.RedisSession, Broker):
    """Asks the same fixed set of reading commands, about queues."""


def connect(target: Target, site: Site, limits: Limits, *, budget_s: float) -> BrokerSession:
    """
    Connect as the workers do.

    Raises:
        UnreachableError: in one line, without the password.
    """
    client = redis_session.connect_client(target, budget_s=budget_s)
    return BrokerSession(client, target, site, limits)
