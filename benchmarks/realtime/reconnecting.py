"""Readers that are cut off all the time and come back with their last id: what they lack."""

import itertools
import re
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

#: Events between two cuts.
_READ = 10
_LINE = re.compile(rb"id: ?([^\n]*)\n|@(\d+)@")


@dataclass
class Losses:
    """What all readers together lack, or have twice, of what was published."""

    published: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    announced: int = 0
    reconnects: int = 0


@dataclass
class Reader:
    """One reader, in a thread of its own."""

    port: int
    path: str
    cuts: int
    until: int
    read: list[int] = field(default_factory=list)
    announced: int = 0
    reconnects: int = 0
    is_ready: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        last = b""
        while not self.ended.is_set():
            with suppress(OSError):
                last = self._connect(last)
            self.reconnects += 1

    def _connect(self, last: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as sock:
            header = b"Last-Event-ID: %s\r\n" % last if last else b""
            sock.sendall(
                b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n"
                % (self.path.encode(), self.port, header)
            )
            left, rest = (_READ if self.reconnects < self.cuts else 10**9), b""
            while left > 0 and not self.ended.is_set():
                try:
                    data = sock.recv(65536)
                except TimeoutError:
                    continue
                if not data:
                    break
                self.is_ready.set()
                *blocks, rest = (rest + data).split(b"\n\n")
                for block in blocks:
                    for match in _LINE.finditer(block + b"\n"):
                        if match[1] is not None:
                            last = match[1].strip()
                        else:
                            self._take(int(match[2]))
                            left -= 1
                    self.announced += b"praxis.reset" in block
                    if left <= 0:
                        break  # what came in the same piece is thrown away
        return last

    def _take(self, number: int) -> None:
        self.read.append(number)
        if number == self.until:
            self.ended.set()


def measure(readers: list[Reader], count: int, wait_s: float) -> Losses:
    """Wait for the last event, not for ever, and count."""
    end_s = time.monotonic() + wait_s
    for reader in readers:
        reader.ended.wait(max(0.0, end_s - time.monotonic()))
        reader.ended.set()
    found = Losses(published=count * len(readers))
    for reader in readers:
        times = Counter(reader.read)
        found.lost += sum(1 for number in range(count) if not times[number])
        found.doubled += sum(each - 1 for each in times.values())
        firsts = list(dict.fromkeys(reader.read))
        found.disordered += sum(1 for a, b in itertools.pairwise(firsts) if b < a)
        found.announced += reader.announced
        found.reconnects += reader.reconnects
    return found
