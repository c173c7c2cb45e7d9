"""An UPDATE or DELETE that also tells what its rows were and are, at no extra trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from praxis.cache.catalog import Catalog, NotComparableError, TableFacts
from praxis.cache.plans.change import DELETE, UPDATE, Change, Conditions, change
from praxis.cache.protocol.calls import MAX_CONDITIONS_WRITTEN
from praxis.cache.statements.lexing import tokenize
from praxis.cache.statements.memory import remembered

_OLD = "praxis_old"


@dataclass(frozen=True, slots=True)
class Returning:
    """
    A statement that answers with columns of its rows.

    Attributes:
        sql: What to execute instead.
        table: The one that is written.
        columns: Of these the old values come first, and then, of an UPDATE, the new ones.
    """

    sql: str
    table: str
    columns: tuple[str, ...]
    shapes: tuple[tuple[str, ...], ...]
    known: Conditions
    facts: TableFacts

    def found(self, rows: Sequence[Sequence[Any]]) -> Conditions | None:
        """The conditions that the rows met and meet; None if they are too many."""
        if len(rows) > MAX_CONDITIONS_WRITTEN:
            return None
        width, told = len(self.columns), dict(self.known)
        for shape in self.shapes:
            if shape in told:
                continue
            places = [self.columns.index(column) for column in shape]
            try:
                told[shape] = {
                    tuple(self._form(row[start + place], self.columns[place]) for place in places)
                    for row in rows
                    for start in range(0, len(row), width)
                }
            except NotComparableError:
                continue
        return told

    def _form(self, value: object, column: str) -> object:
        return None if value is None else self.facts.columns[column](value)


def returning(
    told: Change,
    text: str,
    database: Any,
    shapes: Sequence[tuple[str, ...]],
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
    asking = _asking(text, tables, tuple(shapes))
    if asking is None:
        return None
    sql, columns = asking
    return Returning(sql, told.table, columns, tuple(shapes), known, tables[told.table])


@remembered
def _asking(
    text: str, tables: Catalog, shapes: tuple[tuple[str, ...], ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The statement to execute instead, and the columns that it answers with; once for a text."""
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
        return f"{text} RETURNING {own}", columns
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
    return sql, columns


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
