"""What a result depends on: all rows of a table, or those that meet a condition."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

import msgspec

#: Bytes of a condition's digest. Two conditions with one digest share their stamp: a write to
#: either empties both, which costs a miss and nothing else.
DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Whole:
    """Every row of *table*: any write to it counts."""

    table: str


@dataclass(frozen=True, slots=True)
class Matching:
    """
    The rows of *table* in which *columns* equal one of several *values*.

    Attributes:
        table: Its name in the database.
        columns: In alphabetical order; at least one.
        values: One tuple for each alternative, in the order of *columns*. They are compared by
            type as well: whoever makes them brings them to one form first.
    """

    table: str
    columns: tuple[str, ...]
    values: tuple[tuple[object, ...], ...]

    @property
    def shape(self) -> str:
        return ",".join(self.columns)


@dataclass(frozen=True, slots=True)
class Joined:
    """
    Rows of *table* that the result names by *column*, its key; only the rows tell which they are.

    They may be known by their keys alone, since whatever leads to them from other rows of the
    result is a column of those.
    """

    table: str
    column: str

    @property
    def shape(self) -> str:
        return self.column


Dependency = Whole | Matching | Joined


@lru_cache(maxsize=4096)
def digest_of(table: str, columns: tuple[str, ...], values: tuple[object, ...]) -> bytes:
    """
    The name of a condition: the same for whoever reads such rows and whoever writes one.

    Args:
        table: Its name in the database.
        columns: In alphabetical order.
        values: Brought to one form: numbers, texts and None.
    """
    return blake2b(_encode((table, columns, values)), digest_size=DIGEST_BYTES).digest()


_encode = msgspec.msgpack.Encoder().encode
