"""Tells by its first words what a statement is, and has it read."""

from collections.abc import Callable

from praxis.cache.statements import schemas, sessions, transactions
from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.queries import read_query
from praxis.cache.statements.statement import Action, Control, Kind

Reader = Callable[[Findings, int, int], None]


def read_statement(found: Findings, at: int, end: int) -> None:
    """
    Read the one statement between *at* and *end* into *found*.

    Raises:
        UnrecognisedError: it is none of those that are known.
    """
    reader = _READERS[found.dialect.vendor].get(found.tokens.keys[at])
    if reader is None:
        raise UnrecognisedError
    reader(found, at, end)


def _query(found: Findings, at: int, end: int) -> None:
    read_query(found, at, end)


def _explain(found: Findings, at: int, end: int) -> None:
    """EXPLAIN runs the statement where it says ANALYZE; else nothing is done."""
    keys, runs = found.tokens.keys, False
    at += 1
    if keys[at] == "(" and found.dialect.vendor == "postgresql":
        close = keys.index(")", at) if ")" in keys[at:end] else end
        runs, at = "ANALYZE" in keys[at:close] or "ANALYSE" in keys[at:close], close + 1
    while keys[at] in ("ANALYZE", "ANALYSE", "VERBOSE", "QUERY", "PLAN", "EXTENDED", "PARTITIONS"):
        runs |= keys[at] in ("ANALYZE", "ANALYSE")
        at += 1
    if keys[at] == "FORMAT" and keys[at + 1] == "=":
        at += 3
    if keys[at] in ("EXPLAIN", "DESC", "DESCRIBE"):
        raise UnrecognisedError
    try:
        read_statement(found, at, end)
    except UnrecognisedError:
        if runs:
            raise  # elsewhere it is the name of a table, or nothing that is run
    found.volatile = True
    if not runs:
        _forget_effects(found)


def _forget_effects(found: Findings) -> None:
    found.reads |= found.writes
    found.writes.clear()
    found.functions.clear()
    found.control.clear()
    found.kind, found.everything, found.locks = Kind.READ, False, False


def _show(found: Findings, _at: int, _end: int) -> None:
    found.volatile = True


def _prepare(found: Findings, at: int, end: int) -> None:
    if found.tokens.keys[at + 1] == "TRANSACTION":
        transactions.prepare_transaction(found, at, end)
    else:
        sessions.other(found, at, end)


def _declare(found: Findings, at: int, end: int) -> None:
    """DECLARE … CURSOR FOR query: its rows come later, by FETCH, which is unknown."""
    keys = found.tokens.keys
    for place in range(at + 2, end):
        if keys[place] == "FOR":
            if "CURSOR" not in keys[at + 2 : place]:
                break
            read_query(found, place + 1, end)
            found.volatile = True
            return
    raise UnrecognisedError


def _copy(found: Findings, at: int, end: int) -> None:
    """COPY of a table or a query, but not with a program of the server."""
    keys = found.tokens.keys
    at += 1
    if "PROGRAM" in keys[at:end]:
        raise UnrecognisedError
    if keys[at] == "(":
        close = _closing(keys, at, end)
        read_query(found, at + 1, close)
        if keys[close + 1] != "TO":
            raise UnrecognisedError
        return
    table, at = found.table(at)
    if keys[at] == "(":
        at = _closing(keys, at, end) + 1
    if keys[at] == "TO":
        found.reads.add(table)
    elif keys[at] == "FROM":
        found.kind = Kind.WRITE
        found.writes.add(table)
        if "WHERE" in keys[at:end]:
            where = keys.index("WHERE", at)
            read_query(found, where, end, is_expression=True)
    else:
        raise UnrecognisedError


def _closing(keys: list[str], at: int, end: int) -> int:
    depth = 0
    for place in range(at, end):
        depth += (keys[place] == "(") - (keys[place] == ")")
        if not depth:
            return place
    raise UnrecognisedError


