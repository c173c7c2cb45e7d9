"""What all connections to one server have in common: how to enter it and whether it answers."""

import ssl
import time
from collections.abc import Callable
from typing import Any, Final, NoReturn

from praxis.announcements import ServerBack, ServerDown, announce
from praxis.conf import RedisConfig
from praxis.errors import RedisRefusedError, RedisUnavailableError
from praxis.redis.breaker import Breaker
from praxis.redis.handshake import Handshake, Identity
from praxis.redis.replies import Refusal, broken, raise_refusal
from praxis.redis.targets import Address

MISSING: Final = object()  # not enough bytes yet for an answer
#: After these the server at the other end is not, or no longer, the one to talk to.
ENDING = frozenset({"READONLY", "MASTERDOWN", "NOAUTH", "WRONGPASS"})


class Node:
    """
    One server of an alias, shared by all threads, or by all tasks of a loop.

    Attributes:
        alias: The name in the settings.
        address: Where it is.
        handshake: What opens a connection.
        tls: How to encrypt; None for plain connections.
        timeout_s: How long a connection or an answer may take.
        breaker: Whether it is tried at all.

    Args:
        note: Told of each failure and refusal, so that another server may be looked for.
    """

    __slots__ = ("_note", "address", "alias", "breaker", "handshake", "timeout_s", "tls")

    def __init__(
        self,
        alias: str,
        address: Address,
        config: RedisConfig,
        handshake: Handshake,
        tls: ssl.SSLContext | None,
        note: Callable[[RedisUnavailableError], None],
    ) -> None:
        self._note: Final = note
        self.alias: Final = alias
        self.address: Final = address
        self.handshake: Final = handshake
        self.tls: Final = tls
        self.timeout_s: Final = config.timeout_s
        self.breaker: Final = Breaker(
            failures=config.failures, probe_s=config.probe_s, changed=self._tell
        )

    def demand_try(self) -> None:
        """
        Return if this call may ask the server.

        Raises:
            RedisUnavailableError: if it is down, and others will see whether it came back.
        """
        now = time.monotonic()
        if not self.breaker.may_try(now):
            error = RedisUnavailableError(
                f"Redis {self.alias!r} at {self.address} did not answer lately; it is tried again "
                f"in {self.breaker.wait_s(now):.2f} s. Nothing was sent. See whether it runs and "
                "can be reached from here.",
                may_have_run=False,
                alias=self.alias,
                address=str(self.address),
            )
            self._note(error)
            raise error

    def answered(self) -> None:
        """Note that it is there. Needed only while ``breaker.failures`` is not 0."""
        self.breaker.succeeded(time.monotonic())

    def failed(
        self, error: BaseException, *, may_have_run: bool, doing: str
    ) -> RedisUnavailableError:
        """Note that it broke off or was not there; return what to raise."""
        timed_out = isinstance(error, TimeoutError)
        now = time.monotonic()
        # When a call began is not noted: the clock would cost more than the note is worth. One
        # that ran into the timeout began so long ago at the least.
        began = now - self.timeout_s if timed_out else now
        self.breaker.failed(now, began=began, timed_out=timed_out)
        told = self.describe(error, may_have_run=may_have_run, doing=doing)
        self._note(told)
        return told

    def identify(self, answers: list[Any]) -> Identity:
        """
        Return who answered the handshake.

        Raises:
            RedisRefusedError, RedisReplyError: as `Handshake.check`.
        """
        try:
            return self.handshake.check(answers, self.alias, self.address)
        except RedisRefusedError as error:
            self._note(error)
            raise

    def refuse(self, refusal: Refusal) -> NoReturn:
        """
        Raise what an error of the server means, and let it be known where keys are looked for.

        Raises:
            RedisRefusedError, RedisReplyError: as `raise_refusal`.
        """
        try:
            raise_refusal(refusal, self.alias, self.address)
        except RedisRefusedError as error:
            self._note(error)
            raise

    def describe(
        self, error: BaseException, *, may_have_run: bool, doing: str
    ) -> RedisUnavailableError:
        """Return what to raise; the breaker has been told already."""
        if isinstance(error, TimeoutError):
            error = TimeoutError("no answer in time")
        return broken(self.alias, self.address, error, may_have_run=may_have_run, doing=doing)

    def _tell(self, is_down: bool) -> None:
        event = ServerDown if is_down else ServerBack
        announce(event(self.alias, str(self.address)))
