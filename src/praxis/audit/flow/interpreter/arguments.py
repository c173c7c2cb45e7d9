"""
What a function is called with: the value of each parameter, and rows stood for by numbers.

What is read of a numbered row can be replayed for every caller, and what is returned comes back
with the caller's own rows in their places.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.replaced_rows import mapped
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Function,
    Instance,
    Listing,
    Manager,
    ModelClass,
    Object,
    Pages,
    Prefetch,
    ProjectClass,
    QuerySet,
    RowMap,
    Rows,
    Stream,
    Value,
)


class Arguments:
    """Stands numbers for the caller's rows, and puts the rows back."""

    def __init__(self) -> None:
        self.actual: list[Instance] = []
        self._numbers: dict[int, int] = {}

    def abstract(self, value: Value) -> Value:
        """*value* as the function sees it."""
        return mapped(value, self._number)

    def _number(self, instance: Instance) -> Instance:
        number = self._numbers.setdefault(instance.token, len(self.actual))
        if number == len(self.actual):
            self.actual.append(instance)
        return Instance(instance.model, -1 - number, parameter=number)

    def concrete(self, frame: Frame, value: Value, loaded: Sequence[tuple[int, str]] = ()) -> Value:
        """*value*, which the function returned, as its caller sees it, with what is *loaded*."""
        return mapped(value, _Returned(frame, self.actual, loaded).put_back)


class _Returned:
    """
    Puts the caller's rows into what a function has returned.

    It is no function within a function: one that calls itself is a cycle, which keeps all of the
    caller's frame until the garbage collector comes by.
    """

    def __init__(
        self, frame: Frame, actual: Sequence[Instance], loaded: Sequence[tuple[int, str]]
    ) -> None:
        self._frame, self._actual, self._loaded = frame, actual, loaded
        self._made: dict[int, Instance] = {}

    def put_back(self, instance: Instance) -> Instance:
        """The caller's own row; of one that the function has fetched, one that is new to it."""
        frame = self._frame
        if len(self._actual) > instance.parameter >= 0 and instance.row is None:
            return _reached(frame, self._actual[instance.parameter], instance)
        known = self._made.get(instance.token)
        if known is not None:
            return known
        row = instance.row
        if row is not None:
            queryset = mapped(row.queryset, self.put_back)
            if isinstance(queryset, QuerySet):
                row = replace(row, queryset=queryset, single=True)
        fresh = frame.instance(instance.model, row, instance.prefix, instance.state)
        self._made[instance.token] = fresh
        frame.escaped.add(fresh.token)  # the function had it in hand
        for token, name in self._loaded:
            if token == instance.token:
                frame.loaded[fresh.token, name] = UNKNOWN
        return fresh


def _reached(frame: Frame, owner: Instance, wanted: Instance) -> Instance:
    """What *wanted*, which the function reached from a parameter, is for the caller."""
    for name in wanted.prefix:
        relation = frame.model(owner.model).relations.get(name)
        reached = frame.reach(owner, relation) if relation is not None else UNKNOWN
        if not isinstance(reached, Instance):
            return frame.instance(wanted.model)
        owner = reached
    return owner


def is_followed(value: Value) -> bool:
    """Whether it makes a difference to a function to be called with the value."""
    if type(value) is Each:
        return is_followed(value.item)
    if type(value) is Listing:
        return any(is_followed(item) for item in value.items)
    if type(value) is Dict:
        return bool(value.items)
    return value.__class__ in _FOLLOWED


_FOLLOWED: frozenset[type] = frozenset({
    Instance, QuerySet, Manager, Rows, RowMap, Prefetch, Stream, Pages, Function, ProjectClass,
    ModelClass, Object,
})  # fmt: skip


def sort_of(followed: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """The arguments that make a difference; constants do, beside others and as switches."""
    keep_all = False
    for value in followed.values():
        if value is not UNKNOWN and is_followed(value):
            keep_all = True
            break
    return tuple(
        [
            (name, value if keep_all or _is_switch(value) else UNKNOWN)
            for name, value in followed.items()
        ]
    )


def _is_switch(value: Value) -> bool:
    """Whether it is a constant that functions are switched by."""
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, bool))


def bind(
    definition: ir.Def,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    *,
    complete: bool = True,
) -> dict[str, Value]:
    """The value of each parameter."""
    bound: dict[str, Value] = {}
    waiting = list(args)
    rest = dict(keywords)
    complete = complete and "" not in rest
    unpacked = rest.pop("", UNKNOWN)
    if isinstance(unpacked, Dict):
        rest = {**dict(unpacked.items), **rest}
    positional = True
    for parameter in definition.parameters:
        name = parameter.name
        if parameter.kind == "*":
            bound[name] = Listing(tuple(waiting)) if complete else UNKNOWN
            waiting, positional = [], False
        elif parameter.kind == "**":
            bound[name] = Dict(tuple(rest.items()))
        elif positional and waiting:
            bound[name] = waiting.pop(0)
        elif name in rest:
            bound[name] = rest.pop(name)
        elif complete and isinstance(parameter.default, ir.Const):
            bound[name] = Const(parameter.default.value)
        else:
            bound[name] = UNKNOWN
    return bound
