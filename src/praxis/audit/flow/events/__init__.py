"""
What happens in a function, as far as rules ask for it.

Events are what interpretation leaves of a file: they are kept between runs, so they hold offsets
and keys, nothing else. A rule asks for a type of them with ``visits=``.
"""

from praxis.audit.flow.events.kept import Event, Kept
from praxis.audit.flow.events.loading import (
    DeferredRead,
    EagerLoading,
    KeyRead,
    OnePrefetched,
    PrefetchIgnored,
    PrefetchStreamed,
    Read,
    RelationsRead,
    WrongLookups,
)
from praxis.audit.flow.events.places import Hop, Site, Span, Spot
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
    Write,
)

__all__ = [
    "AskedAgain",
    "ColumnsRead",
    "DeferredRead",
    "EagerLoading",
    "Event",
    "ExistenceTested",
    "Hop",
    "Kept",
    "KeyRead",
    "OnePrefetched",
    "PrefetchIgnored",
    "PrefetchStreamed",
    "QueryDiscarded",
    "QueryPerRound",
    "Read",
    "RelationFilled",
    "RelationsRead",
    "RowChangedFromItself",
    "RowSaved",
    "RowsCounted",
    "RowsCreated",
    "RowsDeleted",
    "RowsFolded",
    "RowsLookedUp",
    "RowsPaged",
    "RowsSaved",
    "RowsShown",
    "RowsTaken",
    "RowsUpserted",
    "RowsWalked",
    "Site",
    "Span",
    "Spot",
    "TextSearched",
    "UnorderedPicked",
    "Write",
    "WrongLookups",
]
