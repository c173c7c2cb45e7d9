"""What a frame keeps of loops, branches, queries, and rows that were handed in."""

from itertools import compress
from operator import is_not

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import (
    Hop,
    RowsCreated,
    Span,
    Spot,
)
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    QuerySet,
    Value,
    join,
)


class Loop(Struct, eq=False):
    """A loop around the current place; *rounds* where the code tells how many."""

    path: str
    start: int
    end: int
    kind: str
    rounds: int | None = None
    #: Models asked for inside it so far.
    queried: set[Key] = set()
    #: The same without what it runs over: asked for once a round.
    queried_again: set[Key] = set()
    #: Whether a round has begun: what it runs over is known.
    begun: bool = False
    #: Its statement or comprehension, where it is one.
    source: ir.For | ir.Comp | None = None
    #: ``try`` blocks around the current place, inside of the loop.
    tries: int = 0
    #: The model of the rows that it goes over, where the query tells that they may be many.
    many: Key | None = None


class Ask(Struct, frozen=True, eq=False):
    """
    A query, or a write, where it happens.

    Attributes:
        how: The method (``get``, ``count``), ``rows`` where the rows are fetched, ``item`` for one
            by its position; ``write`` for whatever changes rows of the model.
        queryset: What is asked.
        node: The call; for ``rows`` what gives the queryset.
        loops: The loops of which each round does so, the innermost last.
        left: Those of them that end here.
        repeats: Whether it asks one row after the other for its related rows.
        quiet: Whether it is an exception.
    """

    how: str
    queryset: QuerySet
    node: ir.Expr
    loops: tuple[Loop, ...]
    left: frozenset[int]
    repeats: bool
    quiet: bool


class State(Struct, eq=False):
    """What differs between branches."""

    names: dict[str, Value] = {}
    #: Fields set on a fetched row since it was fetched or saved, by token.
    changed: dict[int, tuple[str, ...]] = {}

    def copy(self) -> "State":
        return State(dict(self.names), dict(self.changed))

    def joined(self, other: "State") -> "State":
        """What holds where two branches meet."""
        # few names differ, and generated functions have thousands: those alone are looked at
        mine, theirs = self.names, other.names
        names = dict(mine)
        if list(mine) == list(theirs):  # as they mostly are
            for name in compress(mine, map(is_not, mine.values(), theirs.values())):
                names[name] = join(mine[name], theirs[name])
        else:
            get = theirs.get
            for name in [name for name, value in mine.items() if get(name) is not value]:
                names[name] = join(mine[name], theirs.get(name, UNKNOWN))
            for name in theirs.keys() - mine.keys():
                names[name] = UNKNOWN
        changed = dict(self.changed)
        for token, fields in other.changed.items():
            changed[token] = tuple(dict.fromkeys(changed.get(token, ()) + fields))
        return State(names, changed)


class PendingCreation(Struct, frozen=True):
    """
    A new row saved once a round, told if the loop's end confirms it.

    *token* is the row's, which must not escape; *writes* are all calls of the loop's body that
    save a row: every one has to be told with it.
    """

    token: int
    event: RowsCreated
    loop: Loop
    writes: frozenset[Span]


#: When a block runs: for few of the rows, or for those whose relations are not loaded yet.
RARELY = "rarely"


UNLESS_LOADED = "unless loaded"


#: It runs for requests that ask for it, by a parameter.
WHERE_ASKED = "where asked"


class UnlessGiven(Struct, frozen=True, gc=False):
    """It runs for rows to which no query gives the attribute *lookup*, as seen from a parameter."""

    parameter: int
    lookup: tuple[str, ...]


#: When a block runs; empty where that is not known.
Mode = str | UnlessGiven


#: All that is known of when the current block runs.
Modes = tuple[int, int, int, tuple[UnlessGiven, ...], int]


class Nested(Struct, frozen=True, gc=False):
    """The loop in which a relation is read from rows that hang on a parameter."""

    path: str
    loop: Span
    iterated: Span
    kind: str
    told: bool
    walked: str


class ParameterRead(Struct, frozen=True, gc=False):
    """
    A relation read of what the caller handed in, or of rows that hang on it.

    *path* leads there from the parameter; *nested* is the loop where it leads through many rows,
    and then *told* is whether the function itself tells of it. *served* is whether a prefetch
    serves it, and *kept*, if not below 0, how much of the path leads to the row that keeps what
    comes of it (a cached property). It is not done where the query gives an attribute in *unless*;
    *asked* is whether it is done for requests alone that ask for it.
    """

    parameter: int
    path: tuple[str, ...]
    spot: Spot
    via: tuple[Hop, ...] = ()
    nested: Nested | None = None
    how: str = ""
    served: bool = False
    kept: int = -1
    unless: tuple[tuple[str, ...], ...] = ()
    asked: bool = False
