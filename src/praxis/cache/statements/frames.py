"""Where the reading of a query stands, with one frame for each open parenthesis."""

from dataclasses import dataclass, field
from enum import Enum, auto

from praxis.cache.statements.dialects import Dialect
from praxis.cache.statements.findings import Findings
from praxis.cache.statements.lexing import Tokens
from praxis.cache.statements.statement import Table


class State(Enum):
    """What may come next in a frame."""

    START = auto()  # nothing was read yet
    EXPRESSION = auto()  # a clause of a query, or any expression
    TABLES = auto()  # a table or whatever stands for one
    TABLE = auto()  # behind a table: its alias, a join, the next clause
    CONDITION = auto()  # behind ON: an expression, in which a comma brings a table
    TARGET = auto()  # behind the table of INSERT
    NAMES = auto()  # in a list of names or types that is of no interest
    NOTHING = auto()  # as a fallback: a query has to begin here
    WITH_NAME = auto()
    WITH_AS = auto()
    WITH_BODY = auto()
    WITH_NEXT = auto()
    WITH_SEARCH = auto()  # in SEARCH or CYCLE of a WITH


@dataclass(slots=True)
class Frame:
    """
    One level of parentheses, or the whole statement.

    Attributes:
        fallback: The state to take where no query begins.
        writes_allowed: INSERT and the like may begin here.
        closer: The token that ends it.
        function: The function whose arguments these are, in upper case; or ``""``.
        in_query: FROM begins a list of tables.
        verb: INSERT, UPDATE, DELETE or MERGE; or ``""``.
        targets: The tables that are named now are written.
        joined: A JOIN was seen since the list of tables began.
        alias: The table before has its alias.
        grouping: In GROUP BY.
        cases: How many CASE are open.
        names: The WITH queries that can be named in here and below.
        recursive: WITH RECURSIVE.
        body: The name of the WITH query that is being defined.
        names_next: The next parentheses hold a list of names.
        arguments_next: The next parentheses hold expressions.
    """

    fallback: State
    writes_allowed: bool = False
    closer: str = ""
    function: str = ""
    state: State = State.START
    in_query: bool = False
    verb: str = ""
    targets: bool = False
    joined: bool = False
    alias: bool = False
    grouping: bool = False
    cases: int = 0
    names: set[str] = field(default_factory=set)
    recursive: bool = False
    body: str = ""
    names_next: bool = False
    arguments_next: bool = False


@dataclass(slots=True)
class Reading:
    """
    One statement as it is read.

    Attributes:
        stack: The open frames, the innermost last.
        scopes: Those of them that have names by WITH.
    """

    found: Findings
    tokens: Tokens
    dialect: Dialect
    stack: list[Frame] = field(default_factory=list)
    scopes: list[Frame] = field(default_factory=list)

    def read_table(self, frame: Frame, table: Table) -> None:
        """Note a table that was named in *frame*, unless the name is that of a WITH query."""
        if frame.targets:
            self.found.writes.add(table)
        elif not table.schema and any(table.name in scope.names for scope in self.scopes):
            return
        if table.name == "dual" and not table.schema and self.dialect.vendor == "mysql":
            return
        self.found.reads.add(table)

    def define(self, frame: Frame, name: str) -> None:
        """From now on *name* is a WITH query, in *frame* and below."""
        if not frame.names:
            self.scopes.append(frame)
        frame.names.add(name)
