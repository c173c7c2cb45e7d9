"""What is worth a line in the log once, however often it happens."""

#: Further ones are not told: a log of a thousand lines has said it.
MAX_TOLD = 1000


class Once:
    """What one part of the cache has told of."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def is_new(self, what: str) -> bool:
        """Whether to tell of *what* now."""
        if what in self._told or len(self._told) >= MAX_TOLD:
            return False
        self._told.add(what)
        return True
