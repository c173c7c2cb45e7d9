"""Attributes of objects, classes and ``super()``: what the project's own classes give them."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Hop, Spot
from praxis.audit.flow.interpreter.arguments import Arguments, bind
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.decorators import decorators_of, is_property
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.program import Member, Program, members_of
from praxis.audit.flow.interpreter.querysets import made_by_manager, queryset_of
from praxis.audit.flow.interpreter.summaries import apply, evaluate_alone, summary_of
from praxis.audit.flow.interpreter.values import (
    HERE,
    UNKNOWN,
    Const,
    Dict,
    Function,
    Inherited,
    Instance,
    Manager,
    ModelClass,
    Object,
    ProjectClass,
    QuerySet,
    Super,
    Value,
    join,
)


def of_object(frame: Frame, value: Object, name: str, spot: Spot) -> Value:
    """``value.name``."""
    known = frame.attributes.get((value.key, name))
    if known is not None:
        return known
    for given, held in value.attributes:
        if given == name:
            return held
    member = frame.program.member(value.key, name)
    if member is not None and isinstance(member.node, ir.Def):
        return bound(frame, member, value, spot)
    stored = stored_in(frame, value, name)
    of_class = of_body(frame.program, member) if member is not None else None
    if stored is None:
        return _inherited(frame, value, name, spot) if of_class is None else of_class
    return stored if of_class is None else join(of_class, stored)


def _inherited(frame: Frame, value: Object, name: str, spot: Spot) -> Value:
    from praxis.audit.flow.interpreter.inherited import (
        attribute_of_object,  # which looks up attributes
    )

    return attribute_of_object(frame, value, name, spot)


def of_class(frame: Frame, key: Key, name: str, receiver: Value) -> Value | None:
    """``Class.name``; None where the class has no such name of its own."""
    member = frame.program.member(key, name)
    if member is None:
        return None
    node = member.node
    if isinstance(node, ir.Def):
        function = function_of(member)
        if "classmethod" in decorators_of(node):
            return Function(function.path, function.name, receiver, function.owner)
        return function
    return of_body(frame.program, member)


def of_super(frame: Frame, value: Super, name: str, spot: Spot) -> Value:
    """``super().name``."""
    receiver = value.receiver
    key = value.owner
    if isinstance(receiver, Object | ProjectClass):
        key = receiver.key
    elif isinstance(receiver, Instance | ModelClass):
        key = receiver.model
    member = frame.program.member(key, name, after=value.owner)
    if member is None or not isinstance(member.node, ir.Def):
        return Inherited(name, receiver)
    return bound(frame, member, receiver, spot)


def of_row(frame: Frame, value: Instance, name: str, spot: Spot) -> Value | None:
    """A property or method that the model of the row defines; None where it has none."""
    if name not in frame.model(value.model).members:
        return None
    member = frame.program.member(value.model, name)
    if member is None or not isinstance(member.node, ir.Def):
        return None
    return bound(frame, member, value, spot)


def of_rows(frame: Frame, value: QuerySet | Manager, name: str) -> Function | None:
    """A method of the project's own manager or queryset."""
    manager = frame.model(value.model).managers.get(
        value.name if isinstance(value, Manager) else frame.model(value.model).default_manager
    )
    classes = manager.classes if manager is not None else ()
    if isinstance(value, QuerySet) and value.kind is not None:
        classes = (value.kind, *classes)
    for key in classes:
        member = frame.program.member(key, name)
        if member is not None and isinstance(member.node, ir.Def):
            found = function_of(member)
            if isinstance(value, Manager) and frame.program.is_a(member.owner, "QuerySet"):
                value = queryset_of(frame, value)  # the manager hands it on to one
            return Function(found.path, found.name, _anywhere(value), found.owner)
    if isinstance(value, Manager) and manager is not None and name != "get_queryset":
        made = made_by_manager(frame, value) if "get_queryset" in manager.methods else None
        if made is not None and made.kind is not None:
            return of_rows(frame, made, name)
    return None


def _anywhere(value: QuerySet | Manager) -> QuerySet | Manager:
    """The same without where it was made: in its own methods it is ``self``."""
    if isinstance(value, Manager):
        return replace(value, path="", start=0, end=0)
    return replace(value, origins=(HERE,))


def function_of(member: Member) -> Function:
    """The method as a function."""
    return Function(member.owner[0], f"{member.owner[1]}.{member.name}", None, member.owner)


def bound(frame: Frame, member: Member, receiver: Value, spot: Spot) -> Value:
    """A method of *receiver*, or the value of a property."""
    node = member.node
    found = function_of(member)
    function = Function(found.path, found.name, receiver, found.owner)
    if isinstance(node, ir.Def) and is_property(node):
        return call(frame, function, (), {}, spot)
    return function


def of_body(program: Program, member: Member) -> Value:
    """The value of a name that a class body binds."""
    node = member.node
    if isinstance(node, ir.Class):
        return UNKNOWN
    if isinstance(node, ir.Const):
        return Const(node.value)
    if not isinstance(node, _EVALUATED):
        return UNKNOWN
    return program.once(
        "class values",
        (member.owner, member.name),
        UNKNOWN,
        lambda: evaluate_alone(program, member.owner[0], node),
    )


_EVALUATED = ir.Attr, ir.Name, ir.Call, ir.Seq, ir.Mapping, ir.Slice, ir.Binary


