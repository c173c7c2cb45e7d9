"""Lists that go out: whole, or page by page."""

from praxis.audit.flow.events import RowsPaged, RowsShown, Site, Span
from praxis.audit.flow.interpreter.amounts import OWN_CONDITION
from praxis.audit.flow.interpreter.conditions import ANY_CONDITION
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import QuerySet


def note_shown(frame: Frame, queryset: QuerySet, path: str, span: Span, view: str = "") -> None:
    """All rows of *queryset* are shown by what stands at *span*, if nothing bounds them."""
    if queryset.sliced or queryset.limit is not None or queryset.empty or frame.quiet:
        return
    if not queryset.origins or queryset.values:
        return
    parent = queryset.parent
    if parent is not None and parent.row is not None and not parent.row.single:
        return
    event = RowsShown(
        path,
        span,
        queryset.model,
        tuple(
            Site(origin.path, origin.start, origin.end, origin.kind) for origin in queryset.origins
        ),
        view,
        None if parent is None else parent.model,
        tuple(sorted(queryset.where.equal)),
        bool(queryset.where.ranged or {ANY_CONDITION, OWN_CONDITION} & queryset.conditions),
    )
    if event not in frame.events:
        frame.events.append(event)


def note_paged(frame: Frame, queryset: QuerySet, path: str, span: Span, view: str = "") -> None:
    """Rows of *queryset* are shown page by page."""
    event = RowsPaged(path, span, queryset.model, view)
    if event not in frame.events:
        frame.events.append(event)
