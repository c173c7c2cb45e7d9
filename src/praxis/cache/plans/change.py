"""
What an INSERT, UPDATE or DELETE changes, worked out once for each text.

The forms that Django writes are taken apart: one table, its new values, the keys in its WHERE.
Everything else counts for all rows of the tables that it writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from praxis.cache.catalog import Catalog, NotComparableError, TableFacts
from praxis.cache.plans.conditions import (
    Narrowed,
    Places,
    Source,
    chosen_of,
    closing,
    depths,
    narrowed_by,
)
from praxis.cache.protocol.calls import MAX_CONDITIONS_WRITTEN
from praxis.cache.statements import Kind, Statement, analyse
from praxis.cache.statements.lexing import PLACEHOLDER, Tokens, tokenize
from praxis.cache.statements.memory import remembered

INSERT, UPDATE, DELETE = "INSERT", "UPDATE", "DELETE"

Conditions = dict[tuple[str, ...], set[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Change:
    """
    Attributes:
        statement: What the text does.
        verb: INSERT, UPDATE or DELETE where it is of a known form, else "".
        table: The one table that is written then.
        keys: The rows, where the WHERE names them by their keys.
        values: The columns that are set: where their new values come from, or None if the
            database works them out.
        width: Of an INSERT, how many parameters a row takes; 0 if they are not all parameters.
        where: Where the condition of an UPDATE begins in the text, after the word; 0 if it has
            none, or more comes after it.
    """

    statement: Statement
    verb: str = ""
    table: str = ""
    keys: Narrowed | None = None
    values: Mapping[str, Source | None] = field(default_factory=dict)
    width: int = 0

    def told(
        self, shapes: Sequence[tuple[str, ...]], parameters: Sequence[object], facts: TableFacts
    ) -> Conditions:
        """
        The conditions of *shapes* that the written rows met or meet, as far as the text tells.

        A shape that is missing from the answer is one that nothing is known about.
        """
        found: Conditions = {}
        for shape in shapes:
            try:
                rows = self._rows(shape, parameters, facts)
            except (NotComparableError, IndexError, KeyError, TypeError):
                continue
            if rows is not None:
                found[shape] = rows
        return found

    def _rows(
        self, shape: tuple[str, ...], parameters: Sequence[object], facts: TableFacts
    ) -> set[tuple[object, ...]] | None:
        if self.verb == INSERT:
            return self._new_rows(shape, parameters, facts)
        if shape == (facts.key,) and self.keys is not None and facts.key not in self.values:
            form = facts.columns[facts.key]
            return {(form(source(parameters)),) for (source,) in self.keys.alternatives}
        return None

    def _new_rows(
        self, shape: tuple[str, ...], parameters: Sequence[object], facts: TableFacts
    ) -> set[tuple[object, ...]] | None:
        if shape == (facts.key,) and facts.key not in self.values:
            return set()  # the database makes the key: nobody has read that row
        if not self.width or any(column not in self.values for column in shape):
            return None
        count = len(parameters) // self.width
        if count * self.width != len(parameters) or count > MAX_CONDITIONS_WRITTEN:
            return None
        rows: set[tuple[object, ...]] = set()
        for row in range(count):
            own = parameters[row * self.width : (row + 1) * self.width]
            rows.add(tuple(_value(self.values[column], facts, column, own) for column in shape))
        return rows


def _value(
    source: Source | None, facts: TableFacts, column: str, parameters: Sequence[object]
) -> object:
    if source is None:
        raise NotComparableError
    return facts.form(column, source(parameters))


@remembered
def change(sql: str, vendor: str, tables: Catalog) -> Change:
    """The plan of a text that writes."""
    statement = analyse(sql, vendor)
    if statement.kind is not Kind.WRITE or statement.writes is None or len(statement.writes) != 1:
        return Change(statement)
    tokens = tokenize(sql, vendor)
    if tokens is None:
        return Change(statement)
    (written,) = statement.writes
    facts = tables.get(written.name)
    reader = {INSERT: _insert, UPDATE: _update, DELETE: _delete}.get(tokens.keys[0])
    foreign = _FOREIGN - _OF_IGNORING if _is_ignoring(tokens) else _FOREIGN
    if facts is None or reader is None or not foreign.isdisjoint(tokens.keys):
        return Change(statement)
    places = Places(tokens, vendor)
    places.aliases[written.name] = written.name
    return reader(statement, places, facts) or Change(statement)


#: With these there is more to it than one table and its rows.
_FOREIGN = frozenset({
    "WITH", "USING", "CONFLICT", "DUPLICATE", "ONLY", "ORDER", "LIMIT", "REPLACE",
})  # fmt: skip


_OF_IGNORING = frozenset({"CONFLICT"})


def _is_ignoring(tokens: Tokens) -> bool:
    """Whether it ends with ``ON CONFLICT DO NOTHING``: some rows are not written, and no others."""
    end = tokens.size - (tokens.keys[tokens.size - 1] == ";")
    return tokens.keys[end - 4 : end] == ["ON", "CONFLICT", "DO", "NOTHING"]


def _insert(statement: Statement, places: Places, facts: TableFacts) -> Change | None:
    """``INSERT INTO t (columns) VALUES (parameters), …``"""
    del facts
    tokens = places.tokens
    into = 3 if tokens.keys[1:3] == ["OR", "IGNORE"] else 1
    at = _after_table(places, into + 1) if tokens.keys[into] == "INTO" else 0
    if not at or tokens.keys[at] != "(":
        return None
    close = closing(tokens, at)
    columns = [places.name(i) for i in range(at + 1, close) if tokens.is_name(i)]
    at = close + 1
    if tokens.keys[at] != "VALUES" or tokens.keys[at + 1] != "(":
        return None
    end = closing(tokens, at + 1)
    sources = [s for i in range(at + 2, end) for s in places.sources(i)]
    inside = range(at + 2, end)
    plain = all(tokens.kinds[i] == PLACEHOLDER or tokens.keys[i] == "," for i in inside)
    more = range(end + 1, tokens.size)
    rest = next((i for i in more if tokens.keys[i] in {"RETURNING", "ON"}), tokens.size)
    if not plain or len(columns) != len(sources) or not _is_values(tokens, end + 1, rest):
        return Change(statement, INSERT, facts_name(statement), values=dict.fromkeys(columns))
    values = dict(zip(columns, sources, strict=True))
    return Change(statement, INSERT, facts_name(statement), values=values, width=len(columns))


def _is_values(tokens: Tokens, start: int, end: int) -> bool:
    """Whether there are only further rows of parameters, which the lexer has left out."""
    return all(tokens.keys[at] in {",", ";"} for at in range(start, end))


def _update(statement: Statement, places: Places, facts: TableFacts) -> Change | None:
    """``UPDATE t SET column = value, … WHERE …``"""
    tokens = places.tokens
    at = _after_table(places, 1)
    if not at or tokens.keys[at] != "SET" or "FROM" in _outer_keys(tokens, at):
        return None
    where = _outer(tokens, at, "WHERE")
    values: dict[str, Source | None] = {}
    start = at + 1
    for i, depth in [*depths(tokens, start, where), (where, 0)]:
        if i == where or (depth == 0 and tokens.keys[i] == ","):
            if not tokens.is_name(start) or tokens.keys[start + 1] != "=":
                return None
            values[places.name(start)] = _set_to(places, start + 2) if start + 3 == i else None
            start = i + 1
    keys = _keys(places, where, facts)
    return Change(statement, UPDATE, facts_name(statement), keys, values)


def _set_to(places: Places, at: int) -> Source | None:
    """Where the value comes from that a column is set to by one word."""
    if places.tokens.keys[at] == "NULL":
        return lambda _: None
    sources = places.sources(at)
    return sources[0] if len(sources) == 1 else None


def _delete(statement: Statement, places: Places, facts: TableFacts) -> Change | None:
    """``DELETE FROM t WHERE …``"""
    at = _after_table(places, 2) if places.tokens.keys[1] == "FROM" else 0
    if not at:
        return None
    keys = _keys(places, _outer(places.tokens, at, "WHERE"), facts)
    return Change(statement, DELETE, facts_name(statement), keys)


def facts_name(statement: Statement) -> str:
    """The one table that is written."""
    return next(table.name for table in statement.writes or ())


def _keys(places: Places, where: int, facts: TableFacts) -> Narrowed | None:
    tokens = places.tokens
    end = min(_outer(tokens, where, "RETURNING"), tokens.size - (tokens.keys[-1:] == [";"]))
    usable = {
        one.column: one
        for one in places.conditions(where + 1, end)
        if one.column == facts.key and one.serves(facts, inner=True)
    }
    chosen = chosen_of(usable, facts.key)
    if not chosen or chosen[0].null or facts.key not in facts.columns:
        return None
    return narrowed_by("", chosen, facts)


def _after_table(places: Places, at: int) -> int:
    tokens = places.tokens
    if not tokens.is_name(at):
        return 0
    return at + 3 if tokens.keys[at + 1] == "." else at + 1


def _outer(tokens: Tokens, start: int, key: str) -> int:
    """Where *key* stands outside of brackets; behind everything if nowhere."""
    for at, depth in depths(tokens, start, tokens.size):
        if depth == 0 and tokens.keys[at] == key:
            return at
    return tokens.size


def _outer_keys(tokens: Tokens, start: int) -> set[str]:
    return {tokens.keys[at] for at, depth in depths(tokens, start, tokens.size) if depth == 0}
