"""
What a SELECT depends on, worked out once for each text.

The tables come from the analysis of the text. Where it is one plain SELECT whose WHERE joins
conditions by AND, rows are narrowed by the columns that must equal something; and tables that are
joined by a foreign key's target alone, by the keys that the result names. Everything else depends
on all rows of its tables: more than it need be, and never less.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from praxis.cache.catalog import Catalog, NotComparableError, Reference
from praxis.cache.plans.conditions import (
    Condition,
    Narrowed,
    Places,
    chosen_of,
    closing,
    depths,
    narrowed_by,
)
from praxis.cache.protocol.dependencies import Dependency, Joined, Matching, Whole
from praxis.cache.statements import Kind, Statement, analyse
from praxis.cache.statements.lexing import Tokens, tokenize
from praxis.cache.statements.memory import remembered

_AFTER_FROM = frozenset({
    "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "WINDOW", ";",
})  # fmt: skip
_AFTER_WHERE = _AFTER_FROM - {"WHERE"}
_BEHIND_A_TABLE = frozenset({"INNER", "LEFT", "JOIN", "ON"})
#: With these a table's rows may count although they do not meet the condition.
_FOREIGN = frozenset({"RIGHT", "FULL", "NATURAL", "CROSS", "LATERAL", "USING", "UNION", "ONLY"})


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Attributes:
        statement: What the text does.
        tables: All tables that it reads, by name.
        narrowed: Of these the ones whose rows are known by conditions.
        joined: Those whose rows the result names, with the place of the column that does.
        keyed: The table of which rows are asked for by their keys; "" if there is none.
        proof: The place of the key in the result; -1 if any row proves that the one that was
            asked for is there, and None if nothing does.
    """

    statement: Statement
    tables: frozenset[str]
    narrowed: tuple[Narrowed, ...] = ()
    joined: tuple[tuple[Joined, int], ...] = ()
    keyed: str = ""
    proof: int | None = None

    @property
    def count(self) -> int:
        """How many conditions there are if the parameters tell all of them."""
        return sum(len(one.alternatives) for one in self.narrowed)

    def unproven(self, dependencies: Sequence[Dependency], rows: Sequence[Sequence[Any]]) -> str:
        """
        The table of which the result tells that rows are missing; "" for none.

        The database makes most keys, so that who writes a new row does not know what readers
        asked for before it was there. A result that lacks rows waits for any write, therefore.
        """
        for one in dependencies if self.keyed else ():
            if isinstance(one, Matching) and one.table == self.keyed:
                if self.proof is None:
                    return self.keyed
                if self.proof < 0:
                    return "" if rows and len(one.values) == 1 else self.keyed
                asked = {value for (value,) in one.values}
                return "" if len({row[self.proof] for row in rows}) == len(asked) else self.keyed
        return ""

    def dependencies(self, parameters: Sequence[object]) -> list[Dependency]:
        """What the result depends on, with these parameters."""
        found: dict[str, Dependency] = {table: Whole(table) for table in self.tables}
        for one, _ in self.joined:
            found[one.table] = one
        for narrow in self.narrowed:
            try:
                values = tuple(narrow.rows(parameters))
            except (NotComparableError, IndexError, KeyError, TypeError):
                continue  # all rows, then
            found[narrow.table] = Matching(narrow.table, narrow.columns, values)
        return list(found.values())


@remembered
def plan(sql: str, vendor: str, tables: "Catalog") -> Plan:
    """The plan of a text, as Django or a person wrote it."""
    statement = analyse(sql, vendor)
    names = frozenset(table.name for table in statement.reads)
    if statement.kind is not Kind.READ:
        return Plan(statement, names)
    tokens = tokenize(sql, vendor)
    select = _Select.of(tokens, vendor) if tokens is not None else None
    if select is None or set(select.aliases.values()) != names:
        return Plan(statement, names)
    narrowed = tuple(sorted(select.narrowed(tables), key=lambda one: one.table))
    rest = names - {one.table for one in narrowed}
    joined = tuple(select.joined(tables, rest))
    keys = [one.table for one in narrowed if one.columns == (tables[one.table].key,)]
    if len(keys) > 1:  # which of them lacks a row is more than the result tells
        return Plan(statement, names, joined=joined)
    proof = select.proof(keys[0], tables[keys[0]].key) if keys else None
    return Plan(statement, names, narrowed, joined, "".join(keys), proof)


