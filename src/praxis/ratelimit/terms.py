"""What a limiter holds to: its limits, as the script takes them, and the names of its counts."""

import uuid
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from praxis.errors import RateError
from praxis.ratelimit.rates import Limit

#: Whom a limit is about: whatever names it the same way in every process.
Key = str | int | bytes | uuid.UUID | None | tuple["Key", ...]

#: Twelve bytes and the two before them: Redis keeps a name of fourteen in sixteen bytes.
DIGEST_BYTES, PREFIX = 12, b"rl"
#: Counts below this take two bytes each.
_NARROW = 65_536
_KINDS = {"window": "w", "gcra": "g", "fixed": "f", "bucket": "b"}
_encode = msgspec.msgpack.Encoder().encode


class Terms(msgspec.Struct, frozen=True):
    """
    What a limiter holds to.

    Attributes:
        name: Of the limiter.
        limits: Its limits.
        spec: These as ``decide.lua`` takes them.
        seed: What tells its counts from those of others: a name, algorithms and periods.
        is_dry: Whether refusals are only announced.
        is_off: Whether it lets everything in and counts nothing.
    """

    name: str
    limits: tuple[Limit, ...]
    spec: tuple[bytes, ...]
    seed: bytes
    is_dry: bool
    is_off: bool

    def state_key(self, key: Key) -> bytes:
        """
        The name under which Redis counts a key: a digest, so that it says nothing of anybody.

        Raises:
            RateError: if the key is of a kind that is not told apart in all processes.
        """
        try:
            digest = blake2b(self.seed + _encode(key), digest_size=DIGEST_BYTES)
        except (TypeError, OverflowError) as error:
            raise RateError(
                f"{key!r} cannot be a key of {self.name!r}: {error}. Use texts, numbers, or a "
                "tuple of them."
            ) from error
        return PREFIX + digest.digest()


def terms_of(
    name: str, limits: tuple[Limit, ...], *, is_dry: bool = False, is_off: bool = False
) -> Terms:
    """The terms with these limits."""
    seed = _encode([name, [(kind, period) for kind, _, period, _ in _each(limits)]])
    return Terms(name, limits, spec_of(limits), seed, is_dry, is_off)


def spec_of(limits: Sequence[Limit]) -> tuple[bytes, ...]:
    """The limits as ``decide.lua`` takes them: written out once, since they are sent each time."""
    words = (len(limits), *(word for one in _each(limits) for word in one))
    return tuple(str(word).encode() for word in words)


def _each(limits: Sequence[Limit]) -> list[tuple[str, int, int, int]]:
    found = []
    for limit in limits:
        kind = _KINDS[limit.algorithm]
        if kind == "w" and limit.rate.count >= _NARROW:
            kind = "W"
        found.append((kind, limit.rate.count, limit.rate.period_us, limit.at_once))
    return found
