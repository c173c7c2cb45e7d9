"""
What is changed while the site runs: limits of another rate, off or dry; addresses let in or not.

    from praxis.ratelimit import live

    live.change("search", rates="10/m", for_s=3600)
    live.deny("203.0.113.0/24")

Changes stand in Redis, above what code and settings say, until they are taken back or end. Every
process follows them: it asks for what is new after ``PRAXIS["ratelimit"]["follow_s"]`` seconds,
when it was asked for a decision. While Redis does not answer, a process keeps what it knows.
"""

import logging
import time
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
from django.core.signals import setting_changed

from praxis.addresses import Networks
from praxis.conf import config
from praxis.errors import PraxisError, RateError, SettingsError
from praxis.ratelimit.rates import Limit, limits_of
from praxis.redis import FAILURES, Script, async_link, link

logger = logging.getLogger("praxis.ratelimit")

KEY: Final = b"rl:live"
#: More addresses than these belong into a firewall; they are all read at each change.
MAX_CHANGES: Final = 10_000
_NEWS = Script(
    "local version = redis.call('HGET', KEYS[1], 'version')\n"
    "if version == ARGV[1] or (not version and ARGV[1] == '') then return 0 end\n"
    "return redis.call('HGETALL', KEYS[1])"
)
_CHANGE = Script(files(__package__).joinpath("change_live.lua").read_text("utf-8"))
_LIMIT, _ALLOW, _DENY = "limit:", "allow:", "deny:"
ListName = Literal["allow", "deny"]


