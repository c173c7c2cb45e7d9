"""Where channels are at this moment, for pages that are rendered before they listen."""

from collections.abc import Sequence

from praxis.conf import config
from praxis.realtime.channels import channels
from praxis.realtime.log import Log, where
from praxis.realtime.positions import format_id
from praxis.redis import async_link, link


def position(*names: str) -> str:
    """
    Return from where on a page has to listen, so that nothing comes between; one trip.

        at = position("orders")          # first
        orders = list(Order.objects...)  # then what the page shows

    Give it to the template tag ``live`` or to ``subscribe`` of the JavaScript client as ``at``.

    Args:
        names: The channels that the page listens to.

    Raises:
        ChannelError: if one of them is not declared.
        RedisUnavailableError: if Redis did not answer.
    """
    calls = [log.where() for log in _logs(names)]
    found = link(config().realtime.redis).run_many(calls, retry="idempotent")
    return format_id([where(answer) for answer in found])


async def aposition(*names: str) -> str:
    """
    Return from where on a page has to listen; see `position`.

    Raises:
        ChannelError, RedisUnavailableError: as there.
    """
    calls = [log.where() for log in _logs(names)]
    found = await async_link(config().realtime.redis).run_many(calls, retry="idempotent")
    return format_id([where(answer) for answer in found])


def _logs(names: Sequence[str]) -> list[Log]:
    found = [channels().demand(name) for name in sorted(set(names))]
    return [Log(each.name, each.config) for each in found]