def is_serializer(program: Program, key: Key) -> bool:
    """Whether objects of the class are made with rows, and read them when asked for ``data``."""
    return any(isinstance(base, str) and base.endswith("Serializer") for base in program.line(key))


#: What tells a serializer which of its fields to have.
CHOOSING = frozenset({"fields", "exclude", "exclude_fields", "only", "omit", "include", "expand"})


def construct(
    frame: Frame,
    value: ProjectClass,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    spot: Spot,
    *,
    complete: bool = True,
) -> Value:
    """A new object: with what its ``__init__`` stores of the arguments."""
    from praxis.audit.flow.frameworks import tables2  # which runs methods of tables

    program = frame.program
    made = Object(value.key)
    if tables2.is_table(program, value.key):
        tables2.make_table(frame, value.key, args, keywords, spot)
    model = args[0] if args else keywords.get("model", UNKNOWN)
    if isinstance(model, ModelClass) and program.is_a(value.key, "QuerySet"):
        return QuerySet(model.model, kind=value.key)
    if is_serializer(program, value.key):
        if CHOOSING & keywords.keys():
            return UNKNOWN
        rows = args[0] if args else keywords.get("instance", UNKNOWN)
        many = keywords.get("many", Const(False))
        return Object(value.key, (("instance", rows), ("many", many)))
    member = program.member(value.key, "__init__")
    if member is None or not isinstance(member.node, ir.Def):
        return Object(value.key, tuple(keywords.items()))
    function = function_of(member)
    given = bind(member.node, (made, *args), keywords, complete=complete)
    arguments = Arguments()
    sort = tuple((name, arguments.abstract(held)) for name, held in given.items())
    summary = summary_of(program, function, member.node, sort)
    if summary is None:
        return made
    hop = Hop(spot, f"makes a {value.key[1]}")
    apply(frame, summary, arguments, (hop,))
    attributes = tuple((name, arguments.concrete(frame, held)) for name, held in summary.attributes)
    return Object(value.key, attributes)


# What methods store.


def stored_in(frame: Frame, value: Object, name: str) -> Value | None:
    """What the methods of the class store as ``self.name``; None where none does."""
    program = frame.program
    line = program.line(value.key)
    methods = _methods_storing(program, value.key, line).get(name)
    if methods is None:
        return None
    found: Value | None = None
    for member in methods:
        if isinstance(member.node, ir.Def):
            stored = _stored_by(frame, member, member.node, value, name)
            if stored is not None:
                found = stored if found is None else join(found, stored)
    return found


def _methods_storing(
    program: Program, key: Key, line: tuple[Key | str, ...]
) -> dict[str, list[Member]]:
    """By the name of an attribute: the methods that store it in objects of the class."""
    kept = program.keep("methods that store")
    if key not in kept:
        table: dict[str, list[Member]] = {}
        for base in line:
            for name, methods in _storing(program, base).items() if isinstance(base, tuple) else ():
                members = [program.member(key, method) for method in methods]
                own = [one for one in members if one is not None and one.owner == base]
                if own:
                    table.setdefault(name, []).extend(own)
        kept[key] = table
    return kept[key]  # type: ignore[return-value]  # this name keeps nothing else


def _stored_by(
    frame: Frame, member: Member, node: ir.Def, value: Object, name: str
) -> Value | None:
    """What the method stores; None where it is asked for what it made of it: ``x = x.all()``."""
    function = function_of(member)
    sort: list[tuple[str, Value]] = [
        (parameter.name, Dict() if parameter.kind == "**" else UNKNOWN)
        for parameter in node.parameters
    ]
    if sort:
        sort[0] = sort[0][0], Object(value.key)
    bare = Function(function.path, function.name, None, function.owner)
    summary = summary_of(frame.program, bare, node, tuple(sort))
    if summary is None:
        return UNKNOWN
    if summary.record is None:
        return None
    for stored, held in summary.attributes:
        if stored == name:
            return Arguments().concrete(frame, held)
    return UNKNOWN


def _storing(program: Program, key: Key) -> dict[str, list[str]]:
    """The methods of the class that store into each attribute of ``self``."""
    kept = program.keep("storing")
    if key not in kept:
        unit = program.unit(key[0])
        node = unit.classes.get(key[1]) if unit is not None else None
        table: dict[str, list[str]] = {}
        for _, member in members_of(node) if node is not None else ():
            if isinstance(member, ir.Def) and member.parameters:
                for name in set(_stores(member.body, member.parameters[0].name)):
                    table.setdefault(name, []).append(member.name)
        kept[key] = table
    program.use(key[0])
    return kept[key]  # type: ignore[return-value]  # this name keeps nothing else


def _stores(body: tuple[ir.Stmt, ...], receiver: str) -> Iterator[str]:
    for statement in body:
        match statement:
            case ir.Assign(targets=targets):
                for target in targets:
                    for item in target.items if isinstance(target, ir.Seq) else (target,):
                        if (
                            isinstance(item, ir.Attr)
                            and isinstance(item.value, ir.Name)
                            and item.value.id == receiver
                        ):
                            yield item.attr
            case ir.If(body=one, orelse=other) | ir.For(body=one, orelse=other):
                yield from _stores(one + other, receiver)
            case ir.While(body=one, orelse=other):
                yield from _stores(one + other, receiver)
            case ir.With(body=one):
                yield from _stores(one, receiver)
            case ir.Try(body=one, orelse=other, final=final, handlers=handlers):
                yield from _stores(one + other + final, receiver)
                for handler in handlers:
                    yield from _stores(handler.body, receiver)
