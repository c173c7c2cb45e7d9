"""The labelled set: ``cases.toml``, whose head says what each key means."""

from pathlib import Path

import msgspec
from msgspec import Struct

LISTED = Path(__file__).parent / "cases.toml"


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """A function, class or class attribute; *file* as `cases.toml` writes them."""

    file: str
    symbol: str


class Reading(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a relation is read per row, and the chain from the query to there in words."""

    file: str
    line: int
    chain: str


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    """One N+1 query of *before* that *after* no longer has."""

    id: str
    project: str
    before: str
    after: str
    kind: str
    across: bool
    model: str
    lookups: tuple[str, ...]
    query: Site
    reads: tuple[Reading, ...]
    fixed: Site
    needs: str
    abilities: tuple[str, ...]


class _Listing(Struct, frozen=True, forbid_unknown_fields=True):
    case: tuple[Case, ...]


def load(path: Path = LISTED) -> tuple[Case, ...]:
    """
    All cases.

    Raises:
        msgspec.ValidationError: if a key is missing, unknown or of another type.
    """
    return msgspec.toml.decode(path.read_bytes(), type=_Listing).case
