"""What the attributes of values are: of rows and models, of objects, of what is unknown."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from praxis.audit.facts.models.known_models import IMMUTABLE_FIELDS
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import KeyRead, Span
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.inherited import VALIDATING
from praxis.audit.flow.interpreter.objects import of_class, of_object, of_row, of_super
from praxis.audit.flow.interpreter.requests import request_model
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Function,
    Inherited,
    Instance,
    Manager,
    ModelClass,
    Named,
    Object,
    Pages,
    ProjectClass,
    QuerySet,
    Rows,
    Super,
    Value,
)
from praxis.audit.flow.notes.columns import note_column_read


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


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Attr: _attribute,
}
