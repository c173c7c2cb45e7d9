"""Who is in a channel, in all processes."""

from collections.abc import Iterable
from importlib.resources import files
from typing import Any, Final, Literal

from praxis.conf import config
from praxis.errors import ChannelError
from praxis.realtime.channels import channels
from praxis.realtime.log import PREFIX, Log
from praxis.redis import Script, async_link, link
from praxis.redis.packing import Call

HERE: Final = Script(files(__package__).joinpath("here.lua").read_text("utf-8"))
#: A process says this often who is there, and counts as gone when it has not for so long.
SAID_S, KEPT_S = 10.0, 30.0
#: What begins a message that is no event.
SIGN: Final = b"P"


def presence(channel: str) -> list[str]:
    """
    Return the keys of the users who are in a channel, as texts, in no order; one trip.

    Who is not logged in does not count. Whoever has gone counts for a few seconds more, and those
    of a process that was killed for half a minute.

    Raises:
        ChannelError: if the channel is not declared, or not with ``presence``.
        RedisUnavailableError: if Redis did not answer.
    """
    return read(link(config().realtime.redis).run(*call(_demand(channel), "list")))


async def apresence(channel: str) -> list[str]:
    """
    Return who is in a channel; see `presence`.

    Raises:
        ChannelError, RedisUnavailableError: as there.
    """
    return read(await async_link(config().realtime.redis).run(*call(_demand(channel), "list")))


def call(
    log: Log,
    does: Literal["here", "gone", "list"],
    process: str = "",
    users: Iterable[str] = (),
) -> Call:
    """The call that says who has come or gone, or asks who is there."""
    keys = [PREFIX + b"{%s}:%s" % (log.name.encode(), word) for word in (b"here", b"users")]
    return HERE, keys, [log.subscribed, round(KEPT_S * 1000), process, does, *users]


def read(answer: Any) -> list[str]:
    """What the answer means."""
    return [bytes(user).decode() for user in answer]


def _demand(name: str) -> Log:
    found = channels().demand(name)
    if not found.config.presence:
        raise ChannelError(
            f"Who is in {name!r} is not noted. Declare the channel with "
            '{"presence": True} in PRAXIS["realtime"]["channels"].'
        )
    return Log(found.name, found.config)
