"""What the parts of templates do that Python has not: lookups, filters, tags, includes."""

from collections.abc import Callable, Sequence
from typing import Any

from praxis.audit.facts.templates.tag_index import KnownTag, TagIndex
from praxis.audit.facts.templates.tags import INCLUSION, SIMPLE, SIMPLE_BLOCK
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Spot
from praxis.audit.flow.interpreter import rendering
from praxis.audit.flow.interpreter.attributes import attribute_named
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.inherited import call_inherited
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.methods import method_of_rows
from praxis.audit.flow.interpreter.querysets import rows_of, sliced
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Function,
    Inherited,
    Instance,
    Listing,
    Macro,
    Manager,
    QuerySet,
    Rows,
    Stream,
    Value,
    join,
)

# Expressions.


def lookup(frame: Frame, expr: ir.Lookup) -> Value:
    """``value.name`` as Django's templates have it."""
    value = evaluate(frame, expr.value)
    return look_up_in(frame, value, expr.name, expr)


def look_up_in(frame: Frame, value: Value, name: str, expr: ir.Expr) -> Value:
    """A key, an attribute or an item of *value*; what can be called is called."""
    span = expr.start, expr.end
    if isinstance(value, Dict):
        found = value.get(name)
        if found is UNKNOWN and name == "items":
            return Stream((UNKNOWN, Each(_any_of(value))))
        return Each(_any_of(value)) if found is UNKNOWN and name == "values" else found
    if name.isdigit():
        return _item(frame, value, int(name), span)
    if isinstance(value, QuerySet | Manager):
        return _method_of_rows(frame, value, name, expr)
    owner = expr.value if isinstance(expr, ir.Lookup) else None
    of_request = isinstance(owner, ir.Name) and owner.id == "request"
    found = attribute_named(frame, value, name, span, of_request)
    if isinstance(found, Function):
        return call(frame, found, (), {}, frame.spot(span))
    if isinstance(found, Inherited):
        return call_inherited(frame, found, (), {}, _call_at(span, name))
    return found


def _any_of(value: Dict) -> Value:
    values = [item for _, item in value.items]
    result = values[0] if values else UNKNOWN
    for item in values[1:]:
        result = join(result, item)
    return result


def _item(frame: Frame, value: Value, position: int, span: tuple[int, int]) -> Value:
    if isinstance(value, Listing):
        return value.items[position] if position < len(value.items) else UNKNOWN
    rows = rows_of(value)
    return UNKNOWN if rows is None else frame.row_of(rows, span, span, single=True)


def _method_of_rows(frame: Frame, value: QuerySet | Manager, name: str, expr: ir.Expr) -> Value:
    receiver = expr.value if isinstance(expr, ir.Lookup) else expr
    function = ir.Attr(expr.start, expr.end, receiver, name)
    return method_of_rows(frame, value, function, ir.Call(expr.start, expr.end, function))


def _call_at(span: tuple[int, int], name: str) -> ir.Call:
    start, end = span
    return ir.Call(start, end, ir.Attr(start, end, ir.Name(start, ""), name))


def apply_filter(frame: Frame, expr: ir.Filter) -> Value:
    """``value|name:argument``."""
    value = evaluate(frame, expr.value)
    args = [evaluate(frame, argument) for argument in expr.arguments]
    span = expr.start, expr.end
    if expr.name.startswith("is "):
        return UNKNOWN  # a test of Jinja: nothing is printed
    known = _known_filter(frame, expr.name)
    if known is not None and known.function:
        return _run_function(frame, known, [value, *args], {}, frame.spot(span))
    rows = rows_of(value)
    match expr.name:
        case "default" | "default_if_none" | "d":
            return join(value, args[0]) if args else value
        case "first" | "last" | "random" if rows is not None:
            return frame.row_of(rows, span, span, single=True)
        case "slice" if rows is not None and args:
            return Rows(sliced(rows, None, _upper_bound(args[0])))
        case "dictsort" | "dictsortreversed" | "sort" if rows is not None:
            _read_path_of_each(frame, value, expr, args)
            return Rows(rows)
        case "map" | "groupby" | "sum" | "selectattr" | "rejectattr" if rows is not None:
            _read_path_of_each(frame, value, expr, args)
            return Rows(rows) if expr.name in {"selectattr", "rejectattr"} else UNKNOWN
        case "reversed" | "reverse" | "list" | "safe" | "unique":
            return value
        case "length" | "count" | "length_is":
            if isinstance(value, QuerySet):
                frame.evaluated(value, span)
            return UNKNOWN
        case "join" | "unordered_list" | "safeseq":
            _print_each(frame, value, expr)
            return UNKNOWN
    if isinstance(value, Instance):
        printed(frame, value, span)
    return UNKNOWN


