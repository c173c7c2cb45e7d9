"""All that may happen, and what of it is kept of a file."""

from typing import Union

from msgspec import Struct

from praxis.audit.flow.events.loading import (
    DeferredRead,
    EagerLoading,
    KeyRead,
    OnePrefetched,
    PrefetchIgnored,
    PrefetchStreamed,
    RelationsRead,
    WrongLookups,
)
from praxis.audit.flow.events.queries import (
    AskedAgain,
    ExistenceTested,
    QueryDiscarded,
    QueryPerRound,
    RowsCounted,
    RowsFolded,
    RowsLookedUp,
    RowsTaken,
    TextSearched,
    UnorderedPicked,
)
from praxis.audit.flow.events.rows import ColumnsRead, RowsPaged, RowsShown, RowsWalked
from praxis.audit.flow.events.writes import (
    RelationFilled,
    RowChangedFromItself,
    RowSaved,
    RowsCreated,
    RowsDeleted,
    RowsSaved,
    RowsUpserted,
)

Event = Union[  # noqa: UP007 - one alias for the decoder
    RelationsRead,
    KeyRead,
    ExistenceTested,
    RowsCreated,
    RowSaved,
    RowChangedFromItself,
    RowsTaken,
    WrongLookups,
    QueryDiscarded,
    PrefetchStreamed,
    DeferredRead,
    OnePrefetched,
    RowsSaved,
    RowsDeleted,
    RelationFilled,
    RowsUpserted,
    QueryPerRound,
    PrefetchIgnored,
    AskedAgain,
    RowsCounted,
    RowsFolded,
    UnorderedPicked,
    RowsWalked,
    RowsLookedUp,
    EagerLoading,
    TextSearched,
    ColumnsRead,
    RowsShown,
    RowsPaged,
]


class Kept(Struct, frozen=True, array_like=True):
    """
    All events of a file, and what they were found out from besides.

    Attributes:
        events: What happens.
        used: Other files, models and what requests hold, by name.
        content: The digest of all their contents.
    """

    events: tuple[Event, ...] = ()
    used: tuple[str, ...] = ()
    content: str = ""
