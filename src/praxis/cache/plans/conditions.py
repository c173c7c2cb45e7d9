"""What the WHERE of a statement demands of columns, as far as it is plain to see."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from praxis.cache.catalog import TableFacts, truth
from praxis.cache.statements.lexing import NUMBER, PLACEHOLDER, QUOTED, Tokens
from praxis.cache.statements.names import fold

#: An IN with more values than these stands for all rows of its table.
MAX_ALTERNATIVES = 50
#: So many columns at most make a condition.
MAX_COLUMNS = 3

#: Where the value of a condition comes from: the place of a parameter, or the value itself.
Source = Callable[[Sequence[object]], object]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rows of *table* that equal, in each of *columns*, one of what its sources give."""

    table: str
    columns: tuple[str, ...]
    forms: tuple[Callable[[object], object], ...]
    alternatives: tuple[tuple[Source, ...], ...]

    def rows(self, parameters: Sequence[object]) -> Iterator[tuple[object, ...]]:
        """
        What the columns equal, once for each alternative.

        Raises:
            NotComparableError, IndexError, KeyError, TypeError: if that cannot be told.
        """
        if len(self.forms) == 1:
            (form,) = self.forms
            for (source,) in self.alternatives:
                yield (form(source(parameters)),)
            return
        for row in self.alternatives:
            pairs = zip(self.forms, row, strict=True)
            yield tuple(form(source(parameters)) for form, source in pairs)


@dataclass(slots=True)
class Condition:
    """
    One column that must equal one of several.

    *null* where it must be NULL; *bare* where it stands alone, and is thus true or false.
    """

    alias: str
    column: str
    sources: tuple[Source, ...]
    null: bool = False
    bare: bool = False

    def serves(self, facts: TableFacts, *, inner: bool) -> bool:
        """Whether equal values are equal to the database, and other rows cannot matter."""
        form = facts.columns.get(self.column)
        return form is not None and (inner or not self.null) and (form is truth or not self.bare)


class Places:
    """
    The places of a text at which something can be read, and what is read there.

    Attributes:
        aliases: The table behind each alias that is known so far.
    """

    def __init__(self, tokens: Tokens, vendor: str) -> None:
        self.tokens, self.vendor = tokens, vendor
        self.aliases: dict[str, str] = {}

    def conditions(self, start: int, end: int) -> Iterator[Condition]:
        """What must be true between *start* and *end*, as far as it is of the known forms."""
        tokens = self.tokens
        if start >= end:
            return
        if tokens.keys[start] == "(" and closing(tokens, start) == end - 1:
            yield from self.conditions(start + 1, end - 1)
            return
        parts, begin = [], start
        for at, depth in depths(tokens, start, end):
            if depth == 0 and tokens.keys[at] in {"OR", "XOR", "BETWEEN", "CASE"}:
                return
            if depth == 0 and tokens.keys[at] == "AND":
                parts.append((begin, at))
                begin = at + 1
        if not parts:
            condition = self._condition(start, end)
            if condition is not None:
                yield condition
            return
        for part in (*parts, (begin, end)):
            yield from self.conditions(*part)

    def _condition(self, start: int, end: int) -> Condition | None:
        tokens = self.tokens
        if tokens.keys[start] == "NOT":
            column, after = self.column(start + 1)
            known = column is not None and after == end
            return Condition(*column, (lambda _: False,), bare=True) if column and known else None
        column, after = self.column(start)
        if column is None:
            return None
        if after == end:
            return Condition(*column, (lambda _: True,), bare=True)
        if tokens.keys[after] == "=" and after + 2 == end:
            sources = self.sources(after + 1)
            return Condition(*column, sources) if len(sources) == 1 else None
        if tokens.keys[after] == "IS" and tokens.keys[after + 1] == "NULL" and after + 2 == end:
            return Condition(*column, (), null=True)
        if tokens.keys[after] == "IN" and tokens.keys[after + 1] == "(":
            inside = range(after + 2, end - 1)
            if tokens.keys[end - 1] == ")" and len(inside) == 1:
                sources = self.sources(inside[0])
                if 0 < len(sources) <= MAX_ALTERNATIVES:
                    return Condition(*column, sources)
        return None

    def sources(self, at: int) -> tuple[Source, ...]:
        """Where the values of the token at *at* come from; empty if nobody knows."""
        kind, text = self.tokens.kinds[at], self.tokens.texts[at]
        if kind == NUMBER and text.isdigit():
            value = int(text)
            return (lambda _: value,)
        if kind != PLACEHOLDER or not text.startswith("%s"):
            return ()
        before = sum(
            self.tokens.texts[i].count("%s")
            for i in range(at)
            if self.tokens.kinds[i] == PLACEHOLDER
        )
        return tuple(_parameter(before + i) for i in range(text.count("%s")))

    def column(self, at: int) -> tuple[tuple[str, str] | None, int]:
        """The alias and name of a column, and what comes after it."""
        tokens = self.tokens
        if not tokens.is_name(at):
            return None, at
        name = self.name(at)
        if tokens.keys[at + 1] == "." and tokens.is_name(at + 2):
            if name not in self.aliases:
                # the select list is read after the tables are, an ON while they are
                return None, at
            return (name, self.name(at + 2)), at + 3
        if len(self.aliases) == 1 and tokens.keys[at] not in {"NULL", "TRUE", "FALSE"}:
            return (next(iter(self.aliases)), name), at + 1
        return None, at

    def name(self, at: int) -> str:
        quoted = self.tokens.kinds[at] == QUOTED
        return fold(self.tokens.texts[at], self.vendor, quoted=quoted)


def chosen_of(usable: Mapping[str, Condition], key: str) -> list[Condition]:
    """The conditions that a dependency is made of: the key alone, or the equalities."""
    if key in usable and not usable[key].null:
        return [usable[key]]
    single = [one for one in usable.values() if one.null or len(one.sources) == 1]
    if single:
        return sorted(single, key=lambda one: one.column)[:MAX_COLUMNS]
    return [*usable.values()][:1]


def narrowed_by(table: str, chosen: Sequence[Condition], facts: TableFacts) -> Narrowed:
    columns = tuple(one.column for one in chosen)
    forms = tuple(_nothing if one.null else facts.columns[one.column] for one in chosen)
    if len(chosen) == 1 and not chosen[0].null:
        return Narrowed(table, columns, forms, tuple((source,) for source in chosen[0].sources))
    row = tuple(_none if one.null else one.sources[0] for one in chosen)
    return Narrowed(table, columns, forms, (row,))


def _nothing(value: object) -> object:
    return value


def _none(parameters: Sequence[object]) -> object:
    del parameters
    return None


def _parameter(place: int) -> Source:
    return itemgetter(place)


def depths(tokens: Tokens, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Each place from *start* to *end* with how many brackets are open around it."""
    depth = 0
    for at in range(start, end):
        key = tokens.keys[at]
        if key == ")":
            depth -= 1
        yield at, depth
        if key == "(":
            depth += 1


def closing(tokens: Tokens, start: int) -> int:
    """Where the bracket that opens at *start* is closed."""
    depth = 0
    for at in range(start, tokens.size):
        depth += (tokens.keys[at] == "(") - (tokens.keys[at] == ")")
        if not depth:
            return at
    return tokens.size
