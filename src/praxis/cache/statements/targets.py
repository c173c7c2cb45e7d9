"""The beginning of INSERT, REPLACE, UPDATE, DELETE and MERGE, up to the table that is written."""

from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.frames import Frame, State

_MYSQL_MODIFIERS = frozenset({"LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE"})


def read_verb(found: Findings, frame: Frame, at: int) -> int:
    """
    Read the verb at *at* and set *frame* to what follows; returns where that is.

    Raises:
        UnrecognisedError: something else follows.
    """
    keys, vendor = found.tokens.keys, found.dialect.vendor
    verb = keys[at]
    if verb == "REPLACE" and vendor not in ("sqlite", "mysql"):
        raise UnrecognisedError
    at = _after_modifiers(keys, at + 1, vendor)
    if verb in ("INSERT", "REPLACE"):
        return _insert(found, frame, at)
    frame.verb, frame.state, frame.targets = verb, State.TABLES, True
    if verb == "MERGE":
        if vendor != "postgresql" or keys[at] != "INTO":
            raise UnrecognisedError
        return at + 1
    if verb == "DELETE":
        if vendor == "mysql" and keys[at] == "QUICK" and keys[at + 1] in ("FROM", "IGNORE"):
            at = _after_modifiers(keys, at + 1, vendor)
        if keys[at] == "FROM":
            return at + 1
        if vendor != "mysql":
            raise UnrecognisedError
    return at


def _insert(found: Findings, frame: Frame, at: int) -> int:
    if found.tokens.keys[at] == "INTO":
        at += 1
    elif found.dialect.vendor != "mysql":
        raise UnrecognisedError
    table, at = found.table(at)
    # It may update rows that are there, and RETURNING gives them back.
    found.writes.add(table)
    found.reads.add(table)
    frame.verb, frame.state = "INSERT", State.TARGET
    return at


def _after_modifiers(keys: list[str], at: int, vendor: str) -> int:
    if vendor == "sqlite" and keys[at] == "OR":
        return at + 2
    while vendor == "mysql" and keys[at] in _MYSQL_MODIFIERS:
        at += 1
    return at
