"""Reads lists of tables: behind FROM, USING, UPDATE and the like, with joins and aliases."""

from praxis.cache.statements.expressions import (
    CLAUSES,
    LOCKS,
    Step,
    clause,
    expression,
    join,
    lock_in,
    lock_rows,
    set_values,
)
from praxis.cache.statements.findings import UnrecognisedError
from praxis.cache.statements.frames import Frame, Reading, State
from praxis.cache.statements.lexing import STRING
from praxis.cache.statements.statement import Table

_JOIN_WORDS = frozenset({"INNER", "CROSS", "LEFT", "RIGHT", "FULL", "OUTER", "NATURAL"})
_JOIN_FOLLOWS = _JOIN_WORDS | {"JOIN"}


def condition(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at] == ",":
        frame.state = State.TABLES
        return at + 1
    if _ends_tables(reading, at):
        frame.state = State.EXPRESSION
        return at + 1
    return expression(reading, frame, at)


def _ends_tables(reading: Reading, at: int) -> bool:
    """WINDOW and OFFSET, where they are no names."""
    keys = reading.tokens.keys
    if reading.dialect.vendor == "postgresql":
        return keys[at] in ("OFFSET", "WINDOW")
    return keys[at] == "WINDOW" and keys[at + 2] == "AS"


def tables(reading: Reading, frame: Frame, at: int) -> int:
    tokens, key = reading.tokens, reading.tokens.keys[at]
    if key in ("ONLY", "LATERAL"):
        return at + 1
    if key == "ROWS" and tokens.keys[at + 1 : at + 3] == ["FROM", "("]:
        frame.state, frame.alias, frame.arguments_next = State.TABLE, False, True
        return at + 2
    if _index_hint(reading, at):
        return _after_index_hint(reading, frame, at)
    parts, after = reading.found.path(at)
    frame.state, frame.alias = State.TABLE, False
    if tokens.keys[after] == "(" and not frame.targets:
        reading.found.call(parts, after)
        frame.arguments_next = True
        return after
    reading.read_table(frame, Table(parts[-2] if len(parts) > 1 else "", parts[-1]))
    return after


def after_table(reading: Reading, frame: Frame, at: int) -> int:
    tokens = reading.tokens
    key, next_key = tokens.keys[at], tokens.keys[at + 1]
    if key == ",":
        frame.state = State.TABLES
        return at + 1
    special = _AFTER_TABLE.get(key)
    if special:
        return special(reading, frame, at)
    if key in CLAUSES:
        if key == "SELECT":
            raise UnrecognisedError
        return clause(reading, frame, at)
    if _ends_tables(reading, at):
        frame.state = State.EXPRESSION
        return at + 1
    if key in _JOIN_WORDS and next_key in _JOIN_FOLLOWS:
        return at + 1
    if _index_hint(reading, at):
        return _after_index_hint(reading, frame, at)
    if frame.alias or tokens.kinds[at] not in "wqs" or key in reading.dialect.reserved:
        raise UnrecognisedError
    if tokens.kinds[at] == STRING and not reading.dialect.strings_are_names:
        raise UnrecognisedError
    frame.alias = frame.names_next = True
    return at + 1


def _alias(reading: Reading, frame: Frame, at: int) -> int:
    if frame.alias:
        raise UnrecognisedError
    frame.alias = frame.names_next = True
    if reading.tokens.keys[at + 1] == "(":
        return at + 1
    if reading.tokens.kinds[at + 1] not in "wqs":
        raise UnrecognisedError
    return at + 2


def _on_tables(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] in ("CONFLICT", "DUPLICATE"):
        frame.state = State.EXPRESSION
    else:
        frame.state = State.CONDITION
    return at + 1


