"""An UPDATE or DELETE that also tells what its rows were and are, at no extra trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from praxis.cache.catalog import Catalog, NotComparableError, TableFacts
from praxis.cache.hooks.unchanged_rows import Try, Unchanged, unchanged
from praxis.cache.plans.change import DELETE, UPDATE, Change, Conditions, change
from praxis.cache.protocol.calls import MAX_CONDITIONS_WRITTEN
from praxis.cache.statements.lexing import tokenize
from praxis.cache.statements.memory import remembered

_OLD = "praxis_old"


@dataclass(frozen=True, slots=True)
class Asking:
    """
    A statement that answers with columns of its rows.

    Attributes:
        sql: What to execute instead.
        columns: Of these the old values come first, and then, of an UPDATE, the new ones.
        unchanged: What to try before, where the row mostly stays as it is in these columns.
    """

    sql: str
    columns: tuple[str, ...]
    unchanged: Unchanged | None


@dataclass(frozen=True, slots=True)
class Returning:
    """
    How one statement is asked what its rows were and are.

    Attributes:
        asking: What to execute.
        table: The one that is written.
        shapes: What is to be known of its rows.
        known: What the text told of them.
        facts: Of the table.
    """

    asking: Asking
    table: str
    shapes: tuple[tuple[str, ...], ...]
    known: Conditions
    facts: TableFacts

    def first(self, parameters: object) -> "Try | None":
        """What to try before, with what it changes if it changes a row."""
        unchanged = self.asking.unchanged
        if unchanged is None:
            return None
        return unchanged.with_parameters(parameters, self.facts, self.shapes, self.known)

    def note(self, *, same: bool) -> None:
        """A row stayed as it was in what is asked of it, or did not."""
        if self.asking.unchanged is not None:
            self.asking.unchanged.luck.note(same=same)

    def found(self, rows: Sequence[Sequence[Any]]) -> Conditions | None:
        """The conditions that the rows met and meet; None if they are too many."""
        if len(rows) > MAX_CONDITIONS_WRITTEN:
            return None
        columns, told = self.asking.columns, dict(self.known)
        width = len(columns)
        if len(rows) == 1:
            self.note(same=rows[0][:width] == rows[0][width:])
        for shape in self.shapes:
            if shape in told:
                continue
            places = [columns.index(column) for column in shape]
            try:
                told[shape] = {
                    tuple(self.facts.form(columns[place], row[start + place]) for place in places)
                    for row in rows
                    for start in range(0, len(row), width)
                }
            except NotComparableError:
                continue
        return told


def returning(
    told: Change,
    text: str,
    database: Any,
    shapes: tuple[tuple[str, ...], ...],
    tables: Catalog,
    known: Conditions,
) -> Returning | None:
    """
    How to ask a statement for what its text does not tell; None where it cannot be asked.

    The old values are those of rows that are locked first: what others commit in between is
    among them, which it is not in what the statement itself saw when it began.
    """
    if database.vendor != "postgresql":
        return None
    asking = _asking(text, tables, shapes)
    if asking is None:
        return None
    return Returning(asking, told.table, shapes, known, tables[told.table])


@remembered
def _asking(text: str, tables: Catalog, shapes: tuple[tuple[str, ...], ...]) -> Asking | None:
    """What to execute instead, worked out once for a text."""
    told = change(text, "postgresql", tables)
    facts = tables[told.table]
    upper = text.upper()
    if not facts.key or "RETURNING" in upper or ";" in text or "--" in text or "/*" in text:
        return None
    table = _table_of(text, told)
    if table is None:
        return None
    columns = tuple(dict.fromkeys(column for shape in shapes for column in shape))
    own = ", ".join(f"{table}.{_quoted(column)}" for column in columns)
    if told.verb == DELETE:
        return Asking(f"{text} RETURNING {own}", columns, None)
    if told.verb != UPDATE:
        return None
    head, where = _parted(text)
    if head is None:
        return None
    read = tuple(dict.fromkeys((facts.key, *columns)))
    # named anew: a column that the statement's own text names alone stays the table's
    names = {column: _quoted(f"{_OLD}_{place}") for place, column in enumerate(read)}
    inner = ", ".join(f"{table}.{_quoted(column)} {names[column]}" for column in read)
    old = ", ".join(f"{_quoted(_OLD)}.{names[column]}" for column in columns)
    # The lock that an UPDATE of other columns than keys takes itself; it lets others refer to
    # the row. Every part is quoted, or stands in the statement that is executed as it is.
    locked = f"SELECT {inner} FROM {table}{where} FOR NO KEY UPDATE"  # noqa: S608
    sql = (
        f"{head} FROM ({locked}) {_quoted(_OLD)} WHERE {table}.{_quoted(facts.key)} = "
        f"{_quoted(_OLD)}.{names[facts.key]} RETURNING {old}, {own}"
    )
    more = dict.fromkeys(c for shape in shapes if shape != (facts.key,) for c in shape)
    return Asking(sql, columns, unchanged(told, table, head, where, tuple(more)))


def _quoted(name: str) -> str:
    """As PostgreSQL takes it; the names of columns that are told of have no quotes in them."""
    return f'"{name}"'


def _table_of(text: str, told: Change) -> str | None:
    """The table as it is written, quotes and all; only as Django writes it."""
    word = text.split(" ", 3)[1 if told.verb == UPDATE else 2]
    return word if word.startswith('"') and word.endswith('"') else None


def _parted(text: str) -> tuple[str | None, str]:
    """What stands before the WHERE of an UPDATE, and the WHERE."""
    tokens = tokenize(text, "postgresql")
    wheres = text.count(" WHERE ")
    if tokens is None or wheres > 1 or tokens.keys.count("WHERE") != wheres:
        return None, ""
    if "CURRENT" in tokens.keys:  # the row of a cursor, which a SELECT cannot ask for
        return None, ""
    head, word, condition = text.partition(" WHERE ")
    return head, f"{word}{condition}"
