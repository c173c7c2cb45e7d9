"""Types of strawberry-django: what their fields resolve of each row of a list."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow import ir
from praxis.audit.flow.calling import call
from praxis.audit.flow.expressions import evaluate
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.frameworks.annotations import class_in
from praxis.audit.flow.frameworks.handing import (
    Way,
    asks_given,
    asks_loader,
    hand,
    one_field,
    steps_of,
)
from praxis.audit.flow.ir import nodes
from praxis.audit.flow.program import Program
from praxis.audit.flow.querysets import queryset_of, rows_of
from praxis.audit.flow.template_code import look_up_in
from praxis.audit.flow.values import (
    UNKNOWN,
    Function,
    Instance,
    Manager,
    ModelClass,
    Named,
    QuerySet,
    Value,
)

#: With it in the schema, what clients ask for is loaded with the rows.
_OPTIMIZER = "DjangoOptimizerExtension"
#: What tells the optimizer what a field reads.
_HINTS = frozenset({"select_related", "prefetch_related", "only", "annotate"})
_LISTS = frozenset({"list", "List", "Iterable", "Sequence", "QuerySet"})


def walk(program: Program, key: Key, node: ir.Class) -> None:
    """What the lists among the fields of the class read of each row."""
    scope = program.scope(key[0])
    if scope is None or not _is_type(Frame(scope), node) or _is_optimized(program):
        return
    frame = Frame(scope)
    for field in _fields(program, key):
        shown = _shown(program, field) if _is_list(field.annotation) else None
        rows = _rows_of(frame, key, field, shown) if shown is not None else None
        if shown is not None and rows is not None:
            span = field.at.start, field.at.end
            hand(frame, _WAY, shown, rows, frame.spot(span), many=True)
    found = frame.finish()
    program.records[-1].events += [
        event for event in found if getattr(event, "kind", "") == _WAY.kind
    ]


def _is_type(frame: Frame, node: ir.Class) -> bool:
    return any(_is_strawberrys(frame, decorator, "type") for decorator in node.decorators)


def _is_strawberrys(frame: Frame, node: ir.Expr, name: str) -> bool:
    """Whether a decorator is one of strawberry's by that name."""
    value = evaluate(frame, node.function if isinstance(node, ir.Call) else node)
    return (
        isinstance(value, Named)
        and value.dotted.startswith("strawberry")
        and value.dotted.endswith(f".{name}")
    )


def _is_optimized(program: Program) -> bool:
    """Whether any schema of the project loads what its clients ask for."""
    kept = program.keep("strawberry optimizers")
    if "found" not in kept:
        using = [
            path
            for path, fact in program.index.names.facts.items()
            if any(dotted.startswith("strawberry") for dotted in fact.names.values())
        ]
        names = program.index.names.facts
        found = any(
            dotted.endswith(_OPTIMIZER) for path in using for dotted in names[path].names.values()
        )
        kept["found"], kept["using"] = found, using
    for path in kept["using"]:  # type: ignore[attr-defined]  # a list, see above
        program.use(path)
    return bool(kept["found"])


def model_of(program: Program, key: Key) -> Key | None:
    """The model that a type is decorated with."""
    unit, scope = program.unit(key[0]), program.scope(key[0])
    node = unit.classes.get(key[1]) if unit is not None else None
    if node is None or scope is None:
        return None
    for decorator in node.decorators:
        if isinstance(decorator, ir.Call) and decorator.args:
            frame = Frame(scope)
            value = evaluate(frame, decorator.args[0])
            if isinstance(value, ModelClass) and _is_strawberrys(frame, decorator, "type"):
                return value.model
    return None


# Fields.


class _Field(Struct, frozen=True, eq=False):
    """A field: where, what it holds, and the call or the method that makes it."""

    name: str
    owner: Key
    at: ir.Expr
    annotation: ir.Expr | None
    made: ir.Call | None = None
    method: ir.Def | None = None

    @property
    def words(self) -> dict[str, ir.Expr]:
        return dict(self.made.keywords) if self.made is not None else {}


def _fields(program: Program, key: Key) -> Iterator[_Field]:
    """The fields of the class and of those that it extends, the nearest of each name."""
    seen: set[str] = set()
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        node = unit.classes.get(base[1]) if unit is not None else None
        if node is None or not isinstance(base, tuple):
            continue
        for statement in node.body:
            field = _field(base, statement)
            if field is not None and field.name not in seen:
                seen.add(field.name)
                yield field


