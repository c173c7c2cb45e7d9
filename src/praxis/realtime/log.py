"""What is said to Redis about the events of a channel, and what the answers mean."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from praxis.conf import ChannelConfig, config
from praxis.realtime.frames import Event
from praxis.realtime.positions import Position
from praxis.redis import Script
from praxis.redis.packing import Call, Word


def _script(*names: str) -> Script:
    folder = files(__package__)
    return Script("".join(folder.joinpath(f"{name}.lua").read_text("utf-8") for name in names))


PUBLISH, HEAD = _script("identity", "publish"), _script("identity", "head")
PREFIX: Final = b"praxis:live:"
#: How many events are read at once at most, and how many bytes.
_PAGE, _PAGE_BYTES = 100, 4_000_000
#: The number outlives the events at least so long, so that a quiet channel stays the same one.
_NUMBER_KEPT_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Log:
    """The keys and calls of one channel."""

    name: str
    config: ChannelConfig

    @property
    def subscribed(self) -> bytes:
        """What is subscribed in Redis to hear of events."""
        return PREFIX + self.name.encode()

    @property
    def head_key(self) -> bytes:
        return PREFIX + b"{%s}:head" % self.name.encode()

    @property
    def key(self) -> bytes:
        return PREFIX + b"{%s}:log" % self.name.encode()

    def publish(self, payload: bytes, run: str = "") -> Call:
        """The call that publishes; *run* is the server's run id if it is known for certain."""
        ttl_ms = round(self.config.ttl_s * 1000)
        words: list[Word] = [run, payload, self.config.history, ttl_ms, self._kept_ms]
        return PUBLISH, [self.head_key, self.key], [*words, self.subscribed]

    def where(self) -> Call:
        """The call that tells the last position."""
        return HEAD, [self.head_key, self.key], ["", self._kept_ms]

    def after(self, position: Position) -> tuple[Word, ...]:
        """The command that reads what comes after a position."""
        return "XRANGE", self.key, f"({position}", "+", "COUNT", page_size()

    def read(self, answer: Any) -> list[Event]:
        """What the answer to `after` means."""
        return [Event(self.name, _position(entry[0]), entry[1][1]) for entry in answer]

    @property
    def _kept_ms(self) -> int:
        return round(max(self.config.ttl_s, _NUMBER_KEPT_S) * 1000)


def page_size() -> int:
    """How many events of the greatest length make a page."""
    return max(1, min(_PAGE, _PAGE_BYTES // config().realtime.max_bytes))


def where(answer: Any) -> Position:
    """What the answer of a script means."""
    return Position(int(answer[0]), int(answer[1]))


def heard(message: bytes) -> tuple[Position, bytes]:
    """The position and the payload of what came through a subscription."""
    position, _, payload = message.partition(b" ")
    return _position(position), payload


def _position(text: bytes) -> Position:
    epoch, _, seq = text.partition(b"-")
    return Position(int(epoch), int(seq))
