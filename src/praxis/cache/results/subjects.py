"""What is kept, as people call it, and what happens to it, told to whoever listens."""

from collections.abc import Callable
from dataclasses import dataclass

from praxis.announcements import ResultEvent, ResultKind, announce, heard


@dataclass(frozen=True, slots=True)
class Subject:
    """
    A view, a fragment or a function whose results are kept.

    Attributes:
        kind: Which of them.
        name: See `ResultEvent`.
        words: What the log calls it, if not by its name.
    """

    kind: ResultKind
    name: str
    words: str = ""

    def __str__(self) -> str:
        return self.words or self.name

    def tell(self, event: Callable[..., ResultEvent], *more: object) -> None:
        """Announce what happened to a result of it, if somebody listens."""
        if event in heard:
            announce(event(self.kind, self.name, *more))
