"""What is said to Redis about places and the line for them, and what the answers mean."""

import secrets
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal

from praxis.redis import Script


def _script(*names: str) -> Script:
    folder = files(__package__)
    return Script("".join(folder.joinpath(f"{name}.lua").read_text("utf-8") for name in names))


ACQUIRE, RELEASE = _script("waking", "acquire"), _script("waking", "release")
#: Who waits says so every third of this; the line goes on without one who was killed after it.
GONE_MS = 3000
TOKEN_BYTES = 16
Call = tuple[Script, list[bytes], list[bytes | int | str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What came of asking for a place.

    Attributes:
        fence: A number larger than those of all who had the place before; 0 if there is none.
        again_s: Without a place: after so many seconds it is worth asking again.
    """

    fence: int
    again_s: float


class Line:
    """
    The names and calls of one lock or semaphore.

    Args:
        name: The same for all who mean the same one; texts of up to 200 characters are usual.
        places: How many may hold it; at least 1.
        lease_s: For how long a place is kept that nobody renews; above 0.
    """

    __slots__ = ("_keys", "_places", "_woken", "key", "lease_ms")

    def __init__(self, name: str, places: int, lease_s: float) -> None:
        base = f"praxis:lock:{{{name}}}:".encode()
        self.key: Final = base + b"held"
        self._keys = [self.key, base + b"line", base + b"heard", base + b"number"]
        self._woken, self._places = base + b"woken:", places
        self.lease_ms: Final = max(1, round(lease_s * 1000))

    def ask(self, token: bytes, does: Literal["wait", "try"]) -> Call:
        """The call that takes a place, or stands in line for one."""
        words: list[bytes | int | str] = [token, self._places, self.lease_ms, does]
        words += [GONE_MS, self._woken]
        return ACQUIRE, self._keys, words

    def give_back(self, token: bytes) -> Call:
        """The call that leaves a place to the next one, or leaves the line."""
        return self._release(token, "leave")

    def renew(self, token: bytes) -> Call:
        """The call that keeps a place for another lease."""
        return self._release(token, "renew")

    def _release(self, token: bytes, does: str) -> Call:
        words: list[bytes | int | str] = [token, self._places, does, self.lease_ms]
        words += [GONE_MS, self._woken]
        return RELEASE, self._keys, words

    def woken(self, token: bytes, timeout_s: float) -> tuple[str | bytes | float, ...]:
        """The command that waits until it is worth asking again."""
        return "BLPOP", self._woken + token, f"{max(timeout_s, 0.001):.3f}"

    @staticmethod
    def answer(answer: Any) -> Asked:
        """What the answer to `ask` means."""
        return Asked(int(answer[0]), answer[1] / 1000)


def new_token() -> bytes:
    """What only this holder knows. Hexadecimal, so that it can be read in Redis."""
    return secrets.token_hex(TOKEN_BYTES).encode()
