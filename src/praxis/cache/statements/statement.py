"""The answer: what one text of SQL does."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """
    The gravest thing that a text does; of several statements in one text, the gravest of all.

    UNKNOWN also covers what may end the transaction or change the session.
    """

    READ = "read"
    SESSION = "session"
    TRANSACTION = "transaction"
    WRITE = "write"
    SCHEMA = "schema"
    UNKNOWN = "unknown"


class Table(NamedTuple):
    """
    A table, view or the like, by the name that the database looks up.

    Attributes:
        schema: As written; ``""`` where the search path decides. A third part is left out.
        name: Folded as the vendor folds it, so that equal names are equal strings.
    """

    schema: str
    name: str


class Action(Enum):
    """What a statement does to its transaction or session."""

    BEGIN = "begin"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    SAVEPOINT = "savepoint"
    RELEASE = "release"
    ROLLBACK_TO = "rollback to"
    PREPARE_TRANSACTION = "prepare transaction"
    COMMIT_PREPARED = "commit prepared"
    ROLLBACK_PREPARED = "rollback prepared"
    ISOLATION = "isolation"
    CONSTRAINTS = "set constraints"
    IMPLICIT_COMMIT = "implicit commit"  # MySQL: most statements that change a schema
    SET = "set"
    RESET = "reset"
    DISCARD = "discard"
    OTHER = "other"  # PREPARE, LISTEN, CLOSE and the like: nothing that a result depends on


@dataclass(frozen=True, slots=True)
class Control:
    """
    One change to the transaction or the session.

    Attributes:
        action: What is done.
        name: Of the savepoint, the prepared transaction or the setting (in lower case:
            ``search_path``, ``role``, ``timezone``, …); of `Action.ISOLATION` ``transaction``,
            ``session`` or ``snapshot``; of `Action.DISCARD` what is discarded.
        value: The isolation level in lower case (also of `Action.BEGIN`), or the setting's value;
            None where none is named or the text does not tell it.
        chain: ``AND CHAIN``: another transaction begins at once.
        local: ``SET LOCAL``: until the end of the transaction.
    """

    action: Action
    name: str = ""
    value: str | None = None
    chain: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """
    What one text of SQL does when it is executed.

    Attributes:
        kind: The gravest thing it does.
        reads: Tables that its result depends on. A table whose rows are updated, deleted or
            merged is among them. Incomplete where *kind* is UNKNOWN.
        writes: Tables whose rows or shape may differ afterwards; None: any table.
        locks: It locks rows or tables, or takes an advisory lock.
        volatile: Its result depends on more than its tables and parameters (time, chance, a
            sequence, the session, the system catalogues): it must not be kept.
        control: What it does to the transaction and the session, in order.
        functions: Called functions that are not known to be without effects, as written, without
            quotes. They make *kind* UNKNOWN; whoever knows better hands them to
            ``analyse(…, pure=…)``.
    """

    kind: Kind
    reads: frozenset[Table] = frozenset()
    writes: frozenset[Table] | None = frozenset()
    locks: bool = False
    volatile: bool = False
    control: tuple[Control, ...] = ()
    functions: frozenset[str] = frozenset()


UNKNOWN = Statement(Kind.UNKNOWN, writes=None, volatile=True)
