"""Reads expressions and the clauses of a query: functions, FROM, JOIN and what may hide there."""

from collections.abc import Callable

from praxis.cache.statements.findings import UnrecognisedError
from praxis.cache.statements.frames import Frame, Reading, State
from praxis.cache.statements.lexing import OPERATOR, QUOTED, STRING, VARIABLE, WORD
from praxis.cache.statements.statement import Kind
from praxis.cache.statements.words import words

Step = Callable[[Reading, Frame, int], int]

CLAUSES = words(
    """
    WHERE GROUP HAVING ORDER LIMIT FETCH UNION EXCEPT INTERSECT RETURNING SELECT
    """
)
_TWO_WORDS = {"GROUP": ("BY",), "ORDER": ("BY",), "FETCH": ("FIRST", "NEXT")}
SET_OPERATIONS = frozenset({"UNION", "EXCEPT", "INTERSECT"})
_AFTER_SET_OPERATION = frozenset({"ALL", "DISTINCT", "SELECT", "VALUES", "TABLE", "WITH", "("})
LOCKS = frozenset({"UPDATE", "SHARE", "NO", "KEY"})
# Functions that have FROM among their arguments.
_FROM_ARGUMENTS = frozenset({"EXTRACT", "SUBSTRING", "SUBSTR", "MID", "TRIM", "OVERLAY"})
_AFTER_WITH = frozenset({"TIME", "TIES", "ORDINALITY", "ROLLUP", "UNIQUE", "NO", "DATA", "QUERY"})
# Words before a parenthesis that are no functions for any vendor: reserved, unless quoted.
_NOT_FUNCTIONS = words(
    """
    ALL AND ANY AS BETWEEN CASE DISTINCT ELSE EXCEPT EXISTS FROM HAVING ILIKE IN INTERSECT
    IS JOIN LATERAL LIKE LIMIT NOT NULL OFFSET ON ONLY OR RETURNING SELECT SOME THEN UNION
    USING VALUES WHEN WHERE
    """
)
# Words that may be functions, but not behind these.
_PARENTHESIS_AFTER = {
    "BY": frozenset({"GROUP", "ORDER", "PARTITION"}),
    "COLUMNS": frozenset({""}),
    "SET": frozenset({"UPDATE"}),
    "TO": frozenset({"SIMILAR"}),
    "ZONE": frozenset({"TIME"}),
    "CONFLICT": frozenset({"ON"}),
    "SETS": frozenset({"GROUPING"}),
    "FIRST": frozenset({"FETCH"}),
    "NEXT": frozenset({"FETCH"}),
    "OVER": frozenset({")"}),
    "FILTER": frozenset({")"}),
    "GROUP": frozenset({"WITHIN"}),
    "VARYING": frozenset({"CHARACTER", "CHAR", "BIT", "NCHAR"}),
    "INSERT": frozenset({"THEN"}),
}


def expression(reading: Reading, frame: Frame, at: int) -> int:
    """Anything but a list of tables."""
    tokens = reading.tokens
    kind = tokens.kinds[at]
    if kind == QUOTED:
        return _name(reading, at)
    if kind == WORD:
        if tokens.keys[at - 1] == ".":
            return _name(reading, at)  # behind a closing parenthesis: a field
        keyword = _KEYWORDS.get(tokens.keys[at])
        return keyword(reading, frame, at) if keyword else _name(reading, at)
    if kind == STRING:
        if reading.found.string_is_volatile(at):
            reading.found.volatile = True
    elif kind == VARIABLE:
        reading.found.volatile = True
        if tokens.keys[at + 1] == ":=":
            raise UnrecognisedError
    elif kind == OPERATOR and tokens.keys[at] == "::":
        return skip_type(reading, at + 1)
    return at + 1


def _name(reading: Reading, at: int) -> int:
    """A column, a function, or a word of the language."""
    tokens, start = reading.tokens, at
    keys, kinds = tokens.keys, tokens.kinds
    while keys[at + 1] == "." and (kinds[at + 2] in (WORD, QUOTED) or keys[at + 2] == "*"):
        at += 2
    if keys[at + 1] == "(" and keys[at] != "*":
        if at == start and kinds[at] == WORD and _is_no_function(reading, at):
            return at + 1
        if keys[start - 1] == ".":
            raise UnrecognisedError
        parts = [reading.found.folded(part) for part in range(start, at + 1, 2)]
        reading.found.call(parts, at + 1)
    elif at == start and kinds[at] == WORD and keys[at] in reading.dialect.volatile_words:
        reading.found.volatile = True
    return at + 1


def _is_no_function(reading: Reading, at: int) -> bool:
    keys = reading.tokens.keys
    key = keys[at]
    if key in ("CUBE", "ROLLUP"):
        return reading.stack[-1].grouping
    if key in _PARENTHESIS_AFTER:
        return keys[at - 1] in _PARENTHESIS_AFTER[key]
    return key in _NOT_FUNCTIONS or key in reading.dialect.not_functions


