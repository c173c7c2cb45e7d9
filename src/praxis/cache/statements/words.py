"""Lists of words, written as text."""


def words(text: str) -> frozenset[str]:
    """The words of *text*, which are parted by white space."""
    return frozenset(text.split())
