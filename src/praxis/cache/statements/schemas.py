"""Reads CREATE, ALTER, DROP and other statements that change definitions."""

from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.queries import read_query
from praxis.cache.statements.statement import Kind
from praxis.cache.statements.words import words

_BEFORE_TABLE = frozenset(
    {"OR", "REPLACE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "UNIQUE", "RECURSIVE"}
)
# Clauses of ALTER TABLE that reach further than the table, or compute with any function.
_REACHING = words(
    """
    ATTACH DETACH INHERIT EXCHANGE CONVERT PARTITION USING CASCADE SCHEMA TABLESPACE IMPORT
    """
)


def create(found: Findings, at: int, end: int) -> None:
    """CREATE of a table, a view or an index names what it changes; all else may be any table."""
    found.kind, keys = Kind.SCHEMA, found.tokens.keys
    at += 1
    while keys[at] in _BEFORE_TABLE:
        at += 1
    if keys[at] == "TABLE":
        _create_table(found, _after_if(keys, at + 1), end)
    elif keys[at] == "VIEW":
        table, _ = found.table(_after_if(keys, at + 1))
        found.writes.add(table)
    elif keys[at : at + 2] == ["MATERIALIZED", "VIEW"]:
        _create_table(found, _after_if(keys, at + 2), end)
    elif keys[at] == "INDEX":
        _create_index(found, at, end)
    else:
        found.everything = True


def alter(found: Findings, at: int, end: int) -> None:
    """ALTER: TABLE names the table, and the new name; all else may be any."""
    found.kind, keys = Kind.SCHEMA, found.tokens.keys
    if keys[at + 1] != "TABLE":
        found.everything = keys[at + 1] not in ("INDEX", "SEQUENCE", "ROLE", "USER")
        return
    at = _after_if(keys, at + 2)
    table, at = found.table(at + (keys[at] == "ONLY"))
    found.writes.add(table)
    rest = keys[at:end]
    if not _REACHING.isdisjoint(rest) or _default_calls(found, at, end):
        found.everything = True
    elif rest[:1] == ["RENAME"] and (len(rest) < 2 or rest[1] in ("TO", "AS") or "TO" not in rest):
        renamed, _ = found.table(at + 1 + (rest[1:2] in (["TO"], ["AS"])))
        found.writes.add(renamed._replace(schema=renamed.schema or table.schema))
    elif "RENAME" in rest[1:]:
        found.everything = True


def drop(found: Findings, at: int, end: int) -> None:
    """DROP of tables, views and indexes; with CASCADE, or of anything else, it may be any."""
    found.kind, keys = Kind.SCHEMA, found.tokens.keys
    at += 1
    at += keys[at] in ("TEMPORARY", "MATERIALIZED")
    thing, at = keys[at], at + 1
    at += keys[at] == "CONCURRENTLY"
    sqlite_deletes = found.dialect.vendor == "sqlite" and thing == "TABLE"  # and cascades
    if thing not in ("TABLE", "VIEW", "INDEX") or keys[end - 1] == "CASCADE" or sqlite_deletes:
        found.everything = True
        return
    after = _tables(found, _after_if(keys, at), end, written=thing != "INDEX")
    if thing == "INDEX" and keys[after] == "ON":
        found.writes.add(found.table(after + 1)[0])
    elif keys[after:end] not in ([], ["RESTRICT"]):
        found.everything = True


def truncate(found: Findings, at: int, end: int) -> None:
    """TRUNCATE; with CASCADE it may be any table."""
    found.kind, keys = Kind.WRITE, found.tokens.keys
    at += 1
    after = _tables(found, at + (keys[at] == "TABLE"), end, written=True)
    rest = keys[after:end]
    if rest[:2] in (["RESTART", "IDENTITY"], ["CONTINUE", "IDENTITY"]):
        rest = rest[2:]
    if rest not in ([], ["RESTRICT"]):
        found.everything = True


def refresh(found: Findings, at: int, end: int) -> None:
    """REFRESH MATERIALIZED VIEW."""
    keys = found.tokens.keys
    if keys[at + 1 : at + 3] != ["MATERIALIZED", "VIEW"]:
        raise UnrecognisedError
    found.kind = Kind.WRITE
    view, after = found.table(at + 3 + (keys[at + 3] == "CONCURRENTLY"))
    if keys[after:end] not in ([], ["WITH", "DATA"], ["WITH", "NO", "DATA"]):
        raise UnrecognisedError
    found.writes.add(view)


def definition(found: Findings, _at: int, _end: int) -> None:
    """A definition or storage changes, no rows: COMMENT, GRANT, ANALYZE, VACUUM, REINDEX."""
    found.kind = Kind.SCHEMA


def any_definition(found: Findings, _at: int, _end: int) -> None:
    """A definition that any result may depend on changes."""
    found.kind, found.everything = Kind.SCHEMA, True


def _after_if(keys: list[str], at: int) -> int:
    if keys[at : at + 3] == ["IF", "NOT", "EXISTS"]:
        return at + 3
    return at + 2 if keys[at : at + 2] == ["IF", "EXISTS"] else at


def _tables(found: Findings, at: int, end: int, *, written: bool) -> int:
    """Read a list of tables; returns where it ends."""
    keys = found.tokens.keys
    while True:
        at += keys[at] == "ONLY"
        table, at = found.table(at)
        at += keys[at] == "*"
        if written:
            found.writes.add(table)
        if keys[at] != "," or at >= end:
            return at
        at += 1


def _create_table(found: Findings, at: int, end: int) -> None:
    keys = found.tokens.keys
    table, at = found.table(at)
    found.writes.add(table)
    depth, query = 0, end
    for place in range(at, end):
        depth += (keys[place] == "(") - (keys[place] == ")")
        if not depth and keys[place] == "AS":
            query = place + 1
            break
    if not {"SELECT", "VALUES", "WITH", "EXECUTE"}.isdisjoint(keys[at:query]):
        # MySQL's form without AS; or WITH (fillfactor = 70), which is not told from it.
        found.everything = found.dialect.vendor == "mysql" or "SELECT" in keys[at:query]
    if query < end:
        if keys[query] == "EXECUTE":
            raise UnrecognisedError
        kind = found.kind
        read_query(found, query, end)
        found.kind = kind


def _create_index(found: Findings, at: int, end: int) -> None:
    keys = found.tokens.keys
    for place in range(at, end):
        if keys[place] == "ON":
            table, _ = found.table(place + 1 + (keys[place + 1] == "ONLY"))
            found.writes.add(table)
            return
    raise UnrecognisedError


def _default_calls(found: Findings, at: int, end: int) -> bool:
    """Whether a DEFAULT calls a function that is not known."""
    tokens = found.tokens
    for place in range(at, end):
        if tokens.keys[place] == "DEFAULT":
            after = place + 1
            while tokens.is_name(after) and tokens.keys[after + 1] == ".":
                after += 2
            if tokens.keys[after] == "(":
                return True
            name = found.folded(after)
            called = tokens.is_name(after) and tokens.keys[after + 1] == "("
            if called and name not in found.dialect.pure | found.dialect.volatile:
                return True
    return False
