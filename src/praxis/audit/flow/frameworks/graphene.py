"""Object types of graphene-django: what their fields resolve of each row of a list."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.frameworks.handing import Way, asks_given, asks_loader, hand, one_field
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.objects import function_of
from praxis.audit.flow.interpreter.program import Member, Program, members_of
from praxis.audit.flow.interpreter.querysets import queryset_of, rows_of
from praxis.audit.flow.interpreter.template_code import look_up_in
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Instance,
    Manager,
    ModelClass,
    Named,
    ProjectClass,
    QuerySet,
    Value,
)

#: Fields that take the rows of a model where nothing resolves them.
_TAKING_ROWS = ("ListField", "ConnectionField")
#: Object types that load by themselves what is asked for.
_OPTIMIZING = ("Optimized", "query_optimizer")


def walk(program: Program, key: Key) -> None:
    """What the lists among the fields of the class read of each row."""
    scope, unit = program.scope(key[0]), program.unit(key[0])
    if scope is None or unit is None:
        return
    lists = [pair for pair in unit.members(key[1]).items() if _may_be_list(pair[1])]
    if not lists:
        return
    frame = Frame(scope)
    for name, node in lists:
        if isinstance(node, ir.Call):
            _show_list(frame, key, name, node)
    found = frame.finish()
    program.records[-1].events += [
        event for event in found if getattr(event, "kind", "") == _WAY.kind
    ]


def _may_be_list(node: object) -> bool:
    if not isinstance(node, ir.Call) or not node.args:
        return False
    called = node.function
    name = called.attr if isinstance(called, ir.Attr) else getattr(called, "id", "")
    return name == "List" or name.endswith(_TAKING_ROWS)


def _show_list(frame: Frame, key: Key, name: str, node: ir.Call) -> None:
    shown = _type_in(frame, node.args[0])
    if shown is None or _is_optimizing(frame.program, shown):
        return
    takes_rows = _last_name(evaluate(frame, node.function)).endswith(_TAKING_ROWS)
    rows = _rows_of_list(frame, key, name, shown, node, takes_rows=takes_rows)
    if rows is not None:
        hand(frame, _WAY, shown, rows, frame.spot((node.start, node.end)), many=True)


def _last_name(callee: Value) -> str:
    if isinstance(callee, Named):
        return callee.dotted.rpartition(".")[2]
    return callee.key[1] if isinstance(callee, ProjectClass) else ""


def _type_in(frame: Frame, node: ir.Expr) -> Key | None:
    """The object type in ``BookType``, ``NonNull(BookType)`` or ``lambda: BookType``."""
    if isinstance(node, ir.Lambda):
        return _type_in(frame, node.body)
    if isinstance(node, ir.Call) and len(node.args) == 1:
        return _type_in(frame, node.args[0])
    value: Value = UNKNOWN
    if isinstance(node, ir.Const) and isinstance(node.value, str):
        found = frame.program.project.modules.resolve(node.value, frame.path)
        value = ProjectClass(found) if found is not None else UNKNOWN
    elif isinstance(node, ir.Name | ir.Attr):
        value = evaluate(frame, node)
    if isinstance(value, ProjectClass) and is_object_type(frame.program, value.key):
        return value.key
    return None


def is_object_type(program: Program, key: Key) -> bool:
    """Whether the class is an object type of graphene, or graphene-django."""
    return any(
        isinstance(base, str) and base.startswith("graphene") and base.endswith("ObjectType")
        for base in program.line(key)
    )


def _is_optimizing(program: Program, key: Key) -> bool:
    names = [base if isinstance(base, str) else base[1] for base in program.line(key)]
    return any(word in name for name in names for word in _OPTIMIZING)


def model_of(program: Program, key: Key) -> Key | None:
    """The model of an object type, as its ``Meta`` names it."""
    member = program.member(key, "Meta")
    scope = program.scope(member.owner[0]) if member is not None else None
    if member is None or scope is None or not isinstance(member.node, ir.Class):
        return None
    node = dict(members_of(member.node)).get("model")
    if node is None or isinstance(node, ir.Def | ir.Class):
        return None
    value = evaluate(Frame(scope), node)
    return value.model if isinstance(value, ModelClass) else None


def _rows_of_list(
    frame: Frame, key: Key, name: str, shown: Key, node: ir.Call, *, takes_rows: bool
) -> Value | None:
    """The rows of a field: those that its resolver returns, else all of the model."""
    program = frame.program
    resolver = program.member(key, f"resolve_{name}")
    spot = frame.spot((node.start, node.end))
    rows: Value = UNKNOWN
    if resolver is not None and isinstance(resolver.node, ir.Def):
        model = model_of(program, key)
        root = frame.instance(model) if model is not None else UNKNOWN
        rows = call(frame, function_of(resolver), (root, UNKNOWN), {}, spot)
    elif takes_rows and "resolver" not in dict(node.keywords):
        model = model_of(program, shown)
        manager = frame.model(model).default_manager if model is not None else ""
        if model is None or not manager or model_of(program, key) is not None:
            return None  # a list of an object type is one of related rows
        rows = replace(queryset_of(frame, Manager(model, manager, *spot)), origins=())
    if isinstance(rows, Manager):
        rows = queryset_of(frame, rows)
    own = program.member(shown, "get_queryset") if takes_rows else None
    if own is not None and isinstance(own.node, ir.Def) and rows_of(rows) is not None:
        method = replace(function_of(own), receiver=ProjectClass(shown))
        rows = call(frame, method, (rows, UNKNOWN), {}, spot)
    return rows if rows_of(rows) is not None else None


# Object types.


def _read_row(frame: Frame, key: Key, item: Value) -> None:
    if isinstance(item, Instance):
        _Resolving(frame, key, item).run()


_WAY = Way("object types of graphene", "resolver", "resolved by", _read_row)


class _Resolving(Struct, frozen=True, eq=False):
    """The fields of an object type, as they are resolved of one row."""

    frame: Frame
    key: Key
    item: Instance

    def run(self) -> None:
        """Resolve every field that the project declares or resolves by code of its own."""
        for name, member, resolver in _fields(self.frame.program, self.key):
            node = resolver.node if resolver is not None else member.node
            if isinstance(node, ir.Def):
                span = node.start, node.start + len(f"def {node.name}")
            else:
                span = node.start, node.end
            what = f"{_WAY.note} {self.key[1]}.{name}"
            with one_field(self.frame, (resolver or member).owner, span, what):
                if resolver is not None and isinstance(node, ir.Def):
                    self._resolve(resolver, node, member)
                elif isinstance(member.node, ir.Call):
                    self._get(name, member.node)
        for name, owner, at in _made(self.frame, self.key, self.item.model):
            what = f"{_WAY.note} {self.key[1]}.{name}"
            with one_field(self.frame, owner, (at.start, at.end), what):
                look_up_in(self.frame, self.item, name, at)

    def _resolve(self, resolver: Member, node: ir.Def, field: Member) -> None:
        path = resolver.owner[0]
        if asks_loader(node) or asks_given(self.frame, path, node, self.item):
            return
        spot = self.frame.spot((node.start, node.start + len(f"def {node.name}")))
        function = replace(function_of(resolver), receiver=None)
        value = call(self.frame, function, (self.item, UNKNOWN), {}, spot, note="computed by")
        if isinstance(value, Manager):
            value = queryset_of(self.frame, value)
        plain = sum(parameter.kind != "**" for parameter in node.parameters) <= len("si")
        if isinstance(value, QuerySet) and plain and not _filters(field.node):
            self.frame.evaluated(value, spot[1:])

    def _get(self, name: str, node: ir.Call) -> None:
        """A field without a resolver: an attribute, or what ``source`` names."""
        words = dict(node.keywords)
        source = words.get("source")
        if "resolver" in words or _may_be_list(node):
            return
        if isinstance(source, ir.Const) and isinstance(source.value, str):
            name = source.value
        look_up_in(self.frame, self.item, name, node)


def _filters(node: object) -> bool:
    """Whether the field chooses among the rows that it gets: a prefetch does not serve that."""
    called = node.function if isinstance(node, ir.Call) else None
    name = called.attr if isinstance(called, ir.Attr) else getattr(called, "id", "")
    return "Connection" in name


def _fields(program: Program, key: Key) -> Iterator[tuple[str, Member, Member | None]]:
    """Each field by name, with what declares it and what resolves it."""
    for name in _names(program, key):
        declared = program.member(key, name)
        resolver = program.member(key, f"resolve_{name}")
        if resolver is None:
            if declared is not None and isinstance(declared.node, ir.Call):
                yield name, declared, None
        elif isinstance(resolver.node, ir.Def):
            yield name, declared or resolver, resolver


def _names(program: Program, key: Key) -> dict[str, None]:
    """What the class and those that it extends declare or resolve."""
    bodies = [
        program.index.names.classes[base].members
        for base in program.line(key)
        if isinstance(base, tuple)
    ]
    return {name.removeprefix("resolve_"): None for body in bodies for name in body}


# Fields that graphene-django makes of a model's.


def _made(frame: Frame, key: Key, model: Key) -> Iterator[tuple[str, Key, ir.Expr]]:
    """Each relation that the type shows by another object type, with where that is said."""
    program = frame.program
    member = program.member(key, "Meta")
    if member is None or not isinstance(member.node, ir.Class):
        return
    said = dict(members_of(member.node))
    fields = said.get("fields", said.get("only_fields"))
    if fields is None or isinstance(fields, ir.Def | ir.Class) or model_of(program, key) != model:
        return
    own = _names(program, key)
    shown = _types_by_model(program, member.owner[0])
    for name, relation in frame.model(model).relations.items():
        at = _named_in(fields, name)
        kind = shown.get(relation.target) if relation.target is not None else None
        if at is None or kind is None or name in own or not relation.has_column:
            continue
        if program.member(kind, "get_queryset") is None:  # else each row is asked for by its key
            yield name, member.owner, at


def _named_in(fields: ir.Expr, name: str) -> ir.Expr | None:
    """Where ``Meta.fields`` names the field, itself or among all."""
    if isinstance(fields, ir.Const) and fields.value == "__all__":
        return fields
    for item in fields.items if isinstance(fields, ir.Seq) else ():
        if isinstance(item, ir.Const) and item.value == name:
            return item
    return None


def _types_by_model(program: Program, path: str) -> dict[Key, Key]:
    """The object types that the file knows, by their models."""
    program.use(path)

    def find() -> dict[Key, Key]:
        found: dict[Key, Key] = {}
        fact = program.index.names.facts.get(path)
        for name in (*(one.name for one in fact.classes), *fact.names) if fact else ():
            key = program.resolve(name, path)
            if isinstance(key, tuple) and is_object_type(program, key):
                model = model_of(program, key)
                if model is not None:
                    found[model] = key
        return found

    return program.once("object types by model", path, {}, find)
