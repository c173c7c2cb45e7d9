"""
Calls of the project's own functions.

A function is interpreted once for each sort of arguments that it is called with (`summaries`): rows
that the caller holds are stood for by numbers (`arguments`).
"""

from collections.abc import Mapping, Sequence

from praxis.audit.flow.events import Hop, Spot
from praxis.audit.flow.interpreter.arguments import Arguments, bind, sort_of
from praxis.audit.flow.interpreter.decorators import PASSING, decorators_of
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.summaries import apply, summary_of
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Function,
    Object,
    ProjectClass,
    Value,
)


def call(
    frame: Frame,
    function: Function,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    spot: Spot,
    *,
    complete: bool = True,
    note: str = "calls",
) -> Value:
    """
    What *function* returns to the place *spot* of *frame*.

    *complete* is false where there may be more arguments (``*args``); *note* is what a finding
    says of the call.
    """
    program = frame.program
    definition = program.function(function.path, function.name)
    if definition is None or not definition.body:
        return UNKNOWN
    names = decorators_of(definition)
    if not names <= PASSING:
        return UNKNOWN
    given = list(args)
    if function.receiver is not None and "staticmethod" not in names:
        given.insert(
            0, _as_class(function.receiver) if "classmethod" in names else function.receiver
        )
    bound = bind(definition, given, keywords, complete=complete)
    arguments = Arguments()
    followed = {name: arguments.abstract(value) for name, value in bound.items()}
    summary = summary_of(program, function, definition, sort_of(followed))
    if summary is None:
        return UNKNOWN
    hop = Hop(spot, f"{note} {function.name.rpartition('.')[2]}()")
    kept = function.receiver if "cached_property" in names else None
    return apply(frame, summary, arguments, (hop,), kept)


def _as_class(receiver: Value) -> Value:
    return ProjectClass(receiver.key) if isinstance(receiver, Object) else receiver
