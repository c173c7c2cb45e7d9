"""The lists and inline forms of Django's admin: what they read of each row."""

from collections.abc import Iterator

from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.mentions import mentions
from praxis.audit.flow.events import Hop
from praxis.audit.flow.frameworks.generic_views import Asked
from praxis.audit.flow.interpreter.amounts import OWN_CONDITION
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.inherited import ask
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.objects import function_of
from praxis.audit.flow.interpreter.program import Member, Program, Unit
from praxis.audit.flow.interpreter.querysets import rows_of
from praxis.audit.flow.interpreter.template_code import look_up_in
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Instance,
    Listing,
    ModelClass,
    Object,
    Origin,
    ProjectClass,
    QuerySet,
    Rows,
    Value,
)

_ADMINS = ("ModelAdmin", "BaseModelAdmin")
_INLINES = ("InlineModelAdmin", "TabularInline", "StackedInline", "GenericTabularInline",
            "GenericStackedInline")  # fmt: skip
#: Rows of a page, unless the class says otherwise.
_ROWS_PER_PAGE = 100


def registered(program: Program, path: str, unit: Unit) -> Iterator[tuple[Key, Key]]:
    """The admin classes that the file registers, each with its model."""
    scope = program.scope(path)
    if scope is None:
        return
    frame = Frame(scope)
    for node in unit.classes.values():
        for decorator in node.decorators:
            if isinstance(decorator, ir.Call) and _last_name(decorator.function) == "register":
                for arg in decorator.args:
                    yield from _pair(evaluate(frame, arg), ProjectClass((path, node.name)))
    for statement in unit.code.body:
        if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
            found = statement.value
            if _last_name(found.function) == "register" and len(found.args) == 2:
                models, admin = (evaluate(frame, arg) for arg in found.args)
                for model in models.items if isinstance(models, Listing) else (models,):
                    yield from _pair(model, admin)


def _pair(model: Value, admin: Value) -> Iterator[tuple[Key, Key]]:
    if isinstance(model, ModelClass) and isinstance(admin, ProjectClass):
        yield admin.key, model.model


def _last_name(node: ir.Expr) -> str:
    if isinstance(node, ir.Attr):
        return node.attr
    return node.id if isinstance(node, ir.Name) else ""


def show_list(program: Program, admin: Key, model: Key) -> None:
    """What the admin's list of rows reads of each."""
    scope = program.scope(admin[0])
    member = program.member(admin, "list_display")
    if scope is None or not program.is_a(admin, *_ADMINS):
        return
    if any(_is_replaced(program, admin, name) for name in ("get_urls", "changelist_view")):
        return
    receiver = Object(admin, (("model", ModelClass(model)),))
    node = _value_of(member)
    place = node if node is not None else _name_of_class(program, admin)
    owner = member.owner if member is not None else admin
    if place is None:
        return
    frame = Frame(scope, kind="admin")
    frame.path = owner[0]
    asked = Asked(frame, receiver, (), {}, _call_at(place), ask)
    columns = list(_columns(frame, node, place))
    rows = rows_of(asked.call("get_queryset", UNKNOWN))
    if rows is None:
        return
    rows = _joined_by_admin(asked, rows, [name for name, _ in columns], place)
    _run_actions(frame, asked, rows)
    size = asked.attribute("list_per_page")
    limit = size.value if isinstance(size, Const) and type(size.value) is int else _ROWS_PER_PAGE
    span = place.start, place.end
    with frame.loop(*span, "call"):
        shown = Rows(replace(rows, limit=limit))
        item = iterate(frame, shown, ir.Other(*span), span)
        for name, at in columns:
            _show(frame, receiver, item, name, at)
    program.records[-1].events += frame.finish()


def _run_actions(frame: Frame, asked: Asked, rows: QuerySet) -> None:
    """What the actions of the list do with the rows that were chosen: the list fetches them."""
    named = asked.attribute("actions")
    chosen = replace(rows, origins=(), plain=False, conditions=rows.conditions | {OWN_CONDITION})
    for item in named.items if isinstance(named, Listing) else ():
        name = str(item.value) if isinstance(item, Const) else ""
        member = frame.program.member(asked.receiver.key, name) if name else None
        if member is not None and isinstance(member.node, ir.Def):
            found = replace(function_of(member), receiver=asked.receiver)
            place = member.node.start, member.node.start + len(f"def {name}")
            call(frame, found, (UNKNOWN, chosen), {}, (member.owner[0], *place))


def _is_replaced(program: Program, admin: Key, name: str) -> bool:
    """Whether the class does without what Django's own method of that name does."""
    member = program.member(admin, name)
    if member is None or not isinstance(member.node, ir.Def):
        return False
    return not mentions(member.node.body, "super")


