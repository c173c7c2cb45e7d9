"""Where members stand, as boards answer it."""

from msgspec import Struct

from praxis.rankings.scores import Member


class Entry(Struct, frozen=True):
    """
    A row of a board.

    Attributes:
        member: Who it is.
        rank: From 1; how ties share ranks is the board's.
        score: A whole number as int, others as float.
    """

    member: Member
    rank: int
    score: float


class Standing(Struct, frozen=True):
    """
    Where one member stands.

    Attributes:
        member: Who it is.
        rank: From 1; how ties share ranks is the board's.
        score: A whole number as int, others as float.
        ahead: How many members are ahead of it.
        size: How many members there are.
    """

    member: Member
    rank: int
    score: float
    ahead: int
    size: int

    @property
    def percentile(self) -> float:
        """The share of members that are not ahead of it, itself included: above 0, up to 100."""
        return 100.0 * (self.size - self.ahead) / self.size
