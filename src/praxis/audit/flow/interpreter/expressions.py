"""What an expression's value is, and what happens while it is worked out."""

from collections.abc import Callable
from string import Formatter
from typing import Any

from msgspec.structs import replace

from praxis.audit.facts.models.known_models import IMMUTABLE_FIELDS
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import ExistenceTested, KeyRead, Span
from praxis.audit.flow.interpreter import rendering, template_code
from praxis.audit.flow.interpreter.calling import call as call_function
from praxis.audit.flow.interpreter.calls import call_named, render_named
from praxis.audit.flow.interpreter.conditions import narrowed
from praxis.audit.flow.interpreter.frame import RARELY, Frame
from praxis.audit.flow.interpreter.guards import asks_cache, is_narrow, modes_of
from praxis.audit.flow.interpreter.inherited import VALIDATING, call_inherited
from praxis.audit.flow.interpreter.iteration import bind_target, iterate, rounds_of
from praxis.audit.flow.interpreter.objects import (
    construct,
    of_class,
    of_object,
    of_row,
    of_rows,
    of_super,
)
from praxis.audit.flow.interpreter.querysets import (
    call_method,
    continued,
    queryset_of,
    rows_of,
    sliced,
)
from praxis.audit.flow.interpreter.requests import request_model
from praxis.audit.flow.interpreter.values import (
    HERE,
    UNKNOWN,
    Cached,
    Const,
    Dict,
    Each,
    Function,
    Inherited,
    Instance,
    Listing,
    Macro,
    Manager,
    ModelClass,
    Named,
    Object,
    Origin,
    Pages,
    ProjectClass,
    QuerySet,
    RowMap,
    Rows,
    Stream,
    Super,
    Template,
    Value,
    join,
)
from praxis.audit.flow.notes.columns import note_column_read
from praxis.audit.flow.notes.loading import note_unknown_method
from praxis.audit.flow.notes.lookups import note_limit
from praxis.audit.flow.notes.saving import note_created, saved
from praxis.audit.flow.notes.taking import TAKERS, note_taken
from praxis.audit.flow.notes.written import note_deleted, note_manager_write


def evaluate(frame: Frame, expr: ir.Expr) -> Value:
    """The value of *expr*."""
    value = _HANDLERS[expr.__class__](frame, expr)
    if value.__class__ is QuerySet:
        frame.giving[expr.start, expr.end] = expr
    return value


def _name(frame: Frame, expr: ir.Name) -> Value:
    return frame.look_up(expr.id)


def _const(_: Frame, expr: ir.Const) -> Value:
    return Const(expr.value)


# Attributes.


def _attribute(frame: Frame, expr: ir.Attr) -> Value:
    if expr.attr in {"id", "pk"} and isinstance(expr.value, ir.Attr):
        owner = evaluate(frame, expr.value.value)
        if isinstance(owner, Instance) and _reads_key(frame, owner, expr, expr.value):
            return UNKNOWN
        value = attribute_of(frame, owner, expr.value)
    elif expr.attr == "method" and _is_of_list(frame, expr.value):
        return Const("GET")
    else:
        value = evaluate(frame, expr.value)
    return attribute_of(frame, value, expr)


def _is_of_list(frame: Frame, expr: ir.Expr) -> bool:
    """Whether it is ``self.request`` of a view that serves a list."""
    if not (isinstance(expr, ir.Attr) and expr.attr == "request"):
        return False
    owner = evaluate(frame, expr.value)
    return isinstance(owner, Object) and ("action", Const("list")) in owner.attributes


def attribute_of(frame: Frame, value: Value, expr: ir.Attr) -> Value:
    """The value of the attribute *expr* of *value*."""
    if value is UNKNOWN:
        return _of_unknown(frame, expr.attr, (expr.start, expr.end), is_request(expr.value))
    return attribute_named(frame, value, expr.attr, (expr.start, expr.end), is_request(expr.value))


def attribute_named(
    frame: Frame, value: Value, name: str, span: Span, of_request: bool = False
) -> Value:
    """The value of the attribute *name* of *value*, read at *span*."""
    read = _ATTRIBUTES.get(value.__class__)
    found = read(frame, value, name, span) if read is not None else None
    return _of_unknown(frame, name, span, of_request, value) if found is None else found


