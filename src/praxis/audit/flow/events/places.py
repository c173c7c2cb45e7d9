"""Where things happen, and the calls and includes that lead there."""

import re

from msgspec import Struct

Span = tuple[int, int]


#: A span of the file that is named first.
Spot = tuple[str, int, int]


class Hop(Struct, frozen=True, array_like=True):
    """A call, or something that works like one, on the way from a loop to what happens there."""

    spot: Spot
    note: str

    @property
    def is_call(self) -> bool:
        """Whether it runs a function, and does not merely hand rows on."""
        return not self.note.startswith(_HANDING_ON)

    @property
    def called(self) -> str:
        """The function's name."""
        return self.note.rpartition(" ")[2].removesuffix("()")

    @property
    def field(self) -> str:
        """``BookOut.author``: the field that is read, where it is one that hands rows on."""
        return self.called if not self.is_call and _FIELD.search(self.note) else ""

    @property
    def stands_in_loop(self) -> bool:
        """Whether a reader finds it where the rows are walked."""
        return self.is_call and not self.note.startswith("computed by ")


#: The end of what a field of a class is told by: ``serialized by BookOut.author``.
_FIELD = re.compile(r" by \w+\.\w+$")


#: What brings the rows to where they are walked.
_HANDING_ON = ("renders ", "includes ", "serialized by ", "resolved by ", "shown by ")


class Site(Struct, frozen=True, array_like=True):
    """Where a query is made; see `praxis.audit.flow.interpreter.values.Origin`."""

    path: str
    start: int
    end: int
    kind: str = "chain"
    also: tuple[str, ...] = ()

    @property
    def spot(self) -> Spot:
        return self.path, self.start, self.end
