"""
Calls of the project's own functions.

A function is interpreted once for each sort of arguments that it is called with: rows that the
caller holds are stood for by numbers (`Arguments`), so that what it reads of them can be replayed
for every caller. What it returns comes back with the caller's own rows in their places.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import is_not
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Event, Hop, RowSaved, RowsSaved, Spot
from praxis.audit.flow.interpreter.frame import Frame, ParameterRead
from praxis.audit.flow.interpreter.program import Program, Record
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Function,
    Inherited,
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
    Super,
    Value,
    join,
)

#: Calls within calls are followed so deep.
MAX_DEPTH = 14
#: A function is interpreted for so many sorts of arguments; more of them are not known.
MAX_SORTS = 60

#: Decorators that leave a function's value and what it reads as they are.
_PASSING = frozenset({
    "override", "abstractmethod", "display", "action", "atomic", "login_required", "wraps",
    "permission_required", "require_GET", "require_POST", "require_http_methods", "require_safe",
    "csrf_exempt", "never_cache", "csrf_protect", "ensure_csrf_cookie", "transaction.atomic",
    "staff_member_required", "user_passes_test", "method_decorator", "final", "admin.display",
    "cache_control", "vary_on_headers", "vary_on_cookie", "sync_to_async", "extend_schema",
    "swagger_auto_schema", "extend_schema_field", "deprecated", "sensitive_post_parameters",
    "xframe_options_exempt", "resolver", "field", "api_view", "permission_classes", "no_type_check",
    "classmethod", "staticmethod", "property", "cached_property", "queryset_method", "receiver",
    "short_description", "admin_order_field", "register", "simple_tag", "inclusion_tag", "filter",
    "contextfunction", "pass_context", "typechecked", "extend_schema_serializer",
})  # fmt: skip
_PROPERTIES = frozenset({
    "property", "cached_property", "abstractproperty", "classproperty", "hybrid_property",
    "threaded_cached_property", "invalidate_cached_property",
})  # fmt: skip


def decorators_of(definition: ir.Def) -> set[str]:
    """The last parts of the names of a function's decorators."""
    names: set[str] = set()
    if not definition.decorators:
        return names
    for decorator in definition.decorators:
        node = decorator.function if isinstance(decorator, ir.Call) else decorator
        if isinstance(node, ir.Attr):
            names.add(node.attr)
        elif isinstance(node, ir.Name):
            names.add(node.id)
        else:
            names.add("?")
    return names


def is_property(definition: ir.Def) -> bool:
    """Whether reading the attribute runs the function."""
    return bool(decorators_of(definition) & _PROPERTIES)


class Summary(Struct, eq=False):
    """What a function returns, and what it reads of what it is given."""

    result: Value = UNKNOWN
    reads: tuple[ParameterRead, ...] = ()
    #: None while it is worked out.
    record: Record | None = None
    attributes: tuple[tuple[str, Value], ...] = ()
    #: Relations that were loaded by the time of its return, by the tokens of the rows.
    loaded: tuple[tuple[int, str], ...] = ()
    #: Relations that were set, by the numbers of the arguments.
    stores: tuple[tuple[int, str], ...] = ()
    #: The numbers of the parameters whose rows it fetches anew.
    refreshed: frozenset[int] = frozenset()
    #: What is said of its queries, where nothing is known of its arguments; else None.
    alone: tuple[Event, ...] | None = None


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


#: What is done to a row wherever one is found in a value.
Change = Callable[[Instance], Instance]


def mapped(value: Value, change: Change) -> Value:
    """*value* with every row in it changed; itself where it holds none, as mostly."""
    handler = _HOLDERS.get(value.__class__)
    return value if handler is None else handler(value, change)


def _mapped_row(value: Instance, change: Change) -> Value:
    return change(value)


def _mapped_queryset(value: QuerySet, change: Change) -> Value:
    parent, prefetched = value.parent, value.prefetched
    if parent is None and not prefetched:
        return value
    return replace(
        value,
        parent=None if parent is None else change(parent),
        prefetched=tuple([_mapped_prefetch(item, change) for item in prefetched]),
    )