def _of_unknown(
    frame: Frame, name: str, span: Span, of_request: bool, value: Value = UNKNOWN
) -> Value:
    if value is UNKNOWN and name.endswith("_set"):
        owner = frame.index.owner_of(name)
        if owner is not None:  # Django makes such names, and one model alone has this one
            return _of_instance(frame, frame.instance(owner.key), name, span)
    if of_request:
        model = request_model(frame.program, name)
        if model is not None:
            return frame.instance(model)
    return UNKNOWN


def _of_named(frame: Frame, value: Named, name: str, _: Span) -> Value:
    return frame.scope.imported(f"{value.dotted}.{name}")


def _of_rows_to_come(_: Frame, value: QuerySet | Manager, name: str, __: Span) -> Value | None:
    return ModelClass(value.model) if name == "model" else None


def _of_object(frame: Frame, value: Object, name: str, span: Span) -> Value:
    return of_object(frame, value, name, frame.spot(span))


def _of_super(frame: Frame, value: Super, name: str, span: Span) -> Value:
    return of_super(frame, value, name, frame.spot(span))


def _of_class(frame: Frame, value: ProjectClass, name: str, _: Span) -> Value:
    found = of_class(frame, value.key, name, value)
    if found is None:
        return Inherited(name, value) if name in VALIDATING else UNKNOWN
    return found


def _of_dict(frame: Frame, value: Dict, name: str, _: Span) -> Value:
    return value.get(name) if frame.kind else UNKNOWN


def _of_page(_: Frame, value: Rows | Pages, name: str, __: Span) -> Value | None:
    if name != "object_list":
        return None
    return value.rows if isinstance(value, Pages) else value


def is_request(expr: ir.Expr) -> bool:
    """Whether it is called a request: ``request``, ``self.request``."""
    kind = expr.__class__
    if kind is ir.Name:
        return expr.id == "request"  # type: ignore[union-attr]  # told by the line above
    if kind is ir.Attr:
        return expr.attr == "request"  # type: ignore[union-attr]  # as above
    return isinstance(expr, ir.Lookup) and expr.name == "request"


def _of_model(frame: Frame, value: ModelClass, name: str, span: Span) -> Value:
    model = frame.model(value.model)
    if name in {"_default_manager", "_base_manager"} and model.default_manager:
        return Manager(model.key, model.default_manager, frame.path, *span)
    if name in model.managers:
        return Manager(model.key, name, frame.path, *span)
    found = of_class(frame, model.key, name, value) if name in model.members else None
    return UNKNOWN if found is None else found


def _of_instance(frame: Frame, value: Instance, name: str, span: Span) -> Value:
    model = frame.model(value.model)
    given = _given_by_query(value, name)
    if given is not None:
        return given
    relation = model.relations.get(name)
    if relation is not None:
        if value.state in {"new", "created"} and not relation.to_one:
            frame.escape(value)
        return frame.read(value, relation, frame.spot(span))
    known = frame.loaded.get((value.token, name))
    if known is not None:
        return known
    note_column_read(frame, value, model, name, span)
    column = model.columns.get(name)
    if column is None:
        found = of_row(frame, value, name, frame.spot(span))
        if found is not None:
            if not isinstance(found, Function):
                frame.escape(value)
            return found
    if column is None or column.kind not in IMMUTABLE_FIELDS:
        # a key that only a saved row has, a property, or a value that can be changed in place
        frame.escape(value)
    if name == "__class__":
        return ModelClass(value.model)
    return UNKNOWN


def _given_by_query(value: Instance, name: str) -> Value | None:
    """What the query sets as an attribute: ``annotate(name=…)``, ``Prefetch(…, to_attr=…)``."""
    row = value.row
    if row is None:
        return None
    if not value.prefix and name in row.queryset.annotated:
        return UNKNOWN
    lookup = "__".join((*value.prefix, name))
    for prefetch in row.queryset.prefetched:
        if prefetch.to_attr == name and prefetch.lookup == lookup:
            rows = prefetch.queryset
            return UNKNOWN if rows is None else Rows(replace(rows, plain=False))
    return None


def _reads_key(frame: Frame, owner: Instance, expr: ir.Attr, inner: ir.Attr) -> bool:
    """Whether ``owner.relation.id`` is the key that the row of *owner* holds itself."""
    model = frame.model(owner.model)
    relation = model.relations.get(inner.attr)
    if relation is None or not relation.has_column or not relation.key_is_pk:
        return False
    target = frame.index.model(relation.target)
    if expr.attr == "id" and (target is None or target.primary_key != "id"):
        return False
    if frame.is_loaded(owner, relation.name) or owner.state in {"new", "created"}:
        return False
    event = KeyRead(
        frame.path,
        (((expr.start, expr.end), (inner.start, inner.end)),),
        relation.name,
        expr.attr,
        owner.model,
        relation.null,
        owner.state == "fetched",
        frame.repeats(owner.row),
        frame.is_handed(owner) or owner.token in frame.escaped,
    )
    if not frame.quiet:
        frame.keys_read.append((owner.token, relation.name, event))
    return True


