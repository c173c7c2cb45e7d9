"""Reads BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their relatives."""

from praxis.cache.statements.findings import Findings, UnrecognisedError
from praxis.cache.statements.lexing import STRING
from praxis.cache.statements.statement import Action, Control, Kind
from praxis.cache.statements.words import words

_WORDS = frozenset({"WORK", "TRANSACTION"})
_MODES = words(
    """
    ISOLATION LEVEL READ ONLY WRITE UNCOMMITTED COMMITTED REPEATABLE SERIALIZABLE NOT
    DEFERRABLE DEFERRED IMMEDIATE EXCLUSIVE CONCURRENT WITH CONSISTENT SNAPSHOT ,
    TRANSACTION WORK
    """
)
_LEVELS = {
    ("READ", "UNCOMMITTED"): "read uncommitted",
    ("READ", "COMMITTED"): "read committed",
    ("REPEATABLE", "READ"): "repeatable read",
}


def begin(found: Findings, at: int, end: int) -> None:
    """BEGIN and START TRANSACTION, with their modes."""
    keys = found.tokens.keys
    if keys[at] == "START" and keys[at + 1] != "TRANSACTION":
        raise UnrecognisedError
    check_modes(keys, at + 1, end)
    _note(found, Control(Action.BEGIN, value=isolation_level(keys, at + 1, end)))


def check_modes(keys: list[str], at: int, end: int) -> None:
    """Refuse what is no mode of a transaction: in MySQL and Oracle BEGIN opens a block, too."""
    if not _MODES.issuperset(keys[at:end]):
        raise UnrecognisedError


def isolation_level(keys: list[str], at: int, end: int) -> str | None:
    """The level named between *at* and *end*, in lower case."""
    for place in range(at, end):
        if keys[place] == "LEVEL":
            if keys[place + 1] == "SERIALIZABLE":
                return "serializable"
            level = _LEVELS.get((keys[place + 1], keys[place + 2]))
            if level is None:
                raise UnrecognisedError
            return level
    return None


def commit(found: Findings, at: int, end: int) -> None:
    """COMMIT, END and COMMIT PREPARED."""
    tokens = found.tokens
    if tokens.keys[at + 1] == "PREPARED":
        found.everything = True  # what another transaction wrote
        _note(found, Control(Action.COMMIT_PREPARED, _identifier(found, at + 2, end)))
        return
    _note(found, Control(Action.COMMIT, chain=_chain(tokens.keys, at + 1, end)))


def rollback(found: Findings, at: int, end: int) -> None:
    """ROLLBACK, ABORT, ROLLBACK TO and ROLLBACK PREPARED."""
    keys = found.tokens.keys
    if keys[at + 1] == "PREPARED":
        _note(found, Control(Action.ROLLBACK_PREPARED, _identifier(found, at + 2, end)))
        return
    if keys[at] == "ROLLBACK":
        place = at + 1 + (keys[at + 1] in _WORDS)
        if keys[place] == "TO":
            _note(found, Control(Action.ROLLBACK_TO, _savepoint(found, place + 1, end)))
            return
    _note(found, Control(Action.ROLLBACK, chain=_chain(keys, at + 1, end)))


def savepoint(found: Findings, at: int, end: int) -> None:
    """SAVEPOINT name."""
    _note(found, Control(Action.SAVEPOINT, _name(found, at + 1, end)))


def release(found: Findings, at: int, end: int) -> None:
    """RELEASE [SAVEPOINT] name."""
    _note(found, Control(Action.RELEASE, _savepoint(found, at + 1, end)))


def prepare_transaction(found: Findings, at: int, end: int) -> None:
    """PREPARE TRANSACTION 'name'."""
    _note(found, Control(Action.PREPARE_TRANSACTION, _identifier(found, at + 2, end)))


def _note(found: Findings, control: Control) -> None:
    found.kind = Kind.TRANSACTION
    found.control.append(control)


def _savepoint(found: Findings, at: int, end: int) -> str:
    return _name(found, at + (found.tokens.keys[at] == "SAVEPOINT" and at + 1 < end), end)


def _name(found: Findings, at: int, end: int) -> str:
    if at + 1 != end or not (found.tokens.is_name(at) or found.tokens.kinds[at] == STRING):
        raise UnrecognisedError
    return found.folded(at)


def _identifier(found: Findings, at: int, end: int) -> str:
    if at + 1 != end or found.tokens.kinds[at] != STRING:
        raise UnrecognisedError
    return found.tokens.texts[at]


def _chain(keys: list[str], at: int, end: int) -> bool:
    at += keys[at] in _WORDS
    rest = keys[at:end]
    if rest not in ([], ["AND", "CHAIN"], ["AND", "NO", "CHAIN"]):
        raise UnrecognisedError
    return len(rest) == 2
