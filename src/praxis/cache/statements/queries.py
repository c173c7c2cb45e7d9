"""
Reads a query or a statement that changes rows: SELECT, VALUES, TABLE, WITH, INSERT, REPLACE,
UPDATE, DELETE and MERGE.

One pass over the tokens with a stack of `Frame`, no recursion. It is no grammar: it accepts what
no server would. But wherever a table can be named, it reads the name or gives up.
"""

from praxis.cache.statements.expressions import Step, expression
from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.frames import Frame, Reading, State
from praxis.cache.statements.openings import (
    start,
    target,
    with_as,
    with_body,
    with_name,
    with_next,
    with_search,
)
from praxis.cache.statements.table_lists import after_table, condition, tables

# Deeper parentheses are refused; SQLite allows 1,000 levels of an expression.
MAX_DEPTH = 1000
_INERT = frozenset({",", "=", "<", ">", "*", "+", "-", "AND", "OR"})
_MAY_END = frozenset({State.EXPRESSION, State.TABLE, State.CONDITION, State.NAMES, State.TARGET})


def read_query(found: Findings, at: int, end: int, *, is_expression: bool = False) -> None:
    """
    Read the tokens from *at* to *end* into *found*: a statement, or an expression.

    Raises:
        UnrecognisedError: it is neither; what was found so far is not all.
    """
    reading = Reading(found, found.tokens, found.dialect)
    stack, keys = reading.stack, found.tokens.keys
    fallback = State.EXPRESSION if is_expression else State.NOTHING
    stack.append(Frame(fallback, writes_allowed=not is_expression))
    while at < end:
        key, frame = keys[at], stack[-1]
        if key in _INERT and frame.state is State.EXPRESSION:
            at += 1  # most of what there is
        elif key in ("(", "["):
            _open(reading, frame, key, at)
            at += 1
        elif key in (")", "]"):
            _close(reading, frame, key)
            at += 1
        else:
            at = _STEPS[frame.state](reading, frame, at)
    if at != end or len(stack) != 1:
        raise UnrecognisedError
    _check_end(stack[0])


def _open(reading: Reading, frame: Frame, key: str, at: int) -> None:
    if len(reading.stack) >= MAX_DEPTH:
        raise UnrecognisedError
    child = Frame(_fallback(frame), closer=")" if key == "(" else "]")
    if child.fallback is State.NAMES:
        child.state = State.NAMES
    elif child.fallback is State.TABLES:
        child.targets = frame.targets
    elif child.fallback is State.EXPRESSION:
        child.function = reading.tokens.keys[at - 1]
    elif frame.state is State.WITH_BODY:
        child.writes_allowed = reading.dialect.nested_writes
    frame.names_next = frame.arguments_next = False
    reading.stack.append(child)


def _fallback(frame: Frame) -> State:
    state = frame.state
    if state is State.TABLE:
        if frame.arguments_next:
            return State.EXPRESSION
        if frame.names_next:
            return State.NAMES
        raise UnrecognisedError
    if state is State.TABLES:
        return State.TABLES
    if state is State.START:
        return frame.fallback
    if state in (State.EXPRESSION, State.CONDITION, State.TARGET):
        return State.EXPRESSION
    if state in (State.WITH_BODY, State.WITH_NEXT):
        return State.NOTHING
    if state in (State.NAMES, State.WITH_AS):
        return State.NAMES
    raise UnrecognisedError


def _close(reading: Reading, frame: Frame, key: str) -> None:
    if key != frame.closer:
        raise UnrecognisedError
    _check_end(frame)
    reading.stack.pop()
    if reading.scopes and reading.scopes[-1] is frame:
        reading.scopes.pop()
    parent = reading.stack[-1]
    if parent.state is State.TABLES or (
        parent.state is State.START and parent.fallback is State.TABLES
    ):
        parent.state, parent.alias = State.TABLE, False
    elif parent.state in (State.START, State.WITH_NEXT):
        parent.state = State.EXPRESSION
    elif parent.state is State.WITH_BODY:
        reading.define(parent, parent.body)
        parent.state = State.WITH_NEXT


def _check_end(frame: Frame) -> None:
    state = frame.state
    if state is State.START and frame.fallback is State.EXPRESSION:
        return  # f()
    if state not in _MAY_END:
        raise UnrecognisedError


def _names(reading: Reading, _: Frame, at: int) -> int:
    if reading.tokens.keys[at] in ("SELECT", "FROM", "TABLE", "VALUES"):
        raise UnrecognisedError
    return at + 1


_STEPS: dict[State, Step] = {
    State.START: start,
    State.EXPRESSION: expression,
    State.TABLES: tables,
    State.TABLE: after_table,
    State.CONDITION: condition,
    State.TARGET: target,
    State.NAMES: _names,
    State.WITH_NAME: with_name,
    State.WITH_AS: with_as,
    State.WITH_BODY: with_body,
    State.WITH_NEXT: with_next,
    State.WITH_SEARCH: with_search,
}