# Calls.


def _call(frame: Frame, expr: ir.Call) -> Value:
    function = expr.function
    named = function.attr if type(function) is ir.Attr else ""
    if type(function) is ir.Attr:
        receiver = evaluate(frame, function.value)
        method = _METHODS.get(receiver.__class__)
        made = method(frame, receiver, function, expr) if method is not None else None
        if made is not None:
            return made
        if named == "iterator":
            note_unknown_method(frame, expr)
        callee = attribute_of(frame, receiver, function)
        if callee is UNKNOWN and named == "format":
            return _format_call(frame, expr)
    else:
        callee = evaluate(frame, function)
    if type(callee) is Named:
        if callee.dotted == "super":
            return _super(frame, expr)
        found = call_named(frame, callee.dotted, expr, evaluate, walk_lambda)
        if found is not None:
            return found
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    if named in TAKERS:
        for node, value in zip(expr.args, args, strict=False):
            note_taken(frame, value, (node.start, node.end), (expr.start, expr.end))
    if type(callee) is ModelClass:
        made = _new_instance(frame, callee, expr)
        unsaved = [arg for arg in (*args, *keywords.values()) if _is_new(arg)]
        for value in unsaved:
            frame.escape(value)
        if any(_is_of_this_round(frame, value) for value in unsaved):
            frame.escape(made)  # they hang together: the one cannot be saved without the other
        return made
    if named in {"extend", "update"} and len(args) == 1:
        _walk_argument(frame, args[0], expr.args[0])
    result = UNKNOWN
    if callee.__class__ in _CALLED:
        result = _call_of_project(frame, callee, expr, args, keywords)
    if named != "append":
        for arg in (*args, *keywords.values()):
            if type(arg) is Instance:
                frame.escape(arg)
    return Cached() if result is UNKNOWN and asks_cache(expr) else result


#: What the project defines, or inherits, and can be called.
_CALLED: frozenset[type] = frozenset({Function, Inherited, ProjectClass, Macro})


def _call_of_project(
    frame: Frame, callee: Value, expr: ir.Call, args: list[Value], keywords: dict[str, Value]
) -> Value:
    """The value of calling something that the project defines, or inherits."""
    complete = not any(isinstance(arg, ir.Star) for arg in expr.args)
    if not complete:
        first = next(i for i, arg in enumerate(expr.args) if isinstance(arg, ir.Star))
        args = args[:first]
    spot = frame.spot((expr.start, expr.end))
    if isinstance(callee, Function):
        return call_function(frame, callee, args, keywords, spot, complete=complete)
    if isinstance(callee, Inherited):
        return call_inherited(frame, callee, args, keywords, expr)
    if isinstance(callee, ProjectClass):
        return construct(frame, callee, args, keywords, spot, complete=complete)
    if isinstance(callee, Macro):
        rendering.call_macro(frame, callee, args, keywords)
    return UNKNOWN


def _method_of_pages(frame: Frame, receiver: Pages, function: ir.Attr, expr: ir.Call) -> Value:
    _evaluate_arguments(frame, expr)
    return receiver.rows if function.attr in {"page", "get_page"} else UNKNOWN


def _method_of_template(
    frame: Frame, receiver: Template, function: ir.Attr, expr: ir.Call
) -> Value | None:
    if function.attr != "render":
        return None
    given = _evaluate_arguments(frame, expr)
    if given:
        render_named(frame, receiver, given[0], (expr.start, expr.end))
    return UNKNOWN


def _method_of_map(
    frame: Frame, receiver: RowMap, function: ir.Attr, expr: ir.Call
) -> Value | None:
    if function.attr not in {"values", "items", "get"}:
        return None
    _evaluate_arguments(frame, expr)
    if function.attr == "items":
        return Stream((UNKNOWN, Rows(receiver.queryset)))
    return Rows(receiver.queryset) if function.attr == "values" else UNKNOWN


def _walk_argument(frame: Frame, value: Value, expr: ir.Expr) -> None:
    """``items.extend(rows)``."""
    if isinstance(value, QuerySet):
        frame.evaluated(value, (expr.start, expr.end))