def _lock(found: Findings, at: int, end: int) -> None:
    """LOCK [TABLE] a, b IN … MODE."""
    keys = found.tokens.keys
    at += 1 + (keys[at + 1] == "TABLE")
    while True:
        table, at = found.table(at + (keys[at] == "ONLY"))
        found.reads.add(table)
        at += keys[at] == "*"
        if keys[at] != ",":
            break
        at += 1
    if keys[at:end] and keys[at] not in ("IN", "NOWAIT"):
        raise UnrecognisedError
    found.locks = found.volatile = True


def _lock_mysql(found: Findings, at: int, _end: int) -> None:
    if found.tokens.keys[at + 1] not in ("TABLE", "TABLES"):
        raise UnrecognisedError
    found.locks = True
    found.kind = Kind.TRANSACTION


def _vacuum(found: Findings, at: int, end: int) -> None:
    schemas.definition(found, at, end)
    # SQLite may number rows anew.
    found.everything = found.dialect.vendor == "sqlite"


def _committing(reader: Reader) -> Reader:
    """*reader* for a statement that ends the open transaction in MySQL."""

    def read(found: Findings, at: int, end: int) -> None:
        found.control.append(Control(Action.IMPLICIT_COMMIT))
        reader(found, at, end)

    return read


_QUERIES: dict[str, Reader] = dict.fromkeys(
    ("SELECT", "WITH", "VALUES", "INSERT", "UPDATE", "DELETE", "("), _query
)
_COMMON: dict[str, Reader] = {
    **_QUERIES,
    "EXPLAIN": _explain,
    "BEGIN": transactions.begin,
    "COMMIT": transactions.commit,
    "ROLLBACK": transactions.rollback,
    "SAVEPOINT": transactions.savepoint,
    "RELEASE": transactions.release,
}
_DEFINING: dict[str, Reader] = {
    "CREATE": schemas.create,
    "ALTER": schemas.alter,
    "DROP": schemas.drop,
}
_READERS: dict[str, dict[str, Reader]] = {
    "postgresql": {
        **_COMMON,
        **_DEFINING,
        **dict.fromkeys(("TABLE", "MERGE"), _query),
        **dict.fromkeys(
            ("LISTEN", "UNLISTEN", "NOTIFY", "CLOSE", "DEALLOCATE", "CHECKPOINT"), sessions.other
        ),
        **dict.fromkeys(
            ("COMMENT", "GRANT", "REVOKE", "ANALYZE", "ANALYSE", "REINDEX", "CLUSTER"),
            schemas.definition,
        ),
        **dict.fromkeys(("IMPORT", "REASSIGN"), schemas.any_definition),
        "ABORT": transactions.rollback,
        "COPY": _copy,
        "DECLARE": _declare,
        "DISCARD": sessions.discard,
        "END": transactions.commit,
        "LOCK": _lock,
        "PREPARE": _prepare,
        "REFRESH": schemas.refresh,
        "RESET": sessions.reset,
        "SET": sessions.set_postgresql,
        "SHOW": _show,
        "START": transactions.begin,
        "TRUNCATE": schemas.truncate,
        "VACUUM": _vacuum,
    },
    "sqlite": {
        **_COMMON,
        **_DEFINING,
        **dict.fromkeys(("ATTACH", "DETACH"), schemas.any_definition),
        **dict.fromkeys(("ANALYZE", "REINDEX"), schemas.definition),
        "END": transactions.commit,
        "PRAGMA": sessions.pragma,
        "REPLACE": _query,
        "VACUUM": _vacuum,
    },
    "mysql": {
        **_COMMON,
        **{word: _committing(reader) for word, reader in _DEFINING.items()},
        **dict.fromkeys(("TABLE", "REPLACE"), _query),
        **dict.fromkeys(
            ("ANALYZE", "CHECK", "OPTIMIZE", "GRANT", "REVOKE"), _committing(schemas.definition)
        ),
        "DEALLOCATE": sessions.other,
        "DESC": _explain,
        "DESCRIBE": _explain,
        "LOCK": _committing(_lock_mysql),
        "PREPARE": _prepare,
        "RENAME": _committing(schemas.any_definition),
        "SET": sessions.set_mysql,
        "SHOW": _show,
        "START": transactions.begin,
        "TRUNCATE": _committing(schemas.truncate),
        "USE": sessions.use,
    },
}