def _upper_bound(value: Value) -> Value:
    written = value.value if isinstance(value, Const) else None
    end = written.rpartition(":")[2] if isinstance(written, str) else ""
    return Const(int(end)) if end.isdigit() else UNKNOWN


def _read_path_of_each(frame: Frame, value: Value, expr: ir.Filter, args: Sequence[Value]) -> None:
    """``rows|dictsort:"author.name"`` reads the path of every row."""
    path = args[0].value if args and isinstance(args[0], Const) else None
    span = expr.start, expr.end
    with frame.loop(*span, "call"):
        item = iterate(frame, value, expr.value, span)
        for name in path.split(".") if isinstance(path, str) else ():
            item = look_up_in(frame, item, name, expr)


def _print_each(frame: Frame, value: Value, expr: ir.Filter) -> None:
    span = expr.start, expr.end
    with frame.loop(*span, "call"):
        printed(frame, iterate(frame, value, expr.value, span), span)


# Statements.


def show(frame: Frame, statement: ir.Show) -> bool:
    """``{{ value }}``."""
    value = statement.value
    if (
        isinstance(value, ir.Lookup)
        and value.name == "super"
        and isinstance(value.value, ir.Name)
        and value.value.id == "block"
    ) or (
        isinstance(value, ir.Call)
        and isinstance(value.function, ir.Name)
        and value.function.id == "super"
    ):
        rendering.run_super(frame)
        return True
    printed(frame, evaluate(frame, value), (value.start, value.end))
    return True


def include(frame: Frame, statement: ir.Include) -> bool:
    """``{% include %}``."""
    name = evaluate(frame, statement.name)
    bindings = {word: evaluate(frame, value) for word, value in statement.bindings}
    if isinstance(name, Const) and isinstance(name.value, str):
        path = frame.program.template_path(name.value, frame.path)
        if path is not None:
            spot = frame.spot((statement.start, statement.end))
            rendering.include(frame, path, bindings, spot, only=statement.only)
    return True


def block(frame: Frame, statement: ir.Block) -> bool:
    """``{% block %}``: what the outermost template has put into it."""
    if not rendering.run_block(frame, statement.name):
        _execute(frame, statement.body)
    return True


def scope(frame: Frame, statement: ir.Scope) -> bool:
    """``{% with %}``."""
    outside = frame.state
    frame.state = outside.copy()
    for name, value in statement.bindings:
        frame.bind(name, evaluate(frame, value))
    _execute(frame, statement.body)
    frame.state = outside
    return True


def regroup(frame: Frame, statement: ir.Regroup) -> bool:
    """``{% regroup %}``: groups, each with what it goes by and its rows."""
    value = evaluate(frame, statement.value)
    span = statement.start, statement.end
    with frame.loop(*span, "call"):
        item = iterate(frame, value, statement.value, span)
        for name in statement.path:
            item = look_up_in(frame, item, name, statement.value)
    rows = rows_of(value)
    inner: Value = UNKNOWN if rows is None else Rows(rows)
    groups = Each(Dict((("grouper", item), ("list", inner))))
    frame.bind(statement.target, groups)
    return True