def _super(frame: Frame, expr: ir.Call) -> Value:
    """``super()``; also with its two arguments."""
    _evaluate_arguments(frame, expr)
    if frame.owner is None or frame.receiver is None:
        return UNKNOWN
    return Super(frame.owner, frame.receiver)


def method_of_rows(
    frame: Frame, receiver: Manager | QuerySet, function: ir.Attr, expr: ir.Call
) -> Value:
    """``rows.method(…)``: the project's own method, else Django's."""
    receiver = _placed(frame, receiver, function.value)
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    note_manager_write(frame, receiver, function, expr)
    made: Value = UNKNOWN
    own = of_rows(frame, receiver, function.attr)
    if own is not None:
        spot = frame.spot((expr.start, expr.end))
        made = call_function(frame, own, args, keywords, spot)
        if isinstance(made, QuerySet):
            made = replace(made, where=replace(made.where, vague=True))  # it may narrow the rows
            made = continued(frame, receiver, made, expr)
            if function.attr == "filter":
                begun = queryset_of(frame, receiver) if isinstance(receiver, Manager) else receiver
                asked = narrowed(begun, "filter", expr.args, expr.keywords)
                made = replace(made, conditions=asked.conditions)
    if made is UNKNOWN:
        made = call_method(frame, receiver, function.attr, expr, args, keywords)
    unsaved = [value for value in (*args, *keywords.values()) if _is_new(value)]
    for value in unsaved:
        frame.escape(value)
    hangs = any(_is_of_this_round(frame, value) for value in unsaved)
    if isinstance(made, Instance) and made.state == "created" and not hangs:
        note_created(frame, expr, function, made, receiver.parent)
    return made


def _placed(frame: Frame, receiver: Manager | QuerySet, written: ir.Expr) -> Manager | QuerySet:
    """The receiver; where it is the ``self`` of its own method, the chain begins here."""
    if isinstance(receiver, Manager):
        if receiver.path:
            return receiver
        return replace(receiver, path=frame.path, start=written.start, end=written.end)
    if receiver.origins != (HERE,):
        return receiver
    return replace(receiver, origins=(Origin(frame.path, written.start, written.end),))


def _method_of_dict(frame: Frame, receiver: Dict, function: ir.Attr, expr: ir.Call) -> Value:
    args = [evaluate(frame, arg) for arg in expr.args]
    keywords = {name: evaluate(frame, value) for name, value in expr.keywords}
    for arg in (*args, *keywords.values()):
        frame.escape(arg)
    name = function.attr
    first = args[0] if args else UNKNOWN
    if name in {"get", "pop"} and isinstance(first, Const):
        return receiver.get(str(first.value))
    if name == "copy":
        return receiver
    if name == "update" and isinstance(function.value, ir.Name):
        merged = receiver
        given = dict(first.items) if isinstance(first, Dict) else {}
        for key, value in {**given, **keywords}.items():
            merged = merged.with_item(key, value)
        frame.bind(function.value.id, merged)
    return UNKNOWN


def _is_new(value: Value) -> bool:
    return isinstance(value, Instance) and value.state in {"new", "created"}


def _is_of_this_round(frame: Frame, value: Value) -> bool:
    """Whether the new row is made in the same loop that goes round here."""
    return (
        isinstance(value, Instance) and bool(frame.loops) and value.made_in == frame.loops[-1].start
    )


def _evaluate_arguments(frame: Frame, expr: ir.Call) -> list[Value]:
    args = [evaluate(frame, arg) for arg in expr.args]
    return args + [evaluate(frame, value) for _, value in expr.keywords]


def _new_instance(frame: Frame, callee: ModelClass, expr: ir.Call) -> Value:
    made = frame.instance(callee.model, state="new")
    frame.ask("write", QuerySet(callee.model), expr)
    relations = frame.model(callee.model).relations
    for word, value in expr.keywords:
        if word in relations:
            # what it was built with is there without a query
            frame.loaded[made.token, word] = (
                frame.look_up(value.id) if isinstance(value, ir.Name) else UNKNOWN
            )
    return made


#: Methods of a row that set none of its fields, and keep it from nobody.
_HARMLESS_METHODS = frozenset({
    "refresh_from_db", "get_absolute_url", "__str__", "full_clean_fields", "delete", "adelete",
})  # fmt: skip


