"""Functions whose effect on rows is known: built-in ones, Django's shortcuts, itertools."""

from collections.abc import Callable

from msgspec.structs import replace

from praxis.audit.facts.templates.context_processors import CONTEXT_PROCESSORS
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import rendering
from praxis.audit.flow.interpreter.calling import call as call_function
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.querysets import queryset_of, rows_of
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Function,
    Inherited,
    Instance,
    Listing,
    Manager,
    ModelClass,
    Object,
    Origin,
    Pages,
    Prefetch,
    QuerySet,
    Response,
    Rows,
    Stream,
    Template,
    Value,
)
from praxis.audit.flow.notes.lookups import note_limit, note_lookup
from praxis.audit.flow.notes.showing import note_paged

Evaluate = Callable[[Frame, ir.Expr], Value]
WalkLambda = Callable[[Frame, ir.Lambda, Value, ir.Expr, ir.Call], None]

_ORDERED = frozenset({"sorted", "list", "tuple", "set", "frozenset", "reversed", "iter"})
_WALKS = frozenset({"len", "sum", "any", "all", "max", "min"})
#: Built in and without an effect on what they are given.
_HARMLESS = frozenset({"str", "repr", "print", "isinstance", "bool", "type"})


def call_named(
    frame: Frame, dotted: str, call: ir.Call, evaluate: Evaluate, walk_lambda: WalkLambda
) -> Value | None:
    """The value of calling what is known as *dotted*; None if that is nothing special."""
    name = dotted.rpartition(".")[2]
    if name in {"get_object_or_404", "aget_object_or_404"}:
        return _one_or_404(frame, call, evaluate)
    if name in {"get_list_or_404", "aget_list_or_404"}:
        found = _queryset(frame, call, evaluate)
        return UNKNOWN if found is None else Rows(replace(found, plain=False))
    if name == "get_user_model":
        return ModelClass(frame.index.user.key) if frame.index.user is not None else UNKNOWN
    if name == "QuerySet" and call.args:
        return _rows_of_model(frame, call, evaluate)
    if name in {"get_model", "load_model", "swapper_load_model"}:
        return _by_label(frame, call, evaluate)
    if name == "Prefetch":
        return _prefetch(frame, call, evaluate)
    if name == "prefetch_related_objects":
        _load_by_hand(frame, call, evaluate)
        return UNKNOWN
    if name in _RESPONSES or name.startswith("HttpResponse"):
        _arguments(frame, call, evaluate, 0)
        return Response()
    if name == "Paginator" and call.args:
        return _paginator(frame, call, evaluate)
    if name in _RENDERERS:
        return _render(frame, name, call, evaluate)
    if name in {"get_template", "select_template"} and call.args:
        return _template(frame, call, evaluate)
    if dotted == name:
        return _built_in(frame, name, call, evaluate, walk_lambda)
    if dotted in {"itertools.islice", "itertools.groupby"} and call.args:
        return _from_itertools(frame, name, call, evaluate, walk_lambda)
    return None


