import io

import pytest

from praxis.cli import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_tells_after_a_second_and_wipes_the_line(clock, monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.progress("Reading files:") as tell:
        tell(10, 5000)
        assert stream.getvalue() == ""
        clock[0] = 1.5
        tell(1200, 5000)
        assert stream.getvalue() == "\r\x1b[2KReading files: 1,200 of 5,000"
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_tells_nothing_where_nobody_watches(clock, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with progress.progress("Reading files:") as tell:
        clock[0] = 5.0
        tell(1200, 5000)
    assert stream.getvalue() == ""
