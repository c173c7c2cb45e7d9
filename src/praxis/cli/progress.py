"""A line on the terminal that says how far the work is, if it takes long enough to wonder."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 1.0
_REDRAW_S = 0.1


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """
    Show ``what 1,200 of 5,000`` on stderr where that is a terminal; wiped at the end.

    Nothing is shown in the first second.
    """
    stream = sys.stderr
    shown = False
    due = time.monotonic() + PATIENCE_S

    def tell(done: int, total: int) -> None:
        nonlocal shown, due
        now = time.monotonic()
        if now >= due and stream.isatty():
            shown, due = True, now + _REDRAW_S
            stream.write(f"\r\x1b[2K{what} {done:,} of {total:,}")
            stream.flush()

    try:
        yield tell
    finally:
        if shown:
            stream.write("\r\x1b[2K")
            stream.flush()
