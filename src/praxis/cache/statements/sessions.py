"""Reads SET, RESET, DISCARD, USE and PRAGMA: what a session goes on with afterwards."""

from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.lexing import NUMBER, PLACEHOLDER, QUOTED, STRING, WORD
from praxis.cache.statements.queries import read_query
from praxis.cache.statements.statement import Action, Control, Kind
from praxis.cache.statements.transactions import check_modes, isolation_level
from praxis.cache.statements.words import words

# SQLite's: those that only tell, and those that only change how the connection works.
_TELLING = words(
    """
    collation_list compile_options database_list foreign_key_check foreign_key_list
    freelist_count function_list index_info index_list index_xinfo integrity_check
    module_list page_count pragma_list quick_check table_info table_list table_xinfo
    """
)
_SETTING = words(
    """
    analysis_limit auto_vacuum automatic_index busy_timeout cache_size cache_spill
    case_sensitive_like cell_size_check checkpoint_fullfsync data_version defer_foreign_keys
    foreign_keys fullfsync hard_heap_limit ignore_check_constraints journal_mode
    journal_size_limit legacy_alter_table locking_mode mmap_size page_size query_only
    read_uncommitted recursive_triggers reverse_unordered_selects secure_delete
    soft_heap_limit synchronous temp_store threads trusted_schema wal_autocheckpoint
    wal_checkpoint
    """
)
# PostgreSQL: ``SET NAMES 'utf8'``.
_WITHOUT_SIGN = {"SCHEMA": "search_path", "NAMES": "client_encoding", "SEED": "seed"}
_SIMPLE = (WORD, QUOTED, STRING, NUMBER, PLACEHOLDER)