def _method_of_instance(
    frame: Frame, receiver: Instance, function: ir.Attr, expr: ir.Call
) -> Value:
    args = _evaluate_arguments(frame, expr)
    name = function.attr
    model = frame.model(receiver.model)
    if name in {"save", "asave"}:
        saved(frame, receiver, expr)
        frame.forget_read(receiver)
        return UNKNOWN
    if name in {"delete", "adelete"}:
        note_deleted(frame, receiver, expr)
    if name in {"refresh_from_db", "arefresh_from_db"}:
        frame.refresh(receiver)
        return UNKNOWN
    relation = model.relations.get(name)
    if relation is not None:  # calling a manager: ``author.books(manager="published")``
        return UNKNOWN
    spot = frame.spot((expr.start, expr.end))
    found = of_row(frame, receiver, name, spot)
    result: Value = UNKNOWN
    if isinstance(found, Function):
        keywords = dict(
            zip((word for word, _ in expr.keywords), args[len(expr.args) :], strict=True)
        )
        complete = not any(isinstance(arg, ir.Star) for arg in expr.args)
        result = call_function(
            frame, found, args[: len(expr.args)], keywords, spot, complete=complete
        )
    if not (name in _HARMLESS_METHODS or (name.startswith("get_") and name.endswith("_display"))):
        frame.escape(receiver)
    for arg in args:
        frame.escape(arg)
    return result


# Rows of a sequence.


def _item(frame: Frame, expr: ir.Item) -> Value:
    value, index = evaluate(frame, expr.value), evaluate(frame, expr.index)
    if isinstance(value, Listing) and isinstance(index, Const) and type(index.value) is int:
        position = index.value
        if -len(value.items) <= position < len(value.items):
            return value.items[position]
    if isinstance(value, Dict):
        return value.get(str(index.value)) if isinstance(index, Const) else UNKNOWN
    queryset = rows_of(value)
    if queryset is not None and isinstance(index, Const) and type(index.value) is int:
        span = (expr.start, expr.end)
        if isinstance(value, QuerySet):
            frame.ask("item", queryset, expr)
        return frame.row_of(queryset, span, span, single=True)
    return UNKNOWN


def _slice(frame: Frame, expr: ir.Slice) -> Value:
    value = evaluate(frame, expr.value)
    lower, upper, step = (
        None if part is None else evaluate(frame, part)
        for part in (expr.lower, expr.upper, expr.step)
    )
    if step is not None:
        return UNKNOWN
    if isinstance(value, QuerySet):
        note_limit(frame, value, expr)
        return sliced(value, lower, upper)
    if isinstance(value, Rows):
        return Rows(sliced(value.queryset, lower, upper))
    return UNKNOWN


def _sequence(frame: Frame, expr: ir.Seq) -> Value:
    items = tuple([evaluate(frame, item) for item in expr.items])
    for item in items:
        frame.escape(item)
    if any(isinstance(item, ir.Star) for item in expr.items):
        return UNKNOWN
    return Listing(items)


def _mapping(frame: Frame, expr: ir.Mapping) -> Value:
    made = Dict()
    for key, value in zip(expr.keys, expr.values, strict=True):
        named = None if key is None else evaluate(frame, key)
        held = evaluate(frame, value)
        frame.escape(held)
        if key is None and isinstance(held, Dict):
            for inner, item in held.items:
                made = made.with_item(inner, item)
        elif isinstance(named, Const):
            made = made.with_item(str(named.value), held)
    return made


def _comprehension(frame: Frame, expr: ir.Comp) -> Value:
    outside = frame.state
    frame.state = outside.copy()
    first = expr.clauses[0]
    source = evaluate(frame, first.iterable)
    result: Value = UNKNOWN
    try:
        rounds = rounds_of(source, first.iterable)
        with frame.loop(expr.start, expr.end, "comprehension", rounds, expr) as entered:
            for clause in expr.clauses:
                walked = source if clause is first else evaluate(frame, clause.iterable)
                item = iterate(frame, walked, clause.iterable, (expr.start, expr.end))
                bind_target(frame, clause.target, item)
                entered.begun = True
                for condition in clause.conditions:
                    test(frame, condition)
            for element in expr.elements:
                result = evaluate(frame, element)
                created = isinstance(result, Instance) and result.state == "created"
                if expr.kind != "generator" and not created:
                    frame.escape(result)
    finally:
        frame.state = outside
    if expr.kind == "dict" or len(expr.clauses) != 1:
        return UNKNOWN
    if isinstance(result, Instance):
        if (
            result.row is not None
            and not result.prefix
            and (result.row.start, result.row.end) == (expr.start, expr.end)
        ):
            since = result.row.since or (frame.path, expr.start, expr.end)
            return Rows(result.row.queryset, since)
        return UNKNOWN
    return Each(result) if isinstance(result, Dict | Listing) else UNKNOWN