def tag(frame: Frame, statement: ir.Tag) -> bool:
    """Any other tag: one of the project's own, or one that prints what it is given."""
    args = [evaluate(frame, arg) for arg in statement.args]
    keywords = {name: evaluate(frame, value) for name, value in statement.keywords}
    known = _known_tag(frame, statement.name)
    result: Value = UNKNOWN
    spot = frame.spot((statement.start, statement.end))
    if known is None:
        for arg in args:
            if isinstance(arg, Instance) and statement.name in _PRINTING:
                printed(frame, arg, (statement.start, statement.end))
    elif known.kind in {SIMPLE, SIMPLE_BLOCK, INCLUSION} and known.function:
        if known.takes_context:
            args.insert(0, Dict(tuple(frame.state.names.items())))
        result = _run_function(frame, known, args, keywords, spot)
        if known.kind == INCLUSION:
            _include_result(frame, known, result, spot)
            result = UNKNOWN
    frame.quiet += statement.name == "cache"  # what stands there is made once in a while
    _execute(frame, statement.body)
    frame.quiet -= statement.name == "cache"
    if statement.target:
        frame.bind(statement.target, result)
    elif result is not UNKNOWN:
        printed(frame, result, (statement.start, statement.end))
    return True


#: Django's tags that make text of what they are given.
_PRINTING = frozenset({"cycle", "firstof", "url"})


def _include_result(frame: Frame, known: KnownTag, result: Value, spot: Spot) -> None:
    path = frame.program.template_path(known.template, known.path) if known.template else None
    if path is not None and isinstance(result, Dict):
        rendering.include(frame, path, dict(result.items), spot, only=True)


def template_import(frame: Frame, statement: ir.TemplateImport) -> bool:
    """Jinja's ``{% import %}``."""
    name = evaluate(frame, statement.name)
    path = (
        frame.program.template_path(name.value, frame.path)
        if isinstance(name, Const) and isinstance(name.value, str)
        else None
    )
    if path is None:
        return True
    macros = rendering.macros_of(frame.program, path)
    for wanted, bound in statement.names:
        frame.bind(bound, Macro(path, wanted) if wanted in macros else UNKNOWN)
    if statement.target:
        named = tuple((macro, Macro(path, macro)) for macro in macros)
        frame.bind(statement.target, Dict(named))
    return True


def define(frame: Frame, statement: ir.Def) -> bool:
    """A macro of Jinja, or a partial of Django."""
    frame.bind(statement.name, Macro(frame.path, statement.name))
    return True


def _execute(frame: Frame, body: tuple[ir.Stmt, ...]) -> None:
    from praxis.audit.flow.interpreter.statements import execute  # which runs these statements

    execute(frame, body)


# The project's own tags.


def _known_tag(frame: Frame, name: str) -> KnownTag | None:
    code = frame.program.template(frame.path)
    if code is None:
        return None
    tags = frame.program.project.derive(TagIndex)
    return tags.find_tag(name, code.libraries, frame.path)


def _known_filter(frame: Frame, name: str) -> KnownTag | None:
    code = frame.program.template(frame.path)
    if code is None:
        return None
    tags = frame.program.project.derive(TagIndex)
    if code.jinja:
        return tags.find_jinja_filter(name, frame.path)
    return tags.find_filter(name, code.libraries, frame.path)


def _run_function(
    frame: Frame, known: KnownTag, args: list[Value], keywords: dict[str, Value], spot: Spot
) -> Value:
    return call(frame, Function(known.path, known.function), args, keywords, spot)


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Lookup: lookup,
    ir.Filter: apply_filter,
}
STATEMENTS: dict[type, Callable[[Frame, Any], bool]] = {
    ir.Show: show,
    ir.Include: include,
    ir.Block: block,
    ir.Scope: scope,
    ir.Regroup: regroup,
    ir.Tag: tag,
    ir.TemplateImport: template_import,
}