def skip_type(reading: Reading, at: int) -> int:
    """A type or an alias: a name that is no function, whatever follows."""
    tokens = reading.tokens
    if not tokens.is_name(at):
        return at
    while tokens.keys[at + 1] == "." and tokens.is_name(at + 2):
        at += 2
    return at + 1


def begin_query(_reading: Reading, frame: Frame, at: int) -> int:
    frame.in_query, frame.state, frame.targets = True, State.EXPRESSION, False
    return at + 1


def _from(reading: Reading, frame: Frame, at: int) -> int:
    keys = reading.tokens.keys
    if keys[at - 1] == "DISTINCT" and keys[at - 2] in ("IS", "NOT"):
        return at + 1
    if frame.in_query:
        frame.state, frame.joined, frame.targets = State.TABLES, False, False
    elif frame.function not in _FROM_ARGUMENTS:
        raise UnrecognisedError
    return at + 1


def join(_reading: Reading, frame: Frame, at: int) -> int:
    if not frame.in_query and not frame.verb and frame.fallback is not State.TABLES:
        raise UnrecognisedError
    frame.state, frame.joined = State.TABLES, True
    return at + 1


def begin_table_query(_reading: Reading, frame: Frame, at: int) -> int:
    frame.in_query, frame.state, frame.joined = True, State.TABLES, False
    frame.targets = False
    return at + 1


def _into(reading: Reading, frame: Frame, at: int) -> int:
    if reading.dialect.vendor != "postgresql" or not frame.in_query or frame.verb:
        raise UnrecognisedError
    at += 1
    while reading.tokens.keys[at] in ("TEMP", "TEMPORARY", "UNLOGGED", "TABLE", "LOCAL"):
        at += 1
    table, at = reading.found.table(at)
    reading.found.writes.add(table)
    reading.found.kind = Kind.SCHEMA
    return at


def lock_rows(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] in LOCKS:
        reading.found.locks = True
        frame.state = State.EXPRESSION
    return at + 1


def lock_in(reading: Reading, _: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] == "IN":
        reading.found.locks = True
    return _name(reading, at)


def _as(reading: Reading, _: Frame, at: int) -> int:
    return skip_type(reading, at + 1)


def _case(_reading: Reading, frame: Frame, at: int) -> int:
    frame.cases += 1
    return at + 1


def _end(_reading: Reading, frame: Frame, at: int) -> int:
    frame.cases -= frame.cases > 0
    return at + 1


def _when(_reading: Reading, frame: Frame, at: int) -> int:
    if frame.verb == "MERGE" and not frame.cases:
        frame.state = State.EXPRESSION
    return at + 1


def _in(reading: Reading, frame: Frame, at: int) -> int:
    """SQLite: ``x IN t`` reads the table t."""
    if reading.dialect.vendor != "sqlite" or reading.tokens.kinds[at + 1] not in "wqs":
        return at + 1
    table, after = reading.found.table(at + 1)
    if reading.tokens.keys[after] == "(":
        return at + 1
    reading.read_table(frame, table)
    return after


def _with_in_expression(reading: Reading, _: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] not in _AFTER_WITH:
        raise UnrecognisedError
    return at + 1


def clause(reading: Reading, frame: Frame, at: int) -> int:
    key, next_key = reading.tokens.keys[at], reading.tokens.keys[at + 1]
    if key in SET_OPERATIONS and next_key not in _AFTER_SET_OPERATION:
        raise UnrecognisedError
    if key not in _TWO_WORDS or next_key in _TWO_WORDS[key]:
        frame.state, frame.targets = State.EXPRESSION, False
        frame.grouping = key == "GROUP"
    elif frame.state is State.TABLE:
        raise UnrecognisedError
    return _name(reading, at)


def _on(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] in ("CONFLICT", "DUPLICATE"):
        frame.state = State.EXPRESSION
    return at + 1


def set_values(reading: Reading, frame: Frame, at: int) -> int:
    if frame.verb == "UPDATE" and frame.state is not State.EXPRESSION:
        frame.state, frame.in_query, frame.targets = State.EXPRESSION, True, False
        return at + 1
    return _name(reading, at)


def _returning(reading: Reading, frame: Frame, at: int) -> int:
    if frame.verb:
        frame.state = State.EXPRESSION
    return _name(reading, at)


_KEYWORDS: dict[str, Step] = {
    **dict.fromkeys(CLAUSES, clause),
    "SELECT": begin_query,
    "RETURNING": _returning,
    "FROM": _from,
    "JOIN": join,
    "STRAIGHT_JOIN": join,
    "TABLE": begin_table_query,
    "INTO": _into,
    "FOR": lock_rows,
    "LOCK": lock_in,
    "AS": _as,
    "CASE": _case,
    "END": _end,
    "WHEN": _when,
    "IN": _in,
    "WITH": _with_in_expression,
    "ON": _on,
    "SET": set_values,
}
