"""From a text to its `Statement`, remembered by text."""

from collections.abc import Iterator

from praxis.cache.statements.commands import read_statement
from praxis.cache.statements.dialects import DIALECTS, Dialect
from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.lexing import Tokens, tokenize
from praxis.cache.statements.memory import remembered
from praxis.cache.statements.statement import UNKNOWN, Kind, Statement

_GRAVITY = {kind: place for place, kind in enumerate(Kind)}
_BODIES = frozenset({"TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"})


def analyse(sql: str | bytes, vendor: str, *, pure: frozenset[str] = frozenset()) -> Statement:
    """
    Say what *sql* does, without running it.

    Takes time linear in the length of *sql*; a text seen before costs a look-up. Never raises
    for any text: what is not recognised is `Kind.UNKNOWN` and may write any table.

    Args:
        sql: One statement or several, as given to ``cursor.execute``, with its placeholders.
            Objects of ``psycopg.sql`` have to be turned to text before.
        vendor: As in ``connection.vendor``. Any but postgresql, sqlite and mysql is UNKNOWN.
        pure: Functions, named as in `Statement.functions`, that change nothing and whose result
            depends on their arguments alone.
    """
    text = sql.decode("utf-8", "surrogateescape") if isinstance(sql, bytes) else sql
    return _analyse(text, vendor, pure)


@remembered
def _analyse(text: str, vendor: str, pure: frozenset[str]) -> Statement:
    dialect = DIALECTS.get(vendor)
    tokens = tokenize(text, vendor) if dialect is not None else None
    if dialect is None or tokens is None:
        return UNKNOWN
    try:
        statements = [_read(tokens, dialect, pure, start, end) for start, end in _split(tokens)]
    except UnrecognisedError:
        return UNKNOWN
    if len(statements) == 1:
        return statements[0]
    return _union(statements)


def _read(
    tokens: Tokens, dialect: Dialect, pure: frozenset[str], start: int, end: int
) -> Statement:
    found = Findings(tokens, dialect, pure)
    try:
        read_statement(found, start, end)
    except UnrecognisedError:
        found.kind = Kind.UNKNOWN
    return found.statement()


def _split(tokens: Tokens) -> Iterator[tuple[int, int]]:
    """
    Where each statement begins and ends.

    Raises:
        UnrecognisedError: a semicolon may be inside of a statement.
    """
    keys, start, depth = tokens.keys, 0, 0
    for at in range(tokens.size):
        key = keys[at]
        if key == "(":
            depth += 1
        elif key == ")":
            depth -= 1
        elif key == ";":
            if depth:
                raise UnrecognisedError
            if at > start:
                if _has_body(keys, start, at):
                    _check_body(keys, at, tokens.size)
                    yield start, tokens.size
                    return
                yield start, at
            start = at + 1
    if start < tokens.size:
        yield start, tokens.size


def _has_body(keys: list[str], start: int, end: int) -> bool:
    """Whether this semicolon may be inside of a BEGIN … END."""
    head = keys[start : start + 8]
    return (
        head[0] in ("CREATE", "ALTER")
        and not _BODIES.isdisjoint(head)
        and "BEGIN" in keys[start:end]
    )


def _check_body(keys: list[str], at: int, size: int) -> None:
    """Refuse a text in which the body ends before the text does."""
    last = size - 1 - (keys[size - 1] == ";")
    if keys[last] != "END" or not {"COMMIT", "ROLLBACK"}.isdisjoint(keys[at:last]):
        raise UnrecognisedError


def _union(statements: list[Statement]) -> Statement:
    everything = any(statement.writes is None for statement in statements)
    return Statement(
        max(
            (statement.kind for statement in statements),
            key=_GRAVITY.__getitem__,
            default=Kind.READ,
        ),
        frozenset().union(*(statement.reads for statement in statements)),
        None
        if everything
        else frozenset().union(*(statement.writes or () for statement in statements)),
        any(statement.locks for statement in statements),
        any(statement.volatile for statement in statements),
        tuple(control for statement in statements for control in statement.control),
        frozenset().union(*(statement.functions for statement in statements)),
    )
