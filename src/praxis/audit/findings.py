"""What rules return: findings, where they stand, what they cost, and the edits that mend them."""

from enum import StrEnum
from typing import Self

from msgspec import Struct


class Severity(StrEnum):
    """How much a finding costs the site; the names are SARIF's levels."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]

    def lowered(self) -> "Severity":
        """One level milder: the same mistake on a path that serves no request."""
        return tuple(Severity)[min(self.rank + 1, 2)]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Confidence(StrEnum):
    """*Certain*: the code says so. *Likely*: true unless something unusual is going on."""

    CERTAIN = "certain"
    LIKELY = "likely"


class Safety(StrEnum):
    """*Safe* edits keep what the code does; *unsafe* ones may change it and are opt-in."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class Place(Struct, frozen=True, array_like=True, order=True):
    """
    A span of a file. Lines and columns count from 1; a column counts characters.

    *start* and *end* are offsets in characters into the decoded text, end exclusive. *path* is
    relative to the project's root, with forward slashes.
    """

    path: str
    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Step(Struct, frozen=True, array_like=True):
    """One link of the chain that leads from the cause to the finding."""

    place: Place
    note: str


class Edit(Struct, frozen=True, array_like=True):
    """Replace the characters *start* to *end* of the file at *path* by *text*."""

    path: str
    start: int
    end: int
    text: str


class Fix(Struct, frozen=True, array_like=True):
    """Edits that belong together: all are applied or none. They may touch several files."""

    edits: tuple[Edit, ...]
    safety: Safety
    title: str


class Cost(Struct, frozen=True, array_like=True):
    """
    Statements that the mistake adds: *per_row* for each of *rows* rows.

    *rows* is None where the code does not tell how many there are.
    """

    per_row: int
    rows: int | None = None

    def __str__(self) -> str:
        if self.rows is None:
            return "1 + N queries" if self.per_row == 1 else f"1 + {self.per_row}N queries"
        return f"1 + {self.per_row * self.rows} queries"


class Finding(Struct, frozen=True, array_like=True):
    """
    A mistake found at *place*.

    A rule fills the first seven; the engine adds the rest: the rule's code and name, the
    severity of the place, the enclosing *symbol* and the *snippet* that a baseline recognises.
    """

    place: Place
    message: str
    fix: Fix | None = None
    steps: tuple[Step, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    cost: Cost | None = None
    severity: Severity = Severity.WARNING
    code: str = ""
    rule: str = ""
    symbol: str = ""
    snippet: str = ""

    def order(self) -> tuple[int, int, str, int, str]:
        """The worst first, then by place, so that two runs print alike."""
        expected = -(self.cost.per_row * (self.cost.rows or 100)) if self.cost else 0
        return (self.severity.rank, expected, self.place.path, self.place.start, self.code)


class Problem(Struct, frozen=True, array_like=True):
    """Something that could not be read: it is said, and the rest is checked all the same."""

    path: str
    line: int
    message: str

    @classmethod
    def at_file(cls, path: str, message: str) -> Self:
        return cls(path, 0, message)

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.message}"