def _paginator(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    args = [evaluate(frame, arg) for arg in call.args]
    words = {word: evaluate(frame, value) for word, value in call.keywords}
    rows = queryset_of(frame, args[0]) if isinstance(args[0], Manager) else rows_of(args[0])
    size = args[1] if len(args) > 1 else words.get("per_page", UNKNOWN)
    if rows is None:
        return UNKNOWN
    if isinstance(args[0], QuerySet | Manager):
        frame.ask("paginate", rows, call)
        note_limit(frame, rows, call)
    note_paged(frame, rows, frame.path, (call.start, call.end))
    limit = size.value if isinstance(size, Const) and type(size.value) is int else rows.limit
    return Pages(Rows(replace(rows, limit=limit, sliced=True, plain=False)))


# Templates.

#: Where the template's name and the context stand among the arguments.
_RENDERERS = {
    "render": (1, 2), "render_to_string": (0, 1), "render_to_response": (0, 1),
    "TemplateResponse": (1, 2), "SimpleTemplateResponse": (0, 1), "render_block_to_string": (0, 2),
}  # fmt: skip
_NAMES = ("template_name", "template")
_RESPONSES = frozenset({
    "JsonResponse", "FileResponse", "StreamingHttpResponse", "redirect", "Response",
    "permission_denied", "bad_request", "page_not_found",
})  # fmt: skip


def _render(frame: Frame, name: str, call: ir.Call, evaluate: Evaluate) -> Value:
    args = [evaluate(frame, arg) for arg in call.args]
    words = {word: evaluate(frame, value) for word, value in call.keywords}
    at, behind = _RENDERERS[name]
    template = args[at] if at < len(args) else next(
        (words[word] for word in _NAMES if word in words), UNKNOWN
    )  # fmt: skip
    context = args[behind] if behind < len(args) else words.get("context", UNKNOWN)
    of_request = at == 1 or len(args) > behind + 1 or "request" in words
    render_named(frame, template, context, (call.start, call.end), of_request=of_request)
    for value in (*args, *words.values()):
        frame.escape(value)
    return Response() if name != "render_to_string" else UNKNOWN


def render_named(
    frame: Frame,
    template: Value,
    context: Value,
    span: tuple[int, int],
    *,
    of_request: bool = True,
) -> None:
    """
    Render what *template* (a name, several, or a template) means with *context*.

    Where it is *of_request*, the context processors of the project add to it.
    """
    if isinstance(template, Listing):
        template = next((item for item in template.items if isinstance(item, Const)), UNKNOWN)
    path: str | None = None
    if isinstance(template, Template):
        path = template.path
    elif isinstance(template, Const) and isinstance(template.value, str):
        path = frame.program.template_path(template.value, frame.path)
    if path is None:
        return
    whole = dict(context.items) if isinstance(context, Dict) else {}
    if of_request:
        whole = {**processed(frame, span), **whole}
    rendering.render(frame, path, whole, frame.spot(span))


def processed(frame: Frame, span: tuple[int, int]) -> dict[str, Value]:
    """What the context processors of the project give to every template."""
    names: dict[str, Value] = {}
    for asking, fact in frame.program.project.facts(CONTEXT_PROCESSORS).items():
        frame.program.use(asking)
        for dotted in fact.names:
            function = frame.program.named(dotted, asking)
            if isinstance(function, Function):
                made = call_function(frame, function, (UNKNOWN,), {}, frame.spot(span))
                names.update(dict(made.items) if isinstance(made, Dict) else {})
    return names


def _template(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    named = evaluate(frame, call.args[0])
    if isinstance(named, Listing) and named.items:
        named = named.items[0]
    if not (isinstance(named, Const) and isinstance(named.value, str)):
        return UNKNOWN
    path = frame.program.template_path(named.value, frame.path)
    return UNKNOWN if path is None else Template(named.value, path)


def _arguments(frame: Frame, call: ir.Call, evaluate: Evaluate, skip: int) -> None:
    for arg in call.args[skip:]:
        evaluate(frame, arg)
    for _, value in call.keywords:
        evaluate(frame, value)


def _rows_of_model(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    """``QuerySet(model)``, as managers make one."""
    model = evaluate(frame, call.args[0])
    _arguments(frame, call, evaluate, 1)
    return QuerySet(model.model) if isinstance(model, ModelClass) else UNKNOWN


def _by_label(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    """``get_model("shop", "Order")``, ``apps.get_model("shop.Order")``."""
    parts = [evaluate(frame, arg) for arg in call.args[:2]]
    texts = [part.value for part in parts if isinstance(part, Const)]
    model = frame.index.labelled(".".join(str(text) for text in texts))
    return UNKNOWN if model is None else ModelClass(model.key)


def _queryset(frame: Frame, call: ir.Call, evaluate: Evaluate) -> QuerySet | None:
    """What the first argument (a model, manager or queryset) has rows of."""
    if not call.args:
        return None
    first = evaluate(frame, call.args[0])
    _arguments(frame, call, evaluate, 1)
    if isinstance(first, ModelClass):
        model = frame.model(first.model)
        named = call.args[0]
        manager = Manager(model.key, model.default_manager, frame.path, named.start, named.end)
        place = Origin(frame.path, named.start, named.end, "class")
        plain = isinstance(named, ir.Name | ir.Attr) and model.default_manager == "objects"
        return replace(queryset_of(frame, manager), origins=(place,) if plain else ())
    if isinstance(first, Manager):
        return queryset_of(frame, first)
    return first if isinstance(first, QuerySet) else None


def _one_or_404(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    found = _queryset(frame, call, evaluate)
    if found is None:
        return UNKNOWN
    frame.ask("get", found, call)
    span = (call.start, call.end)
    words = [name for name, _ in call.keywords]
    unknown = [UNKNOWN] * (len(call.args) - 1)
    row = frame.row_of(replace(found, plain=False), span, span, single=True)
    return note_lookup(frame, found, "get", call, unknown, words, row, own=False)


def _prefetch(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    args = [evaluate(frame, arg) for arg in call.args]
    words = {name: evaluate(frame, value) for name, value in call.keywords}
    lookup = args[0] if args else words.get("lookup", UNKNOWN)
    queryset = args[1] if len(args) > 1 else words.get("queryset")
    to_attr = args[2] if len(args) > 2 else words.get("to_attr")
    if not isinstance(lookup, Const) or not isinstance(lookup.value, str) or "" in words:
        return UNKNOWN
    if queryset is not None and not isinstance(queryset, QuerySet | Const):
        return UNKNOWN
    rows = queryset if isinstance(queryset, QuerySet) else None
    if to_attr is None:
        return Prefetch(lookup.value, rows)
    if isinstance(to_attr, Const) and isinstance(to_attr.value, str):
        head, _, _ = lookup.value.rpartition("__")
        named = f"{head}__{to_attr.value}" if head else to_attr.value
        return Prefetch(named, rows, to_attr.value)
    return UNKNOWN


def _load_by_hand(frame: Frame, call: ir.Call, evaluate: Evaluate) -> None:
    """``prefetch_related_objects(rows, …)``: whatever is named is loaded from here on."""
    _arguments(frame, call, evaluate, 0)
    for arg in call.args[:1]:
        for item in arg.items if isinstance(arg, ir.Seq) else (arg,):
            if isinstance(item, ir.Name):
                forget_loading(frame, item.id)


def forget_loading(frame: Frame, name: str) -> None:
    """Other code may have loaded relations of the rows that *name* holds."""
    value = frame.look_up(name)
    if isinstance(value, Rows):
        frame.bind(name, Rows(replace(value.queryset, opaque=True)))
    elif isinstance(value, QuerySet):
        frame.bind(name, replace(value, opaque=True))
    elif isinstance(value, Instance | Listing):
        frame.bind(name, UNKNOWN)


def _built_in(
    frame: Frame, name: str, call: ir.Call, evaluate: Evaluate, walk_lambda: WalkLambda
) -> Value | None:
    if name in _HARMLESS:
        for arg in call.args:
            value = evaluate(frame, arg)
            if name in {"str", "print"}:
                _print(frame, value, arg)
            if name == "bool" and isinstance(value, QuerySet):
                frame.evaluated(value, (arg.start, arg.end))
            if name == "type" and isinstance(value, Instance) and len(call.args) == 1:
                return ModelClass(value.model)
        _arguments(frame, call, evaluate, len(call.args))
        return UNKNOWN
    if name == "getattr" and len(call.args) >= 2:
        return _getattr(frame, call, evaluate)
    if name in {"map", "filter"} and len(call.args) == 2:
        return _mapped(frame, name, call, evaluate, walk_lambda)
    if name in {"enumerate", "zip"} and call.args:
        parts = tuple(evaluate(frame, arg) for arg in call.args)
        for part, arg in zip(parts, call.args, strict=True):
            if isinstance(part, QuerySet):
                frame.evaluated(part, (arg.start, arg.end))
        _arguments(frame, call, evaluate, len(call.args))
        walked = tuple(Rows(part) if isinstance(part, QuerySet) else part for part in parts)
        return Stream((UNKNOWN, walked[0]) if name == "enumerate" else walked)
    if name == "next" and call.args:
        return _next(frame, call, evaluate)
    if (name in _ORDERED or name in _WALKS) and call.args:
        return _walk(frame, name, call, evaluate, walk_lambda)
    return None


def _print(frame: Frame, value: Value, expr: ir.Expr) -> None:
    from praxis.audit.flow.interpreter.texts import printed  # which calls what is built in

    printed(frame, value, (expr.start, expr.end))


def _getattr(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    from praxis.audit.flow.interpreter.objects import of_object  # which calls what is built in

    value, named, *default = [evaluate(frame, arg) for arg in call.args]
    if isinstance(value, Object) and isinstance(named, Const) and isinstance(named.value, str):
        found = of_object(frame, value, named.value, frame.spot((call.start, call.end)))
        held = not isinstance(found, Inherited)
        return found if held else default[0] if default else UNKNOWN
    if isinstance(value, Instance) and isinstance(named, Const):
        relation = frame.model(value.model).relations.get(str(named.value))
        if relation is not None:
            return frame.read(value, relation, frame.spot((call.start, call.end)))
    return UNKNOWN


def _mapped(
    frame: Frame, name: str, call: ir.Call, evaluate: Evaluate, walk_lambda: WalkLambda
) -> Value:
    function, iterable = call.args
    source = evaluate(frame, iterable)
    if isinstance(function, ir.Lambda):
        walk_lambda(frame, function, source, iterable, call)
    else:
        evaluate(frame, function)
    rows = rows_of(source)
    return Rows(rows) if name == "filter" and rows is not None else UNKNOWN


def _next(frame: Frame, call: ir.Call, evaluate: Evaluate) -> Value:
    """Only the first row is looked at."""
    frame.quiet += 1
    try:
        source = evaluate(frame, call.args[0])
    finally:
        frame.quiet -= 1
    _arguments(frame, call, evaluate, 1)
    rows = rows_of(source)
    if rows is None:
        return UNKNOWN
    span = (call.start, call.end)
    return frame.row_of(rows, span, span, single=True)


def _walk(
    frame: Frame, name: str, call: ir.Call, evaluate: Evaluate, walk_lambda: WalkLambda
) -> Value:
    iterable = call.args[0]
    source = evaluate(frame, iterable)
    for arg in call.args[1:]:
        evaluate(frame, arg)
    rows = rows_of(source)
    if isinstance(source, QuerySet):
        frame.evaluated(source, (iterable.start, iterable.end))
    for word, value in call.keywords:
        if word == "key" and isinstance(value, ir.Lambda):
            walked: Value = Rows(rows) if rows is not None else source
            walk_lambda(frame, value, walked, iterable, call)
        else:
            evaluate(frame, value)
    if name in _ORDERED:
        if rows is not None:
            since = source.since if isinstance(source, Rows) else None
            return Rows(rows, since or (frame.path, call.start, call.end))
        if isinstance(source, Stream):
            return source
        return source if isinstance(source, Listing) and name in {"list", "tuple"} else UNKNOWN
    if name in {"max", "min"} and rows is not None and len(call.args) == 1:
        span = (call.start, call.end)
        return frame.row_of(rows, span, span, single=True)
    return UNKNOWN


def _from_itertools(
    frame: Frame, name: str, call: ir.Call, evaluate: Evaluate, walk_lambda: WalkLambda
) -> Value:
    iterable = call.args[0]
    source = evaluate(frame, iterable)
    rows = rows_of(source)
    if isinstance(source, QuerySet):
        frame.evaluated(source, (iterable.start, iterable.end))
    walked: Value = Rows(rows) if rows is not None else UNKNOWN
    for function in (*call.args[1:], *(value for _, value in call.keywords)):
        if isinstance(function, ir.Lambda):
            walk_lambda(frame, function, walked, iterable, call)
        else:
            evaluate(frame, function)
    if name == "islice":
        return walked
    return Stream((UNKNOWN, walked), nested=True)
