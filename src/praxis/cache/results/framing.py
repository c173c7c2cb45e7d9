"""What is stored says what it is: whatever else is found in its place is told from it."""

from praxis.cache.codec import CorruptEntryError


def framed(kind: bytes, body: bytes) -> bytes:
    """
    The *body* as bytes that `unframed` knows again.

    Args:
        kind: Two bytes: what it is, and in which form; another form is another kind.
        body: Anything. That it is whole is for who stores it to see.
    """
    return kind + body


def unframed(kind: bytes, data: bytes) -> bytes:
    """
    The body of what was framed as *kind*.

    Raises:
        CorruptEntryError: if *data* is of another kind.
    """
    if data[: len(kind)] != kind:
        raise CorruptEntryError("it does not begin as it should")
    return data[len(kind) :]
