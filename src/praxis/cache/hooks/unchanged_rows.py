"""
An UPDATE of one row that writes it only if it leaves alone what queries narrow by.

`Model.save` sets every column, most of them to what they were. What a row was is dear to ask for:
it takes a second look at the table. That it was the same is not: it is one condition more.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from praxis.cache.catalog import NotComparableError, TableFacts
from praxis.cache.plans.change import UPDATE, Change, Conditions
from praxis.cache.plans.conditions import Source

#: Values that a column is compared with as it is set to them, without a word on their type.
_PLAIN = frozenset({int, bool, str, uuid.UUID, dt.date, type(None)})
#: A try that fails costs twice what one that succeeds saves.
_LOST, _MOST, _LEAST = -2, 4, -8


@dataclass(slots=True)
class Luck:
    """
    Whether rows of a statement mostly stay as they were, by the last of them.

    Threads share it without a lock: it decides what is tried first, and nothing else.
    """

    _worth: int = 0

    def is_worth_it(self) -> bool:
        return self._worth >= 0

    def note(self, *, same: bool) -> None:
        """A row was the same as it is set to, or was not."""
        self._worth = max(_LEAST, min(_MOST, self._worth + (1 if same else _LOST)))


@dataclass(frozen=True, slots=True)
class Try:
    """
    A statement to execute first. If it answers with no row, it wrote none.

    Attributes:
        sql: The statement.
        parameters: Its own.
        conditions: What the row meets, if there is one, before and after, but for triggers.
    """

    sql: str
    parameters: tuple[object, ...]
    conditions: Conditions
    _columns: tuple[str, ...]
    _values: list[object]
    _facts: TableFacts

    def found(self, row: Sequence[object]) -> Conditions | None:
        """What the row that it answered with met and meets; None if that cannot be told."""
        if list(row) == self._values:
            return self.conditions
        try:
            met = _met(self._columns, row, self.conditions, self._facts)
        except NotComparableError:
            return None
        # a trigger may have set others than the statement
        return {shape: rows | met.get(shape, set()) for shape, rows in self.conditions.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Unchanged:
    """
    How to update a row that is what it is set to in some columns.

    Attributes:
        sql: The statement; it answers with these columns of its rows.
        columns: The columns.
        sources: Where their values come from.
        luck: Of all who execute it.
    """

    sql: str
    columns: tuple[str, ...]
    sources: tuple[Source, ...]
    luck: Luck = field(default_factory=Luck)

    def with_parameters(
        self,
        parameters: object,
        facts: TableFacts,
        shapes: Sequence[tuple[str, ...]],
        known: Conditions,
    ) -> Try | None:
        """
        The statement with its parameters; None where it is not worth a try.

        Args:
            parameters: Of the statement that the project executes.
            facts: Of its table.
            shapes: What is to be known of the row.
            known: What the text told of it.
        """
        if not self.luck.is_worth_it() or not isinstance(parameters, list | tuple):
            return None
        try:
            asked = [source(parameters) for source in self.sources]
            if not _PLAIN.issuperset(map(type, asked)):
                return None
            met = _met(self.columns, asked, [s for s in shapes if s not in known], facts)
        except (NotComparableError, IndexError, KeyError, TypeError):
            return None
        return Try(self.sql, (*parameters, *asked), known | met, self.columns, asked, facts)


def _met(
    columns: Sequence[str],
    values: Sequence[object],
    shapes: Iterable[tuple[str, ...]],
    facts: TableFacts,
) -> Conditions:
    """The conditions that a row meets, of the shapes that are made of these columns."""
    forms = {c: facts.form(c, value) for c, value in zip(columns, values, strict=True)}
    known = [shape for shape in shapes if forms.keys() >= set(shape)]
    return {shape: {tuple([forms[column] for column in shape])} for shape in known}


def unchanged(
    told: Change, table: str, head: str, where: str, columns: Sequence[str]
) -> Unchanged | None:
    """
    How to try an UPDATE first; None where it is not of one row, or sets others of the columns.

    Args:
        told: What it changes.
        table: Its table, as the text has it.
        head: What stands before its WHERE.
        where: The WHERE.
        columns: The columns that are asked for, of names without quotes in them.
    """
    if told.verb != UPDATE or told.keys is None or len(told.keys.alternatives) != 1:
        return None
    sources = [told.values.get(column) for column in columns]
    known = tuple(source for source in sources if source is not None)
    if not known or len(known) < len(sources):
        return None
    own = [f'{table}."{column}"' for column in columns]
    same = " AND ".join(f"{column} IS NOT DISTINCT FROM %s" for column in own)
    condition = where.removeprefix(" WHERE ")
    sql = f"{head} WHERE ({condition}) AND {same} RETURNING {', '.join(own)}"
    return Unchanged(sql, tuple(columns), known)