def _using(reading: Reading, frame: Frame, at: int) -> int:
    if frame.verb in ("DELETE", "MERGE") and not frame.joined:
        frame.state, frame.joined = State.TABLES, False
        frame.targets = frame.targets and reading.dialect.vendor == "mysql"
    elif reading.tokens.keys[at + 1] != "(":
        raise UnrecognisedError
    else:
        frame.names_next, frame.alias = True, False  # PostgreSQL: USING (a) AS x
    return at + 1


def _for_tables(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] not in LOCKS:
        raise UnrecognisedError
    return lock_rows(reading, frame, at)


def _lock_tables(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] != "IN":
        raise UnrecognisedError
    frame.state = State.EXPRESSION
    return lock_in(reading, frame, at)


def _set_tables(reading: Reading, frame: Frame, at: int) -> int:
    if frame.verb != "UPDATE":
        raise UnrecognisedError
    return set_values(reading, frame, at)


def _from_tables(reading: Reading, frame: Frame, at: int) -> int:
    """MySQL: ``DELETE a, b FROM a JOIN b``."""
    if frame.verb != "DELETE" or not frame.targets or reading.dialect.vendor != "mysql":
        raise UnrecognisedError
    frame.state, frame.joined = State.TABLES, False
    return at + 1


def _sample(reading: Reading, frame: Frame, at: int) -> int:
    reading.found.volatile = frame.arguments_next = True
    return at + 2


def _repeatable(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] != "(":
        return _alias_word(frame, at)
    frame.arguments_next = True
    return at + 1


def _with_tables(reading: Reading, frame: Frame, at: int) -> int:
    """WITH ORDINALITY of a function; WITH [NO] DATA ends CREATE TABLE … AS."""
    next_key = reading.tokens.keys[at + 1]
    if next_key in ("NO", "DATA"):
        frame.state = State.EXPRESSION
    elif next_key != "ORDINALITY":
        raise UnrecognisedError
    return at + 2


def _indexed(reading: Reading, _: Frame, at: int) -> int:
    keys = reading.tokens.keys
    if reading.dialect.vendor == "sqlite":
        if keys[at] == "NOT" and keys[at + 1] == "INDEXED":
            return at + 2
        if keys[at] == "INDEXED" and keys[at + 1] == "BY":
            return at + 3
    raise UnrecognisedError


def _partition(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at + 1] != "(":
        return _alias_word(frame, at)
    frame.names_next = True
    return at + 1


def _alias_word(frame: Frame, at: int) -> int:
    if frame.alias:
        raise UnrecognisedError
    frame.alias = frame.names_next = True
    return at + 1


def _star(reading: Reading, frame: Frame, at: int) -> int:
    if frame.alias or reading.dialect.vendor != "postgresql":
        raise UnrecognisedError
    return at + 1


def _index_hint(reading: Reading, at: int) -> bool:
    keys = reading.tokens.keys
    return (
        reading.dialect.vendor == "mysql"
        and keys[at] in ("USE", "FORCE", "IGNORE")
        and keys[at + 1] in ("INDEX", "KEY")
    )


def _after_index_hint(reading: Reading, frame: Frame, at: int) -> int:
    keys, at = reading.tokens.keys, at + 2
    while keys[at] in ("FOR", "JOIN", "ORDER", "GROUP", "BY"):
        at += 1
    if keys[at] != "(":
        raise UnrecognisedError
    frame.state, frame.alias, frame.names_next = State.TABLE, True, True
    return at


_AFTER_TABLE: dict[str, Step] = {
    "JOIN": join,
    "STRAIGHT_JOIN": join,
    "AS": _alias,
    "ON": _on_tables,
    "USING": _using,
    "FOR": _for_tables,
    "LOCK": _lock_tables,
    "SET": _set_tables,
    "FROM": _from_tables,
    "TABLESAMPLE": _sample,
    "REPEATABLE": _repeatable,
    "WITH": _with_tables,
    "INDEXED": _indexed,
    "NOT": _indexed,
    "PARTITION": _partition,
    "*": _star,
}
