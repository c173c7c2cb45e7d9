"""Methods that come from outside of the project: Django's own, and those of its companions."""

from collections.abc import Mapping, Sequence

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Spot
from praxis.audit.flow.frameworks import generic_views
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.objects import of_object
from praxis.audit.flow.interpreter.querysets import call_method, plain_queryset_of
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Function,
    Inherited,
    Manager,
    Object,
    ProjectClass,
    QuerySet,
    Value,
)

#: What a class of pydantic makes an object of another one by.
VALIDATING = frozenset({"from_orm", "model_validate"})


def call_inherited(
    frame: Frame,
    callee: Inherited,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    expr: ir.Call,
) -> Value:
    """What the method of a class outside of the project returns."""
    receiver, name = callee.receiver, callee.name
    if isinstance(receiver, Manager) and name == "get_queryset":
        return plain_queryset_of(frame, receiver)
    if isinstance(receiver, Manager | QuerySet):
        return call_method(frame, receiver, name, expr, args, keywords, inherited=True)
    if isinstance(receiver, ProjectClass | Object) and args:
        from praxis.audit.flow.frameworks import ninja  # which evaluates expressions

        if name in VALIDATING:
            ninja.validate(frame, receiver.key, args[0], (expr.start, expr.end))
        elif name == "filter" and ninja.is_filter(frame.program, receiver.key):
            return args[0]
    if isinstance(receiver, Object):
        method = generic_views.METHODS.get(name)
        if method is not None:
            asked = generic_views.Asked(frame, receiver, tuple(args), dict(keywords), expr, ask)
            return method(asked)
    return UNKNOWN


def attribute_of_object(frame: Frame, receiver: Object, name: str, spot: Spot) -> Value:
    """What an attribute that no code of the project sets holds."""
    found = generic_views.ATTRIBUTES.get(name)
    if found is None:
        return Inherited(name, receiver)
    _, start, end = spot
    place = ir.Call(start, end, ir.Attr(start, end, ir.Name(start, ""), name))
    return found(generic_views.Asked(frame, receiver, (), {}, place, ask))


def ask(
    frame: Frame,
    receiver: Object,
    name: str,
    expr: ir.Call,
    args: Sequence[Value] = (),
    keywords: Mapping[str, Value] | None = None,
) -> Value:
    """``receiver.name(…)``, wherever the method comes from."""
    spot = frame.spot((expr.start, expr.end))
    found = of_object(frame, receiver, name, spot)
    if isinstance(found, Function):
        return call(frame, found, args, keywords or {}, spot)
    if isinstance(found, Inherited):
        return call_inherited(frame, found, args, keywords or {}, expr)
    return found