def _mapped_manager(value: Manager, change: Change) -> Value:
    return value if value.parent is None else replace(value, parent=change(value.parent))


def _mapped_rows(value: Rows | RowMap, change: Change) -> Value:
    changed = mapped(value.queryset, change)
    return replace(value, queryset=changed) if isinstance(changed, QuerySet) else UNKNOWN


def _mapped_pages(value: Pages, change: Change) -> Value:
    changed = mapped(value.rows, change)
    return Pages(changed) if isinstance(changed, Rows) else UNKNOWN


def _mapped_prefetch(value: Prefetch, change: Change) -> Prefetch:
    if value.queryset is None:
        return value
    queryset = mapped(value.queryset, change)
    return replace(value, queryset=queryset) if isinstance(queryset, QuerySet) else value


def _mapped_listing(value: Listing, change: Change) -> Value:
    items = _mapped_all(value.items, change)
    return value if items is None else Listing(tuple(items))


def _mapped_each(value: Each, change: Change) -> Value:
    return replace(value, item=mapped(value.item, _outside_of_rounds(change)))


def _mapped_stream(value: Stream, change: Change) -> Value:
    parts = _mapped_all(value.parts, change)
    return value if parts is None else replace(value, parts=tuple(parts))


def _mapped_dict(value: Dict, change: Change) -> Value:
    items = _mapped_all([item for _, item in value.items], change)
    return value if items is None else Dict(_named_anew(value.items, items))


def _mapped_object(value: Object, change: Change) -> Value:
    items = _mapped_all([item for _, item in value.attributes], change)
    if items is None:
        return value
    return replace(value, attributes=_named_anew(value.attributes, items))


def _mapped_bound(value: Function | Super | Inherited, change: Change) -> Value:
    receiver = value.receiver
    return value if receiver is None else replace(value, receiver=mapped(receiver, change))


#: How the rows in a value are come by; no other class of values holds any.
_HOLDERS: dict[type, Callable[[Any, Change], Value]] = {
    Instance: _mapped_row,
    QuerySet: _mapped_queryset,
    Manager: _mapped_manager,
    Rows: _mapped_rows,
    RowMap: _mapped_rows,
    Pages: _mapped_pages,
    Prefetch: _mapped_prefetch,
    Listing: _mapped_listing,
    Each: _mapped_each,
    Stream: _mapped_stream,
    Dict: _mapped_dict,
    Object: _mapped_object,
    Function: _mapped_bound,
    Super: _mapped_bound,
    Inherited: _mapped_bound,
}


def _mapped_all(items: Sequence[Value], change: Change) -> list[Value] | None:
    """The items, changed; None where nothing in them is."""
    if _HOLDERS.keys().isdisjoint([item.__class__ for item in items]):
        return None
    found = [mapped(item, change) for item in items]
    return found if any(map(is_not, found, items)) else None


def _named_anew(
    pairs: Sequence[tuple[str, Value]], items: Sequence[Value]
) -> tuple[tuple[str, Value], ...]:
    return tuple([(name, item) for (name, _), item in zip(pairs, items, strict=True)])


def _outside_of_rounds(change: Change) -> Change:
    """The change for what a round of a loop has put together: its own row stays a row."""

    def changed(instance: Instance) -> Instance:
        row = instance.row
        if row is None or row.single:
            return change(instance)
        queryset = mapped(row.queryset, change)
        if not isinstance(queryset, QuerySet) or queryset is row.queryset:
            return instance
        return replace(instance, row=replace(row, queryset=queryset))

    return changed


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


# A call.


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
    if not names <= _PASSING:
        return UNKNOWN
    given = list(args)
    if function.receiver is not None and "staticmethod" not in names:
        given.insert(
            0, _as_class(function.receiver) if "classmethod" in names else function.receiver
        )
    bound = bind(definition, given, keywords, complete=complete)
    arguments = Arguments()
    followed = {name: arguments.abstract(value) for name, value in bound.items()}
    summary = summary_of(program, function, definition, _sort_of(followed))
    if summary is None:
        return UNKNOWN
    hop = Hop(spot, f"{note} {function.name.rpartition('.')[2]}()")
    kept = function.receiver if "cached_property" in names else None
    return apply(frame, summary, arguments, (hop,), kept)