def _value_of(member: Member | None) -> ir.Expr | None:
    if member is None or isinstance(member.node, ir.Def | ir.Class):
        return None
    return member.node


def _columns(frame: Frame, node: ir.Expr | None, place: ir.Expr) -> Iterator[tuple[str, ir.Expr]]:
    if node is None:
        yield "__str__", place
        return
    for item in node.items if isinstance(node, ir.Seq) else ():
        value = evaluate(frame, item)
        if isinstance(value, Const) and isinstance(value.value, str):
            yield value.value, item


def _show(frame: Frame, receiver: Object, item: Value, name: str, at: ir.Expr) -> None:
    """One cell: a field, a relation followed, or a method of the admin or of the row."""
    span = at.start, at.end
    if not isinstance(item, Instance):
        return
    member = frame.program.member(receiver.key, name)
    if member is not None and isinstance(member.node, ir.Def):
        found = replace(function_of(member), receiver=receiver)
        printed(frame, call(frame, found, (item,), {}, frame.spot(span)), span)
        return
    if name == "__str__":
        printed(frame, item, span)
        return
    value: Value = item
    for part in [name] if name in frame.model(item.model).members else name.split("__"):
        value = look_up_in(frame, value, part, at)
    printed(frame, value, span)


def _joined_by_admin(asked: Asked, rows: QuerySet, columns: list[str], place: ir.Expr) -> QuerySet:
    """
    The rows as `ChangeList.apply_select_related` fetches them.

    It joins by itself what is not null, where a foreign key is among the columns and nothing was
    joined by ``get_queryset()``.
    """
    frame = asked.frame
    relations = frame.model(rows.model).relations
    keys = [name for name in columns if name in relations and relations[name].has_column]
    own = asked.attribute("list_select_related")
    names = [
        item.value
        for item in (own.items if isinstance(own, Listing) else ())
        if isinstance(item, Const) and isinstance(item.value, str)
    ]
    if all(origin.kind == "model" for origin in rows.origins):
        # beside a ``model = …``, which is nothing to the admin, no queryset can be given
        also = tuple(dict.fromkeys((*keys, *names)))  # what is inherited stays, too
        where = Origin(frame.path, place.start, place.end, "admin", also)
        rows = replace(rows, origins=(where,))
    if rows.joined or rows.joins_all or rows.opaque:
        return rows
    if names:
        return replace(rows, joined=frozenset(names))
    if isinstance(own, Const) and own.value is True:
        return replace(rows, joins_all=True)
    return replace(rows, joins_all=bool(keys))


def _name_of_class(program: Program, key: Key) -> ir.Expr | None:
    unit = program.unit(key[0])
    node = unit.classes.get(key[1]) if unit is not None else None
    return None if node is None else ir.Other(node.start, node.start + len(f"class {key[1]}"))


def _call_at(node: ir.Expr) -> ir.Call:
    start, end = node.start, node.end
    return ir.Call(start, end, ir.Attr(start, end, ir.Name(start, ""), "changelist_view"))


def show_inlines(program: Program, key: Key) -> None:
    """What the forms of an inline read of each row: its ``__str__`` and what is read only."""
    scope, place = program.scope(key[0]), _name_of_class(program, key)
    if scope is None or place is None or not program.is_a(key, *_INLINES):
        return
    receiver = Object(key)
    frame = Frame(scope, kind="admin")
    asked = Asked(frame, receiver, (), {}, _call_at(place), ask)
    rows = rows_of(asked.call("get_queryset", UNKNOWN))
    if rows is None or _has_one_row(asked, rows):
        return
    # beside ``model = …`` of an inline no queryset can be given
    rows = replace(
        rows,
        origins=tuple(
            replace(origin, kind="inline") if origin.kind == "model" else origin
            for origin in rows.origins
        ),
        conditions=rows.conditions | {OWN_CONDITION},  # those of one other row
    )
    span = place.start, place.end
    frame.via = (Hop(frame.spot(span), f"shown by {key[1]}"),)
    node = _value_of(program.member(key, "readonly_fields"))
    with frame.loop(*span, "call"):
        item = iterate(frame, Rows(rows), ir.Other(*span), span)
        _show(frame, receiver, item, "__str__", place)
        for name, at in _columns(frame, node, place) if node is not None else ():
            _show(frame, receiver, item, name, at)
    program.records[-1].events += frame.finish()


def _has_one_row(asked: Asked, rows: QuerySet) -> bool:
    """Whether the inline hangs on its parent by a one-to-one relation, as far as can be told."""
    named = asked.attribute("fk_name")
    written = named.value if isinstance(named, Const) else None
    return any(
        relation.kind == model_index.ONE and not relation.parent_link and written in {None, name}
        for name, relation in asked.frame.model(rows.model).relations.items()
    )