class _Select:
    """One SELECT without another inside of it, taken apart."""

    def __init__(self, tokens: Tokens, vendor: str, marks: Mapping[str, int]) -> None:
        self._tokens, self._marks = tokens, marks
        self._places = Places(tokens, vendor)
        self.aliases = self._places.aliases
        #: Of each joined table the columns that meet in its ON.
        self._ons: dict[str, tuple[str, str, str, str] | None] = {}
        self._inner: set[str] = set()

    @classmethod
    def of(cls, tokens: Tokens, vendor: str) -> "_Select | None":
        keys = tokens.keys
        if keys[0] != "SELECT" or keys.count("SELECT") != 1 or not _FOREIGN.isdisjoint(keys):
            return None
        marks: dict[str, int] = {}
        for at, depth in depths(tokens, 0, tokens.size):
            if depth == 0 and keys[at] in {"FROM", *_AFTER_FROM}:
                marks.setdefault(keys[at], at)
        if "FROM" not in marks:
            return None
        select = cls(tokens, vendor, marks)
        return select if select._read_tables() else None

    def _end_of(self, start: int, ends: frozenset[str]) -> int:
        found = [at for key, at in self._marks.items() if key in ends and at > start]
        return min(found, default=self._tokens.size)

    def _read_tables(self) -> bool:
        """The aliases after FROM; False where they are not as Django writes them."""
        at = self._marks["FROM"] + 1
        end = self._end_of(self._marks["FROM"], _AFTER_FROM)
        inner, first = True, True
        while at < end:
            if not first:
                key = self._tokens.keys[at]
                if key in {"INNER", "LEFT"}:
                    inner, at = key == "INNER", at + 1
                    at += self._tokens.keys[at] == "OUTER"
                    key = self._tokens.keys[at]
                if key != "JOIN":
                    return False
                at += 1
            after = self._read_table(at, end, inner=inner, first=first)
            if after is None:
                return False
            at, first, inner = after, False, True
        return not first

    def _read_table(self, at: int, end: int, *, inner: bool, first: bool) -> int | None:
        tokens = self._tokens
        if not tokens.is_name(at):
            return None
        table, at = self._places.name(at), at + 1
        if tokens.keys[at] == ".":
            table, at = self._places.name(at + 1), at + 2
        alias = table
        at += tokens.keys[at] == "AS"
        if at < end and tokens.is_name(at) and tokens.keys[at] not in _BEHIND_A_TABLE:
            alias, at = self._places.name(at), at + 1
        if alias in self.aliases:
            return None
        self.aliases[alias] = table
        if inner:
            self._inner.add(alias)
        if first:
            return at
        if tokens.keys[at] != "ON" or tokens.keys[at + 1] != "(":
            return None
        close = closing(tokens, at + 1)
        self._ons[alias] = self._on(at + 2, close)
        return close + 1

    def _on(self, start: int, end: int) -> tuple[str, str, str, str] | None:
        """``a.b = c.d`` as four names; None for any other condition."""
        left, after = self._places.column(start)
        if left is None or self._tokens.keys[after] != "=":
            return None
        right, after = self._places.column(after + 1)
        return (*left, *right) if right is not None and after == end else None

    def narrowed(self, tables: Catalog) -> Iterator[Narrowed]:
        """The tables whose rows are known by conditions, each one once."""
        found: dict[str, list[Condition]] = {}
        if "WHERE" in self._marks:
            start = self._marks["WHERE"]
            for one in self._places.conditions(start + 1, self._end_of(start, _AFTER_WHERE)):
                found.setdefault(one.alias, []).append(one)
        names = list(self.aliases.values())
        for alias, conditions in found.items():
            table = self.aliases[alias]
            facts = tables.get(table)
            if facts is None or names.count(table) != 1:
                continue
            usable = {
                one.column: one
                for one in conditions
                if one.serves(facts, inner=alias in self._inner)
            }
            chosen = chosen_of(usable, facts.key)
            if chosen:
                yield narrowed_by(table, chosen, facts)

    def joined(self, tables: Catalog, wanted: frozenset[str]) -> Iterator[tuple[Joined, int]]:
        """The tables of *wanted* that are reached by an enforced foreign key alone."""
        selected = self._selected()
        names = list(self.aliases.values())
        elsewhere = self._decisive(tables)
        for alias, on in self._ons.items():
            table = self.aliases[alias]
            if on is None or table not in wanted or names.count(table) != 1 or alias in elsewhere:
                continue
            source, (to_alias, to_column) = _ends(alias, on)
            reference = self._reference(source, tables)
            place = selected.get(source)
            target = tables.get(table)
            if (
                to_alias == alias
                and reference is not None
                and place is not None
                and target is not None
                and (reference.table, reference.column) == (table, to_column)
                and to_column == target.key
                and to_column in target.columns
            ):
                yield Joined(table, to_column), place

    def _decisive(self, tables: Catalog) -> set[str]:
        """
        Aliases whose rows decide more than what is selected of them.

        A row decides which rows it is joined with in turn. That matters where these are looked at,
        or where a row without any is left out.
        """
        found, before = self._mentioned_elsewhere(), -1
        while len(found) > before:
            before = len(found)
            for alias, on in self._ons.items():
                if on is None:
                    continue
                source, _ = _ends(alias, on)
                reference = self._reference(source, tables)
                may_lack = reference is None or reference.optional
                if alias in found or (alias in self._inner and may_lack):
                    found.add(source[0])
        return found

    def _reference(self, source: tuple[str, str], tables: Catalog) -> Reference | None:
        """What the column *source*, of an alias, is a foreign key to."""
        alias, column = source
        facts = tables.get(self.aliases.get(alias, ""))
        return facts.references.get(column) if facts is not None else None

    def _selected(self) -> dict[tuple[str, str], int]:
        """The plain columns of the result, with their places; none where a ``*`` hides these."""
        found: dict[tuple[str, str], int] = {}
        tokens, place, start = self._tokens, 0, 1
        end = self._marks["FROM"]
        if any(not depth and tokens.keys[at] == "*" for at, depth in depths(tokens, start, end)):
            return found
        start += tokens.keys[1] == "DISTINCT"
        for at, depth in [*depths(tokens, start, end), (end, 0)]:
            if at == end or (depth == 0 and tokens.keys[at] == ","):
                column, after = self._places.column(start)
                if column is not None and (after == at or tokens.keys[after] == "AS"):
                    found.setdefault(column, place)
                place, start = place + 1, at + 1
        return found

    def proof(self, table: str, key: str) -> int | None:
        """See `Plan.proof`."""
        tokens = self._tokens
        if not {"GROUP", "HAVING", "LEFT"}.isdisjoint(tokens.keys):
            return None
        for (alias, column), place in self._selected().items():
            if column == key and self.aliases[alias] == table:
                return place
        calls = any(tokens.keys[at] == "(" for at in range(self._marks["FROM"]))
        return None if calls else -1

    def _mentioned_elsewhere(self) -> set[str]:
        """Aliases that more depends on than what is selected of them."""
        found: set[str] = set()
        tokens = self._tokens
        start = self._end_of(self._marks["FROM"], _AFTER_FROM)
        for at in range(start, tokens.size):
            if tokens.is_name(at) and self._places.name(at) in self.aliases:
                found.add(self._places.name(at))
        for at, depth in depths(tokens, 1, self._marks["FROM"]):
            if depth and tokens.is_name(at) and self._places.name(at) in self.aliases:
                found.add(self._places.name(at))  # within a function, such as an aggregate
        if not {"GROUP", "HAVING", "DISTINCT"}.isdisjoint(tokens.keys):
            found.update(self.aliases)
        for alias, on in self._ons.items():
            if on is None:
                found.update(self.aliases)  # it may name any of them
            elif alias not in (on[0], on[2]):
                found.add(alias)
        return found


def _ends(alias: str, on: tuple[str, str, str, str]) -> tuple[tuple[str, str], tuple[str, str]]:
    """Of the columns that meet in the ON of *alias* the one that leads there, and its own."""
    left, right = on[:2], on[2:]
    return (left, right) if left[0] != alias else (right, left)