def _sort_of(followed: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
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


def apply(
    frame: Frame,
    summary: Summary,
    arguments: Arguments,
    via: tuple[Hop, ...] = (),
    keeper: Value | None = None,
) -> Value:
    """
    Replay for *frame* what the summary says, and give what it returns.

    *keeper* is the row that keeps what its cached property has worked out.
    """
    for read in summary.reads:
        actual = arguments.actual[read.parameter]
        if read.kept < 0 and isinstance(keeper, Instance) and actual.token == keeper.token:
            frame.replay(actual, replace(read, kept=0), via)
        else:
            frame.replay(actual, read, via)
    for number in summary.refreshed:
        frame.refresh(arguments.actual[number])
    for number, name in summary.stores:
        frame.store(arguments.actual[number], name)
    return arguments.concrete(frame, summary.result, summary.loaded)


def _tokens_in(value: Value) -> set[int]:
    """The rows in *value*."""
    found: set[int] = set()

    def noted(instance: Instance) -> Instance:
        found.add(instance.token)
        return instance

    mapped(value, noted)
    return found


def _is_switch(value: Value) -> bool:
    """Whether it is a constant that functions are switched by."""
    return isinstance(value, Const) and (value.value is None or isinstance(value.value, bool))


def _as_class(receiver: Value) -> Value:
    return ProjectClass(receiver.key) if isinstance(receiver, Object) else receiver


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


def summary_of(
    program: Program,
    function: Function,
    definition: ir.Def,
    sort: tuple[tuple[str, Value], ...],
) -> Summary | None:
    """The summary for arguments of this sort; None where it is not to be had."""
    summaries = program.keep("summaries")
    key = (function.path, function.name, function.owner, sort)
    found = recalled(program, summaries.get(key))
    if found is not None:
        return found
    counts = program.keep("sorts")
    place = function.path, function.name
    count = counts.get(place, 0)
    if not isinstance(count, int) or len(program.records) > MAX_DEPTH:
        return None
    if count >= MAX_SORTS and any(value is not UNKNOWN for _, value in sort):
        return summary_of(program, function, definition, tuple((name, UNKNOWN) for name, _ in sort))
    counts[place] = count + 1
    summary = Summary()  # what calls itself is not known while it is worked out
    summaries[key] = summary

    def interpret() -> None:
        frame = frame_of(program, function)
        if frame is None:
            return
        for name, value in sort:
            frame.bind(name, value)
        frame.given = tuple([value for _, value in sort])
        if function.owner is not None and sort:
            frame.receiver = sort[0][1]
        run(frame, definition)
        if _is_alone(function, sort):
            from praxis.audit.flow.reading.function import reading  # which reads frames

            told = program.records[-1].events
            summary.alone = tuple(reading(frame, definition.body, told))
        summary.result, summary.reads = result_of(frame), tuple(frame.parameter_reads)
        summary.stores = tuple(dict.fromkeys(frame.parameter_stores))
        tokens = _tokens_in(summary.result)
        summary.loaded = tuple([place for place in frame.loaded if place[0] in tokens])
        summary.refreshed = frozenset(-1 - token for token in frame.refreshed if token < 0)
        summary.attributes = tuple(
            (name, value) for (_, name), value in frame.attributes.items() if value is not UNKNOWN
        )

    summary.record = recorded(program, interpret)
    return summary


def summary_alone(
    program: Program, function: Function, definition: ir.Def, receiver: Value
) -> Summary | None:
    """
    The summary of a function of which it is only known what it is a method of.

    Many a caller asks for the same later. None where one has done so before: then more was in the
    middle of being worked out, and so unknown, than has to be.
    """
    sort: list[tuple[str, Value]] = [
        (parameter.name, Dict() if parameter.kind == "**" else UNKNOWN)
        for parameter in definition.parameters
    ]
    if sort:
        sort[0] = sort[0][0], receiver
    if not _is_alone(function, sort):
        return None
    if program.function(function.path, function.name) is not definition:
        return None  # one of several of that name
    if (function.path, function.name, function.owner, tuple(sort)) in program.keep("summaries"):
        return None
    summary = summary_of(program, function, definition, tuple(sort))
    return None if summary is None or summary.alone is None else summary


def _is_alone(function: Function, sort: Sequence[tuple[str, Value]]) -> bool:
    for number, (_, value) in enumerate(sort):
        if value is UNKNOWN or (type(value) is Dict and not value.items):
            continue
        if number:
            return False
        is_owner = type(value) is ProjectClass or (type(value) is Object and not value.attributes)
        if not is_owner or value.key != function.owner:  # type: ignore[attr-defined]  # told above
            return False
    return True


def recalled(program: Program, found: object) -> Summary | None:
    """A summary that was made before; what is worked out now depends on the same as it does."""
    if not isinstance(found, Summary):
        return None
    if found.record is not None:
        program.records[-1].parts.append(found.record)
    return found


def recorded(program: Program, work: Callable[[], None]) -> Record:
    """Do *work*; what it looks at and tells is recorded, as a part of what goes on already."""
    record = Record()
    program.records[-1].parts.append(record)
    program.records.append(record)
    try:
        work()
    except RecursionError:
        pass  # nested deeper than can be followed: nothing is known of it
    finally:
        program.records.pop()
    return record


def frame_of(program: Program, function: Function) -> Frame | None:
    """A frame for the function; None where its file is not followed."""
    scope = program.scope(function.path)
    if scope is None:
        return None
    frame = Frame(scope)
    frame.owner = function.owner
    return frame


def run(frame: Frame, definition: ir.Def) -> None:
    """Interpret the body; what happens goes to the record that is kept."""
    from praxis.audit.flow.code.uses import only_tested
    from praxis.audit.flow.interpreter.statements import execute  # they call functions in turn
    from praxis.audit.flow.notes.written import confirmed_writes

    if execute(frame, definition.body) and frame.returned:
        frame.returned.append(Const(None))
    writes = tuple(confirmed_writes(frame))
    told = {event.span for event in writes if isinstance(event, RowsSaved)}
    events = frame.finish()
    if told:  # a row that is to be saved with others is not to be saved by itself
        events = [e for e in events if not (isinstance(e, RowSaved) and e.span in told)]
    events += writes
    events += [event for name, span, event in frame.tests if only_tested(definition, name, span)]
    frame.program.records[-1].events += events


def result_of(frame: Frame) -> Value:
    """What is returned on every way, or what is yielded."""
    if frame.yielded:
        return _stream_of(frame.yielded)
    if not frame.returned:
        return UNKNOWN
    result = frame.returned[0]
    for value in frame.returned[1:]:
        result = join(result, value)
    return result


def _stream_of(yielded: Sequence[Value]) -> Value:
    """What a generator hands out, where it is the rows of one queryset."""
    first = yielded[0]
    for value in yielded[1:]:
        first = join(first, value)
    if isinstance(first, QuerySet):
        return Rows(first)
    if isinstance(first, Instance) and first.row is not None and not first.prefix:
        return UNKNOWN if first.row.single else Rows(first.row.queryset)
    return UNKNOWN


def evaluate_alone(program: Program, path: str, expr: ir.Expr) -> Value:
    """The value of an expression at a file's top level or in a class body."""
    from praxis.audit.flow.interpreter.expressions import evaluate  # it calls functions in turn

    scope = program.scope(path)
    if scope is None or len(program.records) > MAX_DEPTH:
        return UNKNOWN
    frame = Frame(scope)
    found: list[Value] = []
    recorded(program, lambda: found.append(evaluate(frame, expr)))
    return found[0] if found and not isinstance(found[0], Instance) else UNKNOWN
