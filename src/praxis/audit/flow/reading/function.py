"""What can be said of a function's queries once all of it was interpreted."""

from collections.abc import Sequence

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places
from praxis.audit.flow.events import Event, ExistenceTested, RowsCounted, Span
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.reading.again import asked_again
from praxis.audit.flow.reading.per_round import per_round
from praxis.audit.flow.reading.wanted import wanted


def reading(frame: Frame, body: tuple[ir.Stmt, ...], told: Sequence[Event]) -> list[Event]:
    """The events; *told* are those that other rules speak of."""
    if not any(ask.how != "write" for ask in frame.asks):
        return []
    places = Places(body)
    tests = [event.span for event in told if isinstance(event, ExistenceTested)]
    events: list[Event] = [*per_round(frame, places), *asked_again(frame, places, tests)]
    events += [
        event
        for event in wanted(frame, places)
        if not isinstance(event, RowsCounted) or not _within(event.span, tests)
    ]
    return events


def _within(span: Span, others: Sequence[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)