def walk_lambda(
    frame: Frame, function: ir.Lambda, source: Value, iterable: ir.Expr, call: ir.Call
) -> None:
    """Interpret a function that is called for each of the rows of *source*."""
    span = (call.start, call.end)
    outside = frame.state
    frame.state = outside.copy()
    try:
        with frame.loop(*span, "call", rounds_of(source, iterable)):
            for parameter in function.parameters:
                frame.bind(parameter.name, UNKNOWN)
            if function.parameters:
                item = iterate(frame, source, iterable, span)
                frame.bind(function.parameters[0].name, item)
            evaluate(frame, function.body)
    finally:
        frame.state = outside


def _lambda(frame: Frame, expr: ir.Lambda) -> Value:
    """Nobody knows when it is called, and with what."""
    outside = frame.state
    frame.state = outside.copy()
    frame.quiet += 1
    try:
        for parameter in expr.parameters:
            frame.bind(parameter.name, UNKNOWN)
        evaluate(frame, expr.body)
    finally:
        frame.quiet -= 1
        frame.state = outside
    return UNKNOWN


# Conditions.


def test(frame: Frame, expr: ir.Expr) -> Value:
    """Evaluate *expr* where only its truth is asked for."""
    return _test(frame, expr, expr, negated=False)


def _test(frame: Frame, expr: ir.Expr, whole: ir.Expr, *, negated: bool) -> Value:
    if type(expr) is ir.Not:
        inner = expr.value
        if isinstance(inner, ir.Not | ir.BoolOp):
            return test(frame, inner)
        return _test(frame, inner, expr, negated=True)
    if type(expr) is ir.BoolOp:
        for place, part in enumerate(expr.values):
            narrow = expr.operator == "and" and is_narrow(expr.values[: place + 1])
            with frame.block(RARELY if narrow else ""):
                value = test(frame, part)
            if type(value) is Const and bool(value.value) == (expr.operator == "or"):
                break  # what follows is not asked for
        return UNKNOWN
    if type(expr) is ir.Compare:
        return _compare(frame, expr, whole if negated else expr, negated=negated)
    value = evaluate(frame, expr)
    if type(value) is QuerySet:
        _note_test(frame, value, expr, expr, whole, "truth", negated=negated)
        frame.evaluated(value, (expr.start, expr.end))
    elif (counted := _counted(frame, expr)) is not None:
        queryset, asked, how = counted
        _note_test(frame, queryset, asked, expr, whole, how, negated=negated)
    return value


def _counted(frame: Frame, expr: ir.Expr) -> tuple[QuerySet, ir.Expr, str] | None:
    """The queryset whose rows *expr* counts, by ``len()`` or ``count()``."""
    call = expr.value if type(expr) is ir.Await else expr
    if type(call) is not ir.Call or call.keywords:
        return None
    function = call.function
    if isinstance(function, ir.Name) and function.id == "len" and len(call.args) == 1:
        queryset = _peek(frame, call.args[0])
        return None if queryset is None else (queryset, call.args[0], "len")
    if (
        isinstance(function, ir.Attr)
        and function.attr == ("acount" if isinstance(expr, ir.Await) else "count")
        and not call.args
    ):
        queryset = _peek(frame, function.value)
        return None if queryset is None else (queryset, function.value, "count")
    return None


def _peek(frame: Frame, expr: ir.Expr) -> QuerySet | None:
    """The queryset of an expression that was evaluated before, without doing so again."""
    frame.quiet += 1
    try:
        value = evaluate(frame, expr)
    finally:
        frame.quiet -= 1
    if isinstance(value, Manager):
        return queryset_of(frame, value)
    return value if isinstance(value, QuerySet) else None


#: Comparisons with a number that ask whether there is a row: True if they hold where there is.
_EXISTENCE = {
    (">", 0): True, ("!=", 0): True, (">=", 1): True,
    ("==", 0): False, ("<", 1): False, ("<=", 0): False,
}  # fmt: skip
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


