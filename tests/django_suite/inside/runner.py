"""Django's test runner, which also writes down what became of each test and of the cache."""

import json
import logging
import traceback
import unittest
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from django.db import connections
from django.test.runner import DiscoverRunner
from django.test.testcases import _AssertNumQueriesContext

from praxis.cache.codec import CorruptEntryError, decode
from praxis.cache.hooks import lookups
from praxis.cache.hooks.verification import differences
from praxis.cache.install import install
from praxis.conf import config
from tests.django_suite.inside import commits, counting, echo, replay
from tests.django_suite.run import Run
from tests.django_suite.settings import ORDER

#: Told by our own checks while a test ran, besides what it asserted.
_told: list[str] = []
_warnings: Counter[str] = Counter()


class Runner(DiscoverRunner):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if config().cache.models:
            install()
            counting.count()
            _read_back_what_is_written()
            logging.getLogger("praxis").addHandler(_Collector())
        if ORDER["replays"]:
            replay.replay()
        if ORDER["echoes"]:
            echo.echo()
        if ORDER["commits"]:
            commits.commit()

    def get_resultclass(self) -> Any:
        return Result

    def suite_result(self, suite: Any, result: Any, **options: Any) -> int:
        report = {name: asdict(one) for name, one in result.modules.items()}
        Path(ORDER["report"]).write_text(json.dumps(report), encoding="utf-8")
        return int(super().suite_result(suite, result, **options))


class Result(unittest.TextTestResult):
    """
    Attributes:
        modules: What became of the tests of each module, by its name.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.modules: defaultdict[str, Run] = defaultdict(Run)

    def stopTest(self, test: Any) -> None:  # noqa: N802 - unittest's name, as are those below
        if ORDER["replays"]:
            for connection in connections.all(initialized_only=True):
                replay.check(connection)
            _told.extend(replay.STALE)
            replay.forget()
        run = self._of(test)
        run.tests += 1
        # with what the class did before its first test
        for counter in (counting.COUNTS, replay.CHECKED):
            run.counts = dict(Counter(run.counts) + counter)
            counter.clear()
        run.told += [f"{test.id()}: {one}" for one in _told]
        _told.clear()
        run.warnings = dict(Counter(run.warnings) + _warnings)
        _warnings.clear()
        super().stopTest(test)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        super().addSkip(test, reason)
        self._of(test).skipped += 1

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._note(test, err)  # first: unittest cuts frames off
        super().addFailure(test, err)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._note(test, err)  # first: unittest cuts frames off
        super().addError(test, err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            self._note(test, err)
        super().addSubTest(test, subtest, err)

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        super().addUnexpectedSuccess(test)
        self._of(test).failures[test.id()] = "unexpected success"

    def _of(self, test: Any) -> Run:
        """The run of a test's module; of a class as a whole the name stands in brackets."""
        return self.modules[test.id().rpartition("(")[2].partition(".")[0]]

    def _note(self, test: Any, err: Any) -> None:
        run, name = self._of(test), test.id()
        is_first = name not in run.failures
        trace = "".join(traceback.format_exception(*err, limit=-8))[-4000:]
        run.failures[name] = trace if is_first else run.failures[name]
        if not _made_fewer_queries(err[2]):
            run.fewer_queries = [one for one in run.fewer_queries if one != name]
        elif is_first:
            run.fewer_queries.append(name)


def _made_fewer_queries(trace: TracebackType | None) -> bool:
    """Whether a failure is that of ``assertNumQueries`` with fewer than were expected."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    for frame in frames:
        if frame.f_code is _AssertNumQueriesContext.__exit__.__code__:
            return bool(frame.f_locals["executed"] < frame.f_locals["self"].num)
    return False


def _read_back_what_is_written() -> None:
    """Compare each payload with the rows that it was made of."""
    encode = lookups.encode

    def encode_and_read_back(rows: Any) -> bytes:
        payload = encode(rows)
        try:
            back = decode(payload, _zone(rows))
        except CorruptEntryError as error:
            _told.append(f"not read back: {error}: {rows[:5]!r}")
        else:
            if any(differences(back, rows)):
                _told.append(f"read back otherwise: {rows[:5]!r} as {back[:5]!r}")
        return payload

    lookups.encode = encode_and_read_back


def _zone(rows: Any) -> Any:
    """The time zone that the connection tells times in, as its rows show."""
    values = (getattr(value, "tzinfo", None) for row in rows for value in row)
    return next((zone for zone in values if zone is not None), None)


class _Collector(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            _told.append(record.getMessage())
        elif record.levelno >= logging.WARNING:
            _warnings[record.getMessage()[:300]] += 1
