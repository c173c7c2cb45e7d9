"""
Positions in the write-ahead log of PostgreSQL, and which of them a replica shows. No I/O here.

A position belongs to a timeline: a replica that is promoted begins a new one, and the same number
then means something else on a server that did not follow.
"""

import re
from dataclasses import dataclass

_TEXT = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})", re.ASCII)
_MOST = (1 << 64) - 1
#: What a page of the log begins with, and the first one of a segment; MAXALIGN'd sizes of
#: XLogPageHeaderData and XLogLongPageHeaderData in PostgreSQL's access/xlog_internal.h.
_PAGE_HEADER, _SEGMENT_HEADER = 24, 40
PAGE_BYTES, SEGMENT_BYTES = 8192, 16 * 1024 * 1024  # PostgreSQL's own defaults


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """
    A position in the log; of two the one on the later timeline is the later.

    Attributes:
        timeline: From 1.
        lsn: In bytes.
    """

    timeline: int
    lsn: int

    def shows(self, wanted: "Position") -> bool:
        """
        Whether a server that has replayed up to here shows what was written up to *wanted*.

        One that is still on an earlier timeline may hold something else at the same number.
        """
        return self.timeline >= wanted.timeline and self.lsn >= wanted.lsn

    def __str__(self) -> str:
        return f"{format_lsn(self.lsn)} on timeline {self.timeline}"


#: Later than all others: something was written, and it is not known where.
UNKNOWN = Position(_MOST, _MOST)


def parse_lsn(text: str) -> int:
    """
    Read a ``pg_lsn`` such as ``16/B374D848``.

    Raises:
        ValueError: if it is none.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no position in a log")
    return (int(match[1], 16) << 32) + int(match[2], 16)


def format_lsn(lsn: int) -> str:
    """Write it as PostgreSQL does."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def end_of_record(
    lsn: int, *, page_bytes: int = PAGE_BYTES, segment_bytes: int = SEGMENT_BYTES
) -> int:
    """
    The position that a replica reports once it has replayed all before an insert position.

    Where the last record fills its page, the insert position lies behind the header of a page that
    is still empty, and the replica reports the page's beginning; without this it would seem behind
    until more is written. No record ends exactly there: the rest of one that began on the page
    before takes at least eight bytes behind the header.
    """
    header = _PAGE_HEADER if lsn % segment_bytes >= page_bytes else _SEGMENT_HEADER
    return lsn - header if lsn % page_bytes == header else lsn


def timeline_of(walfile: str) -> int:
    """
    The timeline in the name of a segment, as ``pg_walfile_name`` gives it.

    Raises:
        ValueError: if it is no such name.
    """
    return int(walfile[:8], 16)
