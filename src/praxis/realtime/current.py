"""Where channels are now, for pages that show how things are and then listen."""

import logging
from collections.abc import Sequence

from praxis.conf import config
from praxis.errors import RedisUnavailableError
from praxis.realtime.channels import channels
from praxis.realtime.log import Log, where
from praxis.realtime.positions import format_id
from praxis.redis import async_link, link

logger = logging.getLogger("praxis.realtime")


def current_id(*names: str) -> str:
    """
    Return the id of the last event of channels; one trip.

    A page that asks for it *before* it reads from the database what it shows, and subscribes with
    it, misses nothing: what came between is told again.

        {"from_id": current_id("orders"), "orders": Order.objects.all()[:20]}

    Args:
        names: Of the channels that the page subscribes, in any order.

    Returns:
        What ``last`` in the address of the events is; empty while Redis does not answer: then
        events are told from when the page subscribes.

    Raises:
        ChannelError: if one is not declared.
    """
    logs = _logs(names)
    try:
        way = link(config().realtime.redis)
        answers = way.run_many([log.where() for log in logs], retry="idempotent")
    except RedisUnavailableError as error:
        return _unknown(error)
    return format_id([where(answer) for answer in answers])


async def acurrent_id(*names: str) -> str:
    """Do as `current_id` does."""
    logs = _logs(names)
    try:
        way = async_link(config().realtime.redis)
        answers = await way.run_many([log.where() for log in logs], retry="idempotent")
    except RedisUnavailableError as error:
        return _unknown(error)
    return format_id([where(answer) for answer in answers])


def _logs(names: Sequence[str]) -> list[Log]:
    """In the order that ids have."""
    found = [channels().demand(name) for name in sorted(set(names))]
    return [Log(channel.name, channel.config) for channel in found]


def _unknown(error: RedisUnavailableError) -> str:
    logger.info("Nobody knows where channels are until Redis answers: %s", error)
    return ""
