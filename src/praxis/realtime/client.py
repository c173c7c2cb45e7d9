"""Who listens: where they are in their channels, and what they are sent next."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar

from praxis.realtime import frames
from praxis.realtime.feed import Feed, Reset, bridge
from praxis.realtime.frames import Event
from praxis.realtime.positions import Position, format_id
from praxis.realtime.replays import Replays

logger = logging.getLogger("praxis.realtime")

#: Events of one channel in one piece, so that several channels take turns.
_PIECE: Final = 64
_WRITE_BYTES: Final = 65_536

Chunk = TypeVar("Chunk")


class Home(Protocol):
    """What a client belongs to: the hub."""

    @property
    def replays(self) -> Replays:
        """What is behind the rings of the feeds."""

    def now_s(self) -> float:
        """The time of the loop."""

    def is_live_for(self, feeds: Iterable[Feed]) -> bool:
        """Whether events of these channels come as they happen."""

    def greeting(self) -> Mapping[str, int]:
        """What a client has to know of how it is served."""


class Client(ABC, Generic[Chunk]):
    """
    One connection of a browser.

    Nothing is kept for a client but its positions: what it has not taken yet is in the rings of
    its channels, and behind them in Redis. So a slow one costs no memory.

    Attributes:
        feeds: Its channels, in the order of their names.
        positions: What it has of each; None for "from now on".
        told_live: Whether it was told last that events come as they happen.
        is_id_unknown: Whether it named an event that means nothing.
        last_word: Why it is ended.
        user: The key of the user as text; empty where nobody is logged in.
        recheck: Finds out whether it still may; returns the names that it may not.
        sent_s: When it was sent something for the last time.
        blocked_s: Since when it takes nothing; 0 if it does.
        authorise_s: When it is looked up again whether it may.
    """

    __slots__ = ("_end", "_flushing", "_hub", "_is_woken", "_notices", "_resets",
                 "authorise_s", "blocked_s", "feeds", "is_ended", "is_id_unknown", "last_word",
                 "positions", "recheck", "sent_s", "told_live", "user")  # fmt: skip

    def __init__(self, end: Callable[[], object]) -> None:
        self._end = end
        self._hub: Home | None = None
        self._flushing: asyncio.Task[None] | None = None
        self._notices: list[tuple[str, Mapping[str, Any]]] = []
        self._resets: list[tuple[Feed, Reset]] = []
        self.told_live = True
        self._is_woken = False
        self.feeds: list[Feed] = []
        self.positions: list[Position | None] = []
        self.user = ""
        self.recheck: Callable[[], Coroutine[Any, Any, Sequence[str]]] | None = None
        self.is_ended = self.is_id_unknown = False
        self.last_word = ""
        self.sent_s = self.blocked_s = self.authorise_s = 0.0

    @abstractmethod
    def _event(self, event: Event) -> Chunk:
        """Write an event; the positions are those after it."""

    @abstractmethod
    def _notice(self, name: str, data: Mapping[str, Any]) -> Chunk:
        """Write what we have to say."""

    @abstractmethod
    async def _write(self, chunks: list[Chunk]) -> None:
        """Hand over; return once the connection takes more. OSError if it is gone."""

    @property
    def event_id(self) -> str:
        return format_id(self.positions)

    @property
    def channels(self) -> list[str]:
        return [feed.log.name for feed in self.feeds]

    def attach(self, hub: Home) -> None:
        """Begin: belong to a hub, which the feeds are of."""
        self._hub = hub
        self.tell(frames.READY, hub.greeting())
        if self.is_id_unknown:
            for name in self.channels:
                self.reset_unknown(name)

    def place(self, feed: Feed, position: Position | None) -> None:
        """Listen to a channel, from behind a position or from now on."""
        index = sum(1 for other in self.feeds if other.log.name < feed.log.name)
        self.feeds.insert(index, feed)
        self.positions.insert(index, position)
        feed.clients[self] = None

    def leave(self, feed: Feed) -> None:
        """Listen no more to a channel."""
        index = self.feeds.index(feed)
        del self.feeds[index], self.positions[index]
        feed.clients.pop(self, None)

    def tell(self, name: str, data: Mapping[str, Any]) -> None:
        """Say something, before further events."""
        self._notices.append((name, data))
        self.wake()

    def reset(self, feed: Feed, reset: Reset) -> None:
        """Say that events of a channel are missing."""
        self._resets.append((feed, reset))
        self.wake()

    def reset_unknown(self, name: str) -> None:
        """Say that the client named an event of a channel that is not known."""
        for feed in self.feeds:
            if feed.log.name == name:
                self.reset(feed, Reset(None, "unknown"))

    def wake(self) -> None:
        """Send what there is, unless that is being done."""
        self._is_woken = True
        if self._flushing is None and self._hub is not None and not self.is_ended:
            self._flushing = asyncio.get_running_loop().create_task(self._flush())

    def close(self, name: str = "", data: Mapping[str, Any] | None = None) -> None:
        """End it, after a last word; at once if it is blocked."""
        if self.is_ended:
            return
        self.is_ended = True
        self.last_word = str((data or {}).get("reason", name))
        if self._flushing is not None:
            self._flushing.cancel()
        if not name or self.blocked_s:
            self._end()
            return
        last = [self._notice(name, data or {})]
        self._flushing = asyncio.get_running_loop().create_task(self._say_last(last))

    def gone(self) -> None:
        """Note that the connection has ended."""
        self.is_ended = True
        if self._flushing is not None:
            self._flushing.cancel()

    async def _flush(self) -> None:
        hub = self._hub
        if hub is None:
            return
        try:
            while True:
                self._is_woken = False
                chunks = await self._collect(hub)
                if not chunks:
                    if self._is_woken:  # while Redis was waited for
                        continue
                    break
                self.blocked_s = hub.now_s()
                await self._write(chunks)
                self.sent_s, self.blocked_s = self.blocked_s, 0.0
        except OSError:
            self._give_up()
        except Exception:
            logger.exception("Events could not be sent to a client of %s.", self.channels)
            self._give_up()
        finally:
            if not self.is_ended:
                self._flushing = None

    def _give_up(self) -> None:
        """End it without a word: it comes back, and nothing is lost."""
        self.is_ended = True
        self._end()

    async def _say_last(self, chunks: list[Chunk]) -> None:
        try:
            async with asyncio.timeout(1.0):
                await self._write(chunks)
        except OSError:  # TimeoutError is one, too
            pass
        finally:
            self._end()

    async def _collect(self, hub: Home) -> list[Chunk]:
        """Write what there is, and go on in the channels."""
        chunks = self._told(hub)
        if self._resets:
            resets, self._resets = self._resets, []
            for feed, reset in resets:
                if feed in self.feeds:
                    chunks.append(self._reset(self.feeds.index(feed), reset))
        for feed in tuple(self.feeds):
            if feed.ring is None or feed not in self.feeds:
                continue
            index = self.feeds.index(feed)
            position = self.positions[index]
            if position is None:
                if feed.live.is_set():
                    self.positions[index] = feed.ring.head
                continue
            found: Sequence[Event | Reset] | None = feed.ring.after(position, _PIECE)
            if found is None:
                start = feed.ring.start  # as it is before the log is read: what it lacks is lost
                events = await hub.replays.after(feed.log, position)
                if events is None or feed not in self.feeds:
                    continue  # Redis is gone, and the feed is woken when it is back
                index = self.feeds.index(feed)
                found = tuple(bridge(position, events, start))
            for each in found:
                if isinstance(each, Reset):
                    chunks.append(self._reset(index, each))
                else:
                    self.positions[index] = each.position
                    chunks.append(self._event(each))
        return chunks

    def _told(self, hub: Home) -> list[Chunk]:
        """Write the notices, and whether events come as they happen."""
        is_live = hub.is_live_for(self.feeds)
        if is_live != self.told_live:
            self.told_live = is_live
            self._notices.append((frames.LIVE if is_live else frames.INTERRUPTED, {}))
        if not self._notices:
            return []
        notices, self._notices = self._notices, []
        return [self._notice(name, data) for name, data in notices]

    def _reset(self, index: int, reset: Reset) -> Chunk:
        if reset.position is not None:
            self.positions[index] = reset.position
        data = {"channel": self.feeds[index].log.name, "reason": reset.reason}
        return self._notice(frames.RESET, data | {"missed": reset.missed})


class EventStream(Client[bytes]):
    """
    A client of Server-Sent Events.

    Args:
        write: Takes bytes; returns once more are taken.
        end: Ends the connection.
    """

    __slots__ = ("_write_bytes",)

    def __init__(
        self, write: Callable[[bytes], Coroutine[Any, Any, None]], end: Callable[[], object]
    ) -> None:
        super().__init__(end)
        self._write_bytes = write

    def _event(self, event: Event) -> bytes:
        return event.lines() if len(self.feeds) == 1 else event.lines(self.event_id)

    def _notice(self, name: str, data: Mapping[str, Any]) -> bytes:
        retry_ms = data.get("retry_ms", 0)
        event_id = self.event_id
        if name == frames.READY:
            data = data | {"channels": self.channels, "id": event_id}  # type: ignore[operator]  # dicts
        elif name == frames.BEAT:
            data = {"id": event_id}
        return frames.notice_lines(name, data, event_id, retry_ms)

    async def _write(self, chunks: list[bytes]) -> None:
        if len(chunks) == 1:
            await self._write_bytes(chunks[0])
            return
        waiting: list[bytes] = []
        size = 0
        for chunk in chunks:
            waiting.append(chunk)
            size += len(chunk)
            if size > _WRITE_BYTES:  # else a slow client keeps a whole page in the server's buffer
                await self._write_bytes(b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            await self._write_bytes(b"".join(waiting))


class Socket(Client[str]):
    """
    A client of WebSocket.

    Args:
        send: Takes a text; returns once more are taken.
        end: Ends the connection.
    """

    __slots__ = ("_send",)

    def __init__(
        self, send: Callable[[str], Coroutine[Any, Any, None]], end: Callable[[], object]
    ) -> None:
        super().__init__(end)
        self._send = send

    def _event(self, event: Event) -> str:
        return event.text()

    def _notice(self, name: str, data: Mapping[str, Any]) -> str:
        if name in {frames.READY, frames.BEAT, frames.LIVE, frames.RESET}:
            places = dict(zip(self.channels, self.positions, strict=True))
            data = {**data, "at": {n: None if p is None else str(p) for n, p in places.items()}}
        return frames.notice_text(name, data)

    async def _write(self, chunks: list[str]) -> None:
        for chunk in chunks:
            await self._send(chunk)
