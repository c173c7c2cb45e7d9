"""The table that the measurement of recall prints."""

from benchmarks.recall.judging import Verdict
from benchmarks.recall.measurement import Row, table_of
from tests.unit.benchmarks.test_recall_judging import CASE

MACHINE = {"python": "3.13.1", "date": "2026-01-01"}


def test_counts_by_kind_and_names_what_is_missed():
    rows = [
        Row(CASE, Verdict(True, True, ("author",), (), ("ORM103",))),
        Row(CASE, Verdict(False, False, (), (), ())),
    ]

    table = table_of(rows, MACHINE, "1.0")

    assert "Relations found, of all that the cases name: 1 of 2." in table
    assert "| template | 2 | 1 | 50% | 1 | 0 |" in table
    assert "## Missed\n\n- `shop-books` (template, shop 1.0): Book: author." in table
    assert "Told after the fix" not in table


def test_names_what_is_told_after_the_fix_or_by_another_query():
    rows = [Row(CASE, Verdict(True, False, ("author",), ("author",), ("ORM103",)))]

    table = table_of(rows, MACHINE, "1.0")

    assert "## Told after the fix as well\n\n- `shop-books`" in table
    assert "## Found by another query of the same rows only\n\n- `shop-books`" in table
    assert "## Missed" not in table