def _field(owner: Key, statement: ir.Stmt) -> _Field | None:
    if isinstance(statement, ir.Assign) and statement.annotation is not None:
        (target,) = statement.targets
        made = statement.value
        if isinstance(target, ir.Name) and (made is None or isinstance(made, ir.Call)):
            return _Field(target.id, owner, target, statement.annotation, made)
    if isinstance(statement, ir.Def):
        for decorator in statement.decorators:
            called = decorator.function if isinstance(decorator, ir.Call) else decorator
            if isinstance(called, ir.Attr) and called.attr in {"field", "connection"}:
                start = statement.start
                at = ir.Other(start, start + len(f"def {statement.name}"))
                made = decorator if isinstance(decorator, ir.Call) else None
                return _Field(statement.name, owner, at, statement.returns, made, statement)
    return None


def _shown(program: Program, field: _Field) -> Key | None:
    """The type of the project that the field holds."""

    def is_of_model(key: Key) -> bool:
        return model_of(program, key) is not None

    return class_in(program, field.owner[0], field.annotation, is_of_model)


def _is_list(node: ir.Expr | None) -> bool:
    """Whether an annotation is of many rows: ``list[BookType]``, ``Connection[BookType]``."""
    return any(name in _LISTS or "Connection" in name for name in _generics(node))


def _generics(node: ir.Expr | None) -> Iterator[str]:
    """The names of the generic types in an annotation."""
    for part in nodes(node):
        if isinstance(part, ir.Item):
            yield part.value.attr if isinstance(part.value, ir.Attr) else ""
            yield part.value.id if isinstance(part.value, ir.Name) else ""


def _rows_of(frame: Frame, key: Key, field: _Field, shown: Key) -> Value | None:
    """The rows that a list holds: those of its method or resolver, else all of the model."""
    program, spot = frame.program, frame.spot((field.at.start, field.at.end))
    model = model_of(program, key)
    root: Value = UNKNOWN if model is None else frame.instance(model)
    rows: Value = UNKNOWN
    resolver = field.words.get("resolver")
    if field.method is not None:
        rows = call(frame, _method_of(field), (root,), {}, spot)
    elif resolver is not None:
        function = evaluate(frame, resolver)
        rows = call(frame, function, (), {}, spot) if isinstance(function, Function) else UNKNOWN
    elif model is None and field.made is not None and (of := model_of(program, shown)) is not None:
        manager = frame.model(of).default_manager
        if not manager or program.member(shown, "get_queryset") is not None:
            return None
        rows = replace(queryset_of(frame, Manager(of, manager, *spot)), origins=())
    if isinstance(rows, Manager):
        rows = queryset_of(frame, rows)
    own = program.member(shown, "get_queryset")
    return rows if rows_of(rows) is not None and own is None else None


def _method_of(field: _Field) -> Function:
    return Function(field.owner[0], f"{field.owner[1]}.{field.name}", None, field.owner)


# Types.


def _read_row(frame: Frame, key: Key, item: Value) -> None:
    if not isinstance(item, Instance):
        return
    for field in _fields(frame.program, key):
        what = f"{_WAY.note} {key[1]}.{field.name}"
        span = field.at.start, field.at.end
        with one_field(frame, field.owner, span, what):
            if field.method is not None:
                _resolve(frame, field, item)
            elif not {"resolver", *_HINTS} & field.words.keys():
                _get(frame, field, item)


_WAY = Way("types of strawberry", "resolver", "resolved by", _read_row)


def _resolve(frame: Frame, field: _Field, item: Instance) -> None:
    """A method: it is called with the row, and what arguments a client gives."""
    method = field.method
    if method is None or asks_loader(method) or _HINTS & field.words.keys():
        return
    if asks_given(frame, field.owner[0], method, item):
        return
    span = field.at.start, field.at.end
    value = call(frame, _method_of(field), (item,), {}, frame.spot(span), note="computed by")
    chosen = [one for one in method.parameters[1:] if one.name not in {"info", "root"}]
    if not chosen:
        _fetch(frame, value, span)


def _get(frame: Frame, field: _Field, item: Instance) -> None:
    """An attribute of the row, or what ``field_name="author__name"`` leads to."""
    named = field.words.get("field_name")
    written, at = field.name, field.at
    if isinstance(named, ir.Const) and isinstance(named.value, str):
        written, at = named.value, named
    value: Value = item
    for name, place in steps_of(written, at):
        value = look_up_in(frame, value, name, place)
    if not any("Connection" in name for name in _generics(field.annotation)):
        # pages are cut of a query of their own
        _fetch(frame, value, (field.at.start, field.at.end))


def _fetch(frame: Frame, value: Value, span: tuple[int, int]) -> None:
    if isinstance(value, Manager):
        value = queryset_of(frame, value)
    if isinstance(value, QuerySet):
        frame.evaluated(value, span)