class Change(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    What is different of a limiter.

    Attributes:
        rates: Its rates; empty for those of the code.
        algorithm: Of these rates; see `praxis.ratelimit.Limit`.
        burst: Likewise.
        is_dry: Whether refusals are only announced; None for what the code says.
        is_off: Whether everything is let in and nothing counted.
        ends_s: Until when it holds, in seconds since 1970; 0 for ever.
    """

    rates: str = ""
    algorithm: str = "window"
    burst: int = 0
    is_dry: bool | None = None
    is_off: bool = False
    ends_s: float = 0.0

    def limits(self) -> tuple[Limit, ...]:
        """
        The new limits; empty where they are those of the code.

        Raises:
            RateError: if the rates mean nothing.
        """
        if not self.rates:
            return ()
        return limits_of(self.rates, algorithm=self.algorithm, burst=self.burst)


class Listed(msgspec.Struct, frozen=True):
    """
    An address or network in one of the lists.

    Attributes:
        network: As it was written.
        ends_s: Until when it stands there, in seconds since 1970; 0 for ever.
    """

    network: str
    ends_s: float = 0.0


class Changes(msgspec.Struct, frozen=True):
    """
    All that is changed.

    Attributes:
        limits: By the name of the limiter.
        allow: Who is let in.
        deny: Who is not; *allow* does not help against it.
    """

    limits: Mapping[str, Change] = {}
    allow: tuple[Listed, ...] = ()
    deny: tuple[Listed, ...] = ()


def change(
    name: str,
    rates: str = "",
    *,
    algorithm: str = "window",
    burst: int = 0,
    is_dry: bool | None = None,
    is_off: bool = False,
    for_s: float = 0.0,
) -> None:
    """
    Change the limiters of one name in all processes.

    What was counted stays counted where algorithm and period are the same ones.

    Args:
        name: Of the limiter: of a decorator that of its view, ``shop.views.search``; of a rule of
            the settings ``path /api/*``.
        rates: The new rates, such as ``"10/m"``; empty for those of the code.
        algorithm: As of `praxis.ratelimit.Limiter`.
        burst: Likewise.
        is_dry: Whether refusals are only announced; None for what the code says.
        is_off: Whether to let everything in and count nothing.
        for_s: For how long; 0 until it is taken back.

    Raises:
        RateError: if the rates mean nothing, or nothing is changed; nothing is noted then.
        RedisUnavailableError, RedisReplyError: if Redis did not note it.
    """
    new = Change(rates, algorithm, burst, is_dry, is_off, _ends_s(for_s))
    new.limits()
    if not rates and is_dry is None and not is_off:
        raise RateError(f"Nothing of {name!r} is changed. Give rates, is_dry or is_off.")
    _note(_LIMIT + name, new, new.ends_s)


def restore(name: str) -> None:
    """
    Let the limiters of one name be as the code says.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis did not note it.
    """
    _note(_LIMIT + name, None, 0)


def allow(network: str, for_s: float = 0.0) -> None:
    """
    Let an address or a network in, whatever it does; it is not counted.

    Args:
        network: ``203.0.113.7``, ``203.0.113.0/24``, ``2001:db8::/48``.
        for_s: For how long; 0 until it is taken back.

    Raises:
        SettingsError: if it is no address.
        RedisUnavailableError, RedisReplyError: if Redis did not note it.
    """
    _list("allow", network, for_s)


def deny(network: str, for_s: float = 0.0) -> None:
    """Never let an address or a network in; see `allow`."""
    _list("deny", network, for_s)


def unlist(network: str) -> None:
    """
    Take an address or a network, written as it was, from both lists.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis did not note it.
    """
    _note(_ALLOW + network, None, 0)
    _note(_DENY + network, None, 0)


def changes() -> Changes:
    """
    All that is changed now, as Redis has it.

    Raises:
        RedisUnavailableError, RedisReplyError: if it did not answer.
    """
    seen = Followed()
    seen.take(link(_alias()).run(_NEWS, (KEY,), ("none",), retry="idempotent"))
    return seen.current()


class Followed:
    """What this process knows of the changes."""

    __slots__ = ("_allow", "_asked_s", "_changes", "_deny", "_next_end_s", "_version")

    def __init__(self) -> None:
        self._version, self._asked_s = b"", float("-inf")
        self._become(Changes())

    def keep_up(self) -> None:
        """Ask for what is new, if that was not done lately."""
        if self._is_due():
            self.ask()

    async def akeep_up(self) -> None:
        """Do as `keep_up` does."""
        if self._is_due():
            await self._aask()

    def _is_due(self) -> bool:
        every_s = config().ratelimit.follow_s
        return every_s > 0 and time.monotonic() - self._asked_s >= every_s

    def ask(self) -> None:
        """Ask for what is new; one trip, which is none if it fails."""
        self._asked_s = time.monotonic()  # first, so that other threads need not ask, too
        try:
            self.take(link(_alias()).run(_NEWS, (KEY,), (self._version,)))
        except FAILURES as error:
            logger.info("Changes of rate limits are not known until Redis answers: %s", error)

    async def _aask(self) -> None:
        self._asked_s = time.monotonic()
        try:
            self.take(await async_link(_alias()).run(_NEWS, (KEY,), (self._version,)))
        except FAILURES as error:
            logger.info("Changes of rate limits are not known until Redis answers: %s", error)

    def take(self, answer: Any) -> None:
        """Know what Redis answered: 0 for nothing new, or names and values in turns."""
        if not isinstance(answer, list):
            return
        found = dict(zip(answer[::2], answer[1::2], strict=True))
        self._version = found.pop(b"version", b"")
        self._become(_read(found))

    def change_of(self, name: str) -> Change | None:
        """What is different of the limiters of a name."""
        if not self._changes.limits:
            return None
        self._let_go()
        return self._changes.limits.get(name)

    def current(self) -> Changes:
        """All of it."""
        self._let_go()
        return self._changes

    def lists(self) -> tuple[Networks, Networks]:
        """Who is let in, and who is not."""
        self._let_go()
        return self._allow, self._deny

    def _let_go(self) -> None:
        """Forget what has ended."""
        now = time.time()
        if now < self._next_end_s:
            return
        whole = self._changes
        self._become(
            Changes(
                {name: one for name, one in whole.limits.items() if _holds(one.ends_s, now)},
                tuple(one for one in whole.allow if _holds(one.ends_s, now)),
                tuple(one for one in whole.deny if _holds(one.ends_s, now)),
            )
        )

    def _become(self, known: Changes) -> None:
        listed = (*known.allow, *known.deny)
        ends = [*(one.ends_s for one in known.limits.values()), *(one.ends_s for one in listed)]
        self._next_end_s = min((end for end in ends if end), default=float("inf"))
        self._allow = Networks((one.network for one in known.allow), "the live list 'allow'")
        self._deny = Networks((one.network for one in known.deny), "the live list 'deny'")
        self._changes = known


_followed = Followed()


def followed() -> Followed:
    """What this process knows."""
    return _followed


def _alias() -> str:
    return config().ratelimit.redis


def _holds(ends_s: float, now: float) -> bool:
    return ends_s == 0 or ends_s > now


def _ends_s(for_s: float) -> float:
    if not 0 <= for_s < float("inf"):
        raise RateError(f"for_s is seconds above 0, or 0 for ever, not {for_s!r}.")
    return time.time() + for_s if for_s else 0.0


def _list(name: ListName, network: str, for_s: float) -> None:
    Networks([network], f"The list {name!r}")
    ends_s = _ends_s(for_s)
    _note(f"{name}:{network}", Listed(network, ends_s), ends_s)


def _note(field: str, what: Change | Listed | None, ends_s: float) -> None:
    said = b"" if what is None else msgspec.json.encode(what)
    ends_ms = round(ends_s * 1000)
    noted = link(_alias()).run(
        _CHANGE, (KEY,), (field, said, ends_ms, MAX_CHANGES), retry="idempotent"
    )
    if noted != 1:
        raise RateError(
            f"There are {MAX_CHANGES} changes of limits and lists already, so that {field!r} is "
            "not noted. Take some back, or write networks instead of addresses."
        )
    _followed.ask()  # who changes something sees it at once


def _read(found: Mapping[bytes, bytes]) -> Changes:
    """What the fields mean; what means nothing is left out, and logged."""
    limits: dict[str, Change] = {}
    lists: dict[str, list[Listed]] = {_ALLOW: [], _DENY: []}
    for field, value in found.items():
        try:
            kind, _, name = field.decode().partition(":")
            said = value.partition(b"|")[2]
            if f"{kind}:" == _LIMIT:
                limits[name] = _limit(said)
            else:
                lists[f"{kind}:"].append(_listed(said))
        except (KeyError, ValueError, msgspec.DecodeError, PraxisError) as error:
            logger.warning("The change %r of rate limits means nothing: %s", field, error)
    return Changes(limits, tuple(lists[_ALLOW]), tuple(lists[_DENY]))


def _limit(said: bytes) -> Change:
    found = msgspec.json.decode(said, type=Change)
    found.limits()
    return found


def _listed(said: bytes) -> Listed:
    found = msgspec.json.decode(said, type=Listed)
    try:
        Networks([found.network], "It")
    except SettingsError as error:
        raise ValueError(str(error)) from error
    return found


def _forget(*, setting: str, **_: object) -> None:
    global _followed  # noqa: PLW0603 - other settings, another server
    if setting == "PRAXIS":
        _followed = Followed()


setting_changed.connect(_forget, dispatch_uid="praxis.ratelimit.live")
