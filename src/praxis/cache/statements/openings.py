"""Reads how a query begins: its first word, WITH, and the part of INSERT before the rows."""

from praxis.cache.statements.expressions import SET_OPERATIONS, begin_query, begin_table_query
from praxis.cache.statements.findings import UnrecognisedError
from praxis.cache.statements.frames import Frame, Reading, State
from praxis.cache.statements.statement import Kind
from praxis.cache.statements.targets import read_verb

_VERBS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"})


def start(reading: Reading, frame: Frame, at: int) -> int:
    key = reading.tokens.keys[at]
    if key in ("SELECT", "VALUES"):
        return begin_query(reading, frame, at)
    if key == "TABLE":
        return begin_table_query(reading, frame, at)
    if key == "WITH":
        frame.state = State.WITH_NAME
        return at + 1
    if key in _VERBS and frame.writes_allowed:
        reading.found.kind = Kind.WRITE
        return read_verb(reading.found, frame, at)
    if frame.fallback is State.NOTHING:
        raise UnrecognisedError
    frame.state = frame.fallback
    return at


def target(reading: Reading, frame: Frame, at: int) -> int:
    keys = reading.tokens.keys
    key = keys[at]
    if key == "WITH":
        frame.state = State.WITH_NAME
    elif key in ("SELECT", "VALUES", "TABLE"):
        return start(reading, frame, at)
    elif key in ("DEFAULT", "SET", "ON", "RETURNING", *SET_OPERATIONS):
        frame.state = State.EXPRESSION
    elif key == "AS":
        return at + 2
    elif key == "VALUE" and keys[at - 1] not in ("SYSTEM", "USER"):
        frame.state = State.EXPRESSION
    elif key not in ("OVERRIDING", "SYSTEM", "USER", "VALUE", "PARTITION"):
        raise UnrecognisedError
    return at + 1


def with_name(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at] == "RECURSIVE" and not frame.body:
        frame.recursive = True
        at += 1
    parts, after = reading.found.path(at)
    if len(parts) > 1 or after != at + 1:
        raise UnrecognisedError
    frame.body, frame.state = parts[0], State.WITH_AS
    return after


def with_as(reading: Reading, frame: Frame, at: int) -> int:
    if reading.tokens.keys[at] != "AS":
        raise UnrecognisedError
    frame.state = State.WITH_BODY
    if frame.recursive:
        reading.define(frame, frame.body)
    return at + 1


def with_body(reading: Reading, _: Frame, at: int) -> int:
    if reading.tokens.keys[at] not in ("NOT", "MATERIALIZED"):
        raise UnrecognisedError
    return at + 1


def with_next(reading: Reading, frame: Frame, at: int) -> int:
    key = reading.tokens.keys[at]
    if key == ",":
        frame.state = State.WITH_NAME
        return at + 1
    if key in ("SEARCH", "CYCLE"):
        frame.state = State.WITH_SEARCH
        return at + 1
    if frame.verb or key not in (*_VERBS, "SELECT", "VALUES", "TABLE"):
        if frame.verb == "INSERT" and key in ("SELECT", "VALUES", "TABLE"):
            return start(reading, frame, at)
        raise UnrecognisedError
    if key in _VERBS and not frame.writes_allowed:
        raise UnrecognisedError
    return start(reading, frame, at)


def with_search(reading: Reading, frame: Frame, at: int) -> int:
    key = reading.tokens.keys[at]
    if key in _VERBS or key in ("SELECT", "VALUES", "TABLE"):
        return with_next(reading, frame, at)
    return at + 1
