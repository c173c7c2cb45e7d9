"""
What all processes of the stress test see: which versions there are, and what each one has counted.

A version that a writer has put on the board was acknowledged; one that a reader has put there was
seen. Whoever begins to read after that must not get an older one. A write of which nobody knows
what became of it is neither, until somebody sees it. It lies in a file that is mapped into memory,
so that nothing is lost with a process that is killed.
"""

import mmap
from pathlib import Path

KINDS = (
    "save", "atomic", "update", "raw", "rollback", "lock", "replace", "move", "list", "join",
    "tags", "kept", "function", "view", "count",
)  # fmt: skip
#: How many ways there are to ask for one row.
WAYS = 8
#: What is counted for each process.
COUNTS = (
    "asked", "compared", "stale", "back", "unwritten", "unread", "sent",
    "written", "refused", "doubtful",
)  # fmt: skip
_WORD_BYTES = 8


class Board:
    """Numbers in shared memory; each has one process that writes it."""

    def __init__(self, path: Path, writers: int, readers: int):
        self.writers, self.readers = writers, readers
        self._block = 2 + readers  # attempted, acknowledged, seen by each reader
        self._counts_at = len(KINDS) * writers * self._block
        size = (self._counts_at + (writers + readers) * len(COUNTS)) * _WORD_BYTES
        if not path.exists():
            path.write_bytes(bytes(size))
        with path.open("r+b") as file:
            self._words = memoryview(mmap.mmap(file.fileno(), size)).cast("q")
        self._places = {
            (kind, writer): (at * writers + writer) * self._block
            for at, kind in enumerate(KINDS)
            for writer in range(writers)
        }

    def attempt(self, kind, writer, version):
        """Say that a writer is about to write *version*."""
        self._words[self._places[kind, writer]] = version

    def attempted(self, kind, writer):
        return self._words[self._places[kind, writer]]

    def acknowledge(self, kind, writer, version):
        self._words[self._places[kind, writer] + 1] = version

    def acknowledged(self, kind, writer):
        return self._words[self._places[kind, writer] + 1]

    def see(self, kind, writer, reader, version):
        """Say that a reader was answered *version*; it never goes back."""
        at = self._places[kind, writer] + 2 + reader
        if version > self._words[at]:
            self._words[at] = version

    def newest(self, kind, writer):
        """What was acknowledged, or seen by anybody."""
        at = self._places[kind, writer]
        return max(self._words[at + 1 : at + self._block])

    def count(self, process, name, more=1):
        """Count for a process; writers come first."""
        self._words[self._counts_at + process * len(COUNTS) + COUNTS.index(name)] += more

    def counts(self, process):
        at = self._counts_at + process * len(COUNTS)
        return dict(zip(COUNTS, self._words[at : at + len(COUNTS)], strict=True))

    def total(self, name):
        return sum(self.counts(process)[name] for process in range(self.writers + self.readers))