def _compare(frame: Frame, expr: ir.Compare, whole: ir.Expr, *, negated: bool) -> Value:
    left = evaluate(frame, expr.left)
    values = [evaluate(frame, comparator) for comparator in expr.comparators]
    if len(values) != 1:
        return UNKNOWN
    right, operator = values[0], expr.operators[0]
    counting: ir.Expr = expr.left
    if operator in {"in", "not in"}:
        if isinstance(right, QuerySet):
            frame.evaluated(right, (expr.comparators[0].start, expr.comparators[0].end))
        return UNKNOWN
    number = right
    if isinstance(left, Const) and operator in _MIRRORED:
        number, operator, counting = left, _MIRRORED[operator], expr.comparators[0]
    if isinstance(number, Const) and type(number.value) is int:
        holds = _EXISTENCE.get((operator, number.value))
        counted = _counted(frame, counting) if holds is not None else None
        if counted is not None:
            queryset, asked, how = counted
            _note_test(frame, queryset, asked, counting, whole, how, negated=(not holds) != negated)
    return UNKNOWN


def _compared(frame: Frame, expr: ir.Compare) -> Value:
    return _compare(frame, expr, expr, negated=False)


def _note_test(
    frame: Frame,
    queryset: QuerySet,
    asked: ir.Expr,
    counting: ir.Expr,
    whole: ir.Expr,
    how: str,
    *,
    negated: bool,
) -> None:
    if frame.quiet or queryset.optional or (queryset.sliced and queryset.limit == 1):
        return
    parent = queryset.parent
    if parent is not None and queryset.plain and how != "count":
        return  # a prefetch may have fetched the rows already
    if parent is not None and queryset.plain and frame.is_loaded(parent, queryset.relation):
        return
    call = counting.value if isinstance(counting, ir.Await) else counting
    span = (asked.start, asked.end)
    if how == "count" and isinstance(call, ir.Call) and isinstance(call.function, ir.Attr):
        function = call.function  # up to its dot, parentheses and comments included
        span = (function.start, function.end - len(function.attr))
    event = ExistenceTested(
        frame.path,
        (whole.start, whole.end),
        span,
        how,
        negated,
        isinstance(counting, ir.Await),
        queryset.model,
        bool(frame.loops),
    )
    if isinstance(asked, ir.Name):
        if how == "count" or not any(queryset is given for given in frame.given):
            frame.tests.append((asked.id, (asked.start, asked.end), event))
    elif isinstance(asked, ir.Call | ir.Slice) or (isinstance(asked, ir.Attr) and how == "count"):
        frame.events.append(event)  # what an attribute holds may be walked elsewhere


def _conditional(frame: Frame, expr: ir.IfExp) -> Value:
    known = test(frame, expr.test)
    asked = expr.test.value if type(expr.test) is ir.Not else expr.test
    if type(known) is Const and asked.__class__ in _NAMES:  # an argument's default, mostly
        holds = bool(known.value) != (asked is not expr.test)
        return evaluate(frame, expr.body if holds else expr.orelse)
    values: list[Value] = []
    for mode, part in zip(modes_of(frame, expr.test), (expr.body, expr.orelse), strict=True):
        with frame.block(mode):
            values.append(evaluate(frame, part))
    return join(values[0], values[1])


_NAMES: frozenset[type] = frozenset({ir.Name, ir.Attr})


def _bool_op(frame: Frame, expr: ir.BoolOp) -> Value:
    """Outside of a condition: each value but the last may also be the result."""
    values: list[Value] = []
    with frame.block():
        for place, part in enumerate(expr.values):
            values.append(evaluate(frame, part))
            if expr.operator == "or" and (
                place  # few rows have neither of two
                or (type(part) is ir.Name and values[-1] is UNKNOWN)
            ):
                frame.keep(RARELY)  # it was given, and what follows is for those who did not
    for value in values:
        frame.escape(value)
    result = values[0]
    for value in values[1:]:
        result = join(result, value)
    return result if not isinstance(result, Instance) else UNKNOWN


def _not(frame: Frame, expr: ir.Not) -> Value:
    test(frame, expr)
    return UNKNOWN


# The rest.


def _await(frame: Frame, expr: ir.Await) -> Value:
    return evaluate(frame, expr.value)


def _star(frame: Frame, expr: ir.Star) -> Value:
    value = evaluate(frame, expr.value)
    if isinstance(value, QuerySet):
        frame.evaluated(value, (expr.value.start, expr.value.end))
    return UNKNOWN


def _named(frame: Frame, expr: ir.Named) -> Value:
    value = evaluate(frame, expr.value)
    frame.bind(expr.target, value)
    return value


