"""Rows that are walked one after the other, or handed on as a whole."""

from praxis.audit.flow.events import RowsTaken, Span
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import QuerySet, Rows, Value
from praxis.audit.flow.notes.showing import note_shown

#: Functions that write all rows that they are given.
TAKERS = frozenset({"writerows"})


def note_taken(frame: Frame, source: Value, iterated: Span, span: Span) -> None:
    """Tell where the rows of *source* go, if it is a query's."""
    if not isinstance(source, QuerySet | Rows):
        return
    queryset = source if isinstance(source, QuerySet) else source.queryset
    if frame.kind == "template" and len(frame.loops) < 2:
        note_shown(frame, queryset, frame.path, span)
    frame.events.append(
        RowsTaken(
            frame.path,
            span,
            iterated,
            queryset.model,
            tuple(
                (origin.start, origin.end)
                for origin in queryset.origins
                if origin.path == frame.path
            ),
            queryset.sliced or queryset.limit is not None,
            queryset.relation,
        )
    )