def set_postgresql(found: Findings, at: int, end: int) -> None:
    """SET in all its forms."""
    tokens, keys = found.tokens, found.tokens.keys
    at, local = at + 1, False
    if keys[at] == "CONSTRAINTS":
        _note(found, Control(Action.CONSTRAINTS), Kind.TRANSACTION)
        return
    if keys[at] == "TRANSACTION":
        _transaction(found, "transaction", at + 1, end)
        return
    if keys[at : at + 4] == ["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]:
        _transaction(found, "session", at + 4, end)
        return
    if keys[at] in ("SESSION", "LOCAL") and keys[at + 1] not in ("TO", "="):
        local = keys[at] == "LOCAL"
        at += keys[at : at + 2] != ["SESSION", "AUTHORIZATION"]
    name, at = _setting(found, at, end)
    value = None if keys[at : at + 1] == ["DEFAULT"] and at + 1 == end else _value(found, at, end)
    if not all(
        tokens.kinds[place] in _SIMPLE or keys[place] in (",", "+", "-", ".")
        for place in range(at, end)
    ):
        raise UnrecognisedError
    _note(found, Control(Action.SET, name, value, local=local), Kind.SESSION)


def set_mysql(found: Findings, at: int, end: int) -> None:
    """SET of variables, whose values may be queries, and of the isolation level."""
    keys = found.tokens.keys
    at += 1
    scope = keys[at] if keys[at] in ("SESSION", "LOCAL", "GLOBAL") else ""
    if keys[at + bool(scope)] == "TRANSACTION":
        if scope == "GLOBAL":
            raise UnrecognisedError
        name = "session" if scope else "transaction"
        _transaction(found, name, at + bool(scope) + 1, end)
        return
    if keys[at] in ("STATEMENT", "PASSWORD", "GLOBAL", "PERSIST", "DEFAULT", "ROLE", "RESOURCE"):
        raise UnrecognisedError
    if keys[at] in ("NAMES", "CHARACTER", "CHARSET"):
        _note(found, Control(Action.SET, "names", _value(found, end - 1, end)), Kind.SESSION)
        return
    for start, stop in _parts(keys, at, end):
        _assignment(found, start, stop)


def reset(found: Findings, at: int, end: int) -> None:
    """RESET name and RESET ALL."""
    name, after = _setting_name(found, at + 1)
    if after != end:
        raise UnrecognisedError
    _note(found, Control(Action.RESET, name), Kind.SESSION)


def discard(found: Findings, at: int, end: int) -> None:
    """DISCARD ALL, PLANS, SEQUENCES and TEMP."""
    if at + 2 != end:
        raise UnrecognisedError
    _note(found, Control(Action.DISCARD, found.tokens.texts[at + 1].lower()), Kind.SESSION)


def use(found: Findings, at: int, end: int) -> None:
    """MySQL: USE database."""
    if at + 2 != end or not found.tokens.is_name(at + 1):
        raise UnrecognisedError
    control = Control(Action.SET, "database", found.folded(at + 1))
    _note(found, control, Kind.SESSION)


def pragma(found: Findings, at: int, end: int) -> None:
    """SQLite: PRAGMA [schema.]name, with a value or without."""
    tokens, keys = found.tokens, found.tokens.keys
    parts, after = found.path(at + 1)
    if not all(
        kind in _SIMPLE or keys[place] in ("(", ")", "=", "-", "+")
        for place, kind in enumerate(tokens.kinds[after:end], after)
    ):
        raise UnrecognisedError
    found.volatile = True
    if parts[-1] in _TELLING or (parts[-1] in _SETTING and after == end):
        return
    if parts[-1] not in _SETTING:
        raise UnrecognisedError
    values = [
        tokens.texts[place].lower()
        for place in range(after, end)
        if tokens.kinds[place] in _SIMPLE and tokens.kinds[place] != PLACEHOLDER
    ]
    value = values[0] if len(values) == 1 else None
    _note(found, Control(Action.SET, parts[-1], value), Kind.SESSION)


def other(found: Findings, _at: int, _end: int) -> None:
    """LISTEN, NOTIFY, CLOSE, DEALLOCATE and the like."""
    _note(found, Control(Action.OTHER), Kind.SESSION)


def _note(found: Findings, control: Control, kind: Kind) -> None:
    found.kind = kind
    found.control.append(control)


def _transaction(found: Findings, name: str, at: int, end: int) -> None:
    tokens = found.tokens
    if tokens.keys[at] == "SNAPSHOT" and tokens.kinds[at + 1] == STRING and at + 2 == end:
        control = Control(Action.ISOLATION, "snapshot", tokens.texts[at + 1])
    else:
        check_modes(tokens.keys, at, end)
        control = Control(Action.ISOLATION, name, isolation_level(tokens.keys, at, end))
    _note(found, control, Kind.TRANSACTION)


def _setting(found: Findings, at: int, end: int) -> tuple[str, int]:
    """The setting's name, and where its value begins."""
    keys = found.tokens.keys
    name, after = _setting_name(found, at)
    if name in ("timezone", "role", "session_authorization", "xmloption") and keys[after] not in (
        "TO",
        "=",
    ):
        return name, after
    names = {"SCHEMA": "search_path", "NAMES": "client_encoding", "SEED": "seed"}
    if keys[at] in names and keys[after] not in ("TO", "="):
        return names[keys[at]], after
    if keys[after] not in ("TO", "=") or after + 1 >= end:
        raise UnrecognisedError
    return name, after + 1


def _setting_name(found: Findings, at: int) -> tuple[str, int]:
    tokens, keys = found.tokens, found.tokens.keys
    if keys[at : at + 2] == ["TIME", "ZONE"]:
        return "timezone", at + 2
    if keys[at : at + 2] == ["SESSION", "AUTHORIZATION"]:
        return "session_authorization", at + 2
    if keys[at : at + 2] == ["XML", "OPTION"]:
        return "xmloption", at + 2
    if not tokens.is_name(at):
        raise UnrecognisedError
    name = tokens.texts[at].lower()
    at += 1
    while keys[at] == "." and tokens.is_name(at + 1):
        name, at = f"{name}.{tokens.texts[at + 1].lower()}", at + 2
    return name, at


def _value(found: Findings, at: int, end: int) -> str | None:
    tokens = found.tokens
    if PLACEHOLDER in tokens.kinds[at:end] or at >= end:
        return None
    parts = [
        found.folded(place) if tokens.kinds[place] in (WORD, QUOTED) else tokens.texts[place]
        for place in range(at, end)
    ]
    return " ".join(parts).replace(" ,", ",")


def _parts(keys: list[str], at: int, end: int) -> list[tuple[int, int]]:
    """Split at the commas outside of parentheses."""
    parts, start, depth = [], at, 0
    for place in range(at, end):
        depth += (keys[place] == "(") - (keys[place] == ")")
        if keys[place] == "," and not depth:
            parts.append((start, place))
            start = place + 1
    return [*parts, (start, end)]


def _assignment(found: Findings, at: int, end: int) -> None:
    tokens, keys = found.tokens, found.tokens.keys
    if keys[at] in ("SESSION", "LOCAL"):
        at += 1
    name = tokens.texts[at].lower().removeprefix("@@session.").removeprefix("@@local.")
    if name.startswith("@@global.") or keys[at + 1] not in ("=", ":=") or at + 2 >= end:
        raise UnrecognisedError
    read_query(found, at + 2, end, is_expression=True)
    simple = end == at + 3 and tokens.kinds[at + 2] in (WORD, STRING, NUMBER)
    value = tokens.texts[at + 2].lower() if simple else None
    name = name.removeprefix("@@")
    # Autocommit that is switched on commits.
    kind = Kind.TRANSACTION if name == "autocommit" else Kind.SESSION
    _note(found, Control(Action.SET, name, value), kind)