def _binary(frame: Frame, expr: ir.Binary) -> Value:
    left, right = evaluate(frame, expr.left), evaluate(frame, expr.right)
    if expr.operator == "|" and isinstance(left, Dict) and isinstance(right, Dict):
        for key, value in right.items:
            left = left.with_item(key, value)
        return left
    if expr.operator == "%":
        for value in right.items if isinstance(right, Listing) else (right,):
            printed(frame, value, (expr.right.start, expr.right.end))
    if expr.operator in {"|", "&"} and isinstance(left, QuerySet) and isinstance(right, QuerySet):
        return replace(
            left, opaque=left.opaque or right.opaque, plain=False, sliced=True, limit=None
        )
    return UNKNOWN


def _format(frame: Frame, expr: ir.Format) -> Value:
    for value in expr.values:
        printed(frame, evaluate(frame, value), (value.start, value.end))
    return UNKNOWN


def _format_call(frame: Frame, expr: ir.Call) -> Value:
    """``"…".format(row)``."""
    shown = _shown_by(expr.function.value) if type(expr.function) is ir.Attr else None
    named = [*((str(place), arg) for place, arg in enumerate(expr.args)), *expr.keywords]
    for name, value in named:
        made = evaluate(frame, value)
        if shown is None or name in shown:
            printed(frame, made, (value.start, value.end))
    return UNKNOWN


def _shown_by(text: ir.Expr) -> set[str] | None:
    """
    The arguments that the text shows as they are, not an attribute of them: ``{0.name}``.

    None where the text is not known.
    """
    if type(text) is ir.Call and len(text.args) == 1:
        text = text.args[0]  # a translation
    if type(text) is not ir.Const or type(text.value) is not str:
        return None
    try:
        fields = [field for _, field, _, _ in _FORMATTER.parse(text.value) if field is not None]
    except ValueError:
        return None
    return {str(place) if field == "" else field for place, field in enumerate(fields)}


_FORMATTER = Formatter()


def printed(frame: Frame, value: Value, span: Span) -> None:
    """Text is made of *value*: of a row by its ``__str__``."""
    if isinstance(value, Instance):
        found = of_row(frame, value, "__str__", frame.spot(span))
        if isinstance(found, Function):
            call_function(frame, found, (), {}, frame.spot(span))
    elif isinstance(value, QuerySet):
        frame.evaluated(value, span)


def _yield(frame: Frame, expr: ir.Yield) -> Value:
    value = UNKNOWN if expr.value is None else evaluate(frame, expr.value)
    frame.escape(value)
    if expr.delegates and not isinstance(value, QuerySet | Rows):
        value = UNKNOWN
    frame.yielded.append(value)
    return UNKNOWN


def _other(frame: Frame, expr: ir.Other) -> Value:
    for part in expr.parts:
        evaluate(frame, part)
    return UNKNOWN


#: What attributes values have that are known; None leaves it to what is said of unknown ones.
_ATTRIBUTES: dict[type, Callable[[Frame, Any, str, Span], Value | None]] = {
    Instance: _of_instance,
    ModelClass: _of_model,
    Named: _of_named,
    QuerySet: _of_rows_to_come,
    Manager: _of_rows_to_come,
    Object: _of_object,
    Super: _of_super,
    ProjectClass: _of_class,
    Dict: _of_dict,
    Rows: _of_page,
    Pages: _of_page,
}
#: What their methods do; None leaves it to what an attribute of this name does.
_METHODS: dict[type, Callable[[Frame, Any, ir.Attr, ir.Call], Value | None]] = {
    Manager: method_of_rows,
    QuerySet: method_of_rows,
    Instance: _method_of_instance,
    Dict: _method_of_dict,
    Pages: _method_of_pages,
    Template: _method_of_template,
    RowMap: _method_of_map,
}

_HANDLERS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Name: _name,
    ir.Attr: _attribute,
    ir.Call: _call,
    ir.Const: _const,
    ir.Item: _item,
    ir.Slice: _slice,
    ir.Seq: _sequence,
    ir.Mapping: _mapping,
    ir.Comp: _comprehension,
    ir.Lambda: _lambda,
    ir.Await: _await,
    ir.IfExp: _conditional,
    ir.BoolOp: _bool_op,
    ir.Compare: _compared,
    ir.Not: _not,
    ir.Star: _star,
    ir.Named: _named,
    ir.Binary: _binary,
    ir.Format: _format,
    ir.Yield: _yield,
    ir.Other: _other,
    **template_code.EXPRESSIONS,
}
