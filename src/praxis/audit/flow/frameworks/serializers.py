"""Serializers of Django REST framework: what their fields read of each row."""

from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes
from praxis.audit.flow.code.mentions import mentions
from praxis.audit.flow.events import Spot
from praxis.audit.flow.frameworks.handing import Way, hand
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.objects import CHOOSING, function_of, is_serializer
from praxis.audit.flow.interpreter.program import Program, members_of
from praxis.audit.flow.interpreter.querysets import queryset_of
from praxis.audit.flow.interpreter.template_code import look_up_in
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Function,
    Instance,
    Manager,
    Named,
    Object,
    ProjectClass,
    QuerySet,
    Value,
)

#: Serializers within serializers are followed so deep.
_MAX_NESTING = 6


def serialize(frame: Frame, key: Key, value: Value, spot: Spot, *, many: bool) -> None:
    """What the serializer *key* reads of *value*: a row, or *many* of them."""
    hand(frame, _WAY, key, value, spot, many=many)


def _read_row(frame: Frame, key: Key, item: Value) -> None:
    _Serialization(frame).run(key, item)


_WAY = Way("serializations", "serializer", "serialized by", _read_row)


class _Field(Struct, frozen=True, eq=False):
    """A field that a serializer declares: its class by name, and what it is given."""

    name: str
    owner: Key
    call: ir.Call
    callee: Value
    words: dict[str, Value]

    kind: str

    @property
    def source(self) -> list[str]:
        source = self.words.get("source")
        written = source.value if isinstance(source, Const) else None
        if written == "*":
            return []
        return written.split(".") if isinstance(written, str) and written else [self.name]

    def says(self, word: str) -> bool:
        value = self.words.get(word)
        return isinstance(value, Const) and value.value is True


class _Serialization:
    """One row goes through the fields of a serializer, and of those in it."""

    def __init__(self, frame: Frame) -> None:
        self._frame, self._program = frame, frame.program
        self._nesting = 0

    def run(self, key: Key, item: Value) -> None:
        """Read what the fields of the serializer *key* read of *item*."""
        if not isinstance(item, Instance) or self._nesting >= _MAX_NESTING:
            return
        if self._represents_alone(key):
            self._represent(key, item)
            return
        if self._program.member(key, "get_fields") is not None:
            return  # which of its fields are shown is decided at run time
        removed = _removed(self._program, key)
        self._nesting += 1
        outside = self._frame.path
        wanted = _named_fields(self._program, key)
        declared = {field.name: field for field in self._declared(key)}
        for name, field in declared.items():
            known = wanted is None or name in wanted or "__all__" in wanted
            if known and name not in removed:
                self._frame.path = field.owner[0]
                self._read(key, field, item)
        meta = _meta_of(self._program, key)
        for name, node in _listed(wanted, item, self._frame):
            if name not in declared and name not in removed and meta is not None:
                self._frame.path = meta[0][0]
                self._read_by_name(item, name, node)
        self._frame.path = key[0]
        self._represent(key, item)
        self._frame.path = outside
        self._nesting -= 1

    def _represents_alone(self, key: Key) -> bool:
        """Whether the project's ``to_representation()`` does without Django REST framework's."""
        member = self._program.member(key, "to_representation")
        if member is None or not isinstance(member.node, ir.Def):
            return False
        return not mentions(member.node.body, "super", "to_representation", "fields")

    def _represent(self, key: Key, item: Value) -> None:
        """``to_representation(value)`` of a serializer or field, where the project has its own."""
        member = self._program.member(key, "to_representation")
        if member is not None and isinstance(member.node, ir.Def):
            found = function_of(member)
            method = Function(found.path, found.name, Object(key), found.owner)
            place = member.owner[0], member.node.start, member.node.start + len("def")
            call(self._frame, method, (item,), {}, place, note="computed by")

    def _declared(self, key: Key) -> Iterator[_Field]:
        seen: set[str] = set()
        for base in self._program.line(key):
            if not isinstance(base, tuple):
                continue
            for name in self._program.index.names.classes[base].members:
                if name in seen or name == "Meta":
                    continue
                seen.add(name)
                member = self._program.member(base, name)
                if member is None or not isinstance(member.node, ir.Call):
                    continue
                scope = self._program.scope(base[0])
                if scope is None:
                    continue
                frame = Frame(scope)
                callee = evaluate(frame, member.node.function)
                words = {word: evaluate(frame, value) for word, value in member.node.keywords}
                if member.node.args and "slug_field" not in words:
                    words["slug_field"] = evaluate(frame, member.node.args[0])
                kind = self._kind(callee)
                yield _Field(name, base, member.node, callee, words, kind)

    def _kind(self, callee: Value) -> str:
        """The field class of Django REST framework that the field is, or extends."""
        if isinstance(callee, Named):
            return callee.dotted.rpartition(".")[2]
        if isinstance(callee, ProjectClass):
            outside = [base for base in self._program.line(callee.key) if isinstance(base, str)]
            names = [base.rpartition(".")[2] for base in outside]
            return f"own {next((name for name in names if name.endswith('Field')), '')}"
        return ""

    def _read(self, key: Key, field: _Field, item: Instance) -> None:
        kind, source = field.kind, field.source
        if field.says("write_only") or kind == "HiddenField":
            return
        if kind in {"SerializerMethodField", "MethodField", "ReadOnlyMethodField"}:
            self._run_method(key, field, item)
            return
        if isinstance(field.callee, ProjectClass) and is_serializer(
            self._program, field.callee.key
        ):
            if CHOOSING & field.words.keys():
                return
            self._nest(field.callee.key, self._follow(item, source, field), field)
            return
        if "Hyperlinked" in kind and not field.says("many"):
            return  # the address is made of the key
        if kind.endswith("RelatedField") or "Hyperlinked" in kind:
            self._relate(kind.removeprefix("own "), field, item)
            return
        if isinstance(field.callee, ProjectClass) and self._gets_by_itself(field.callee.key):
            return
        value = self._follow(item, source, field)
        if isinstance(field.callee, ProjectClass):
            self._represent(field.callee.key, value)
        if kind == "CharField":
            printed(self._frame, value, (field.call.start, field.call.end))

    def _gets_by_itself(self, key: Key) -> bool:
        """Whether a field of the project's own decides what it reads of the row."""
        return self._program.member(key, "get_attribute") is not None

    def _run_method(self, key: Key, field: _Field, item: Instance) -> None:
        named = field.words.get("method_name") or field.words.get("slug_field")
        written = named.value if isinstance(named, Const) else None
        name = written if isinstance(written, str) else f"get_{field.name}"
        member = self._program.member(key, name)
        if member is not None and isinstance(member.node, ir.Def):
            found = function_of(member)
            method = Function(found.path, found.name, Object(key), found.owner)
            spot = self._frame.spot((field.call.start, field.call.end))
            call(self._frame, method, (item,), {}, spot, note="computed by")

    def _nest(self, key: Key, value: Value, field: _Field) -> None:
        span = field.call.start, field.call.end
        if isinstance(value, Manager):
            value = queryset_of(self._frame, value)
        if isinstance(value, QuerySet) or field.says("many"):
            with self._frame.loop(*span, "call"):
                self.run(key, iterate(self._frame, value, ir.Other(*span), span))
        else:
            self.run(key, value)

    def _relate(self, kind: str, field: _Field, item: Instance) -> None:
        span = field.call.start, field.call.end
        source = field.source
        by_key = kind in {"PrimaryKeyRelatedField", "HyperlinkedRelatedField"}
        if by_key and not field.says("many"):
            self._follow(item, source[:-1], field)  # the key is in the row itself
            return
        value = self._follow(item, source, field)
        slug = field.words.get("slug_field")
        path = str(slug.value).split("__") if isinstance(slug, Const) and slug.value else []
        if isinstance(value, Manager):
            value = queryset_of(self._frame, value)
        if isinstance(value, QuerySet):
            with self._frame.loop(*span, "call"):
                row = iterate(self._frame, value, ir.Other(*span), span)
                self._end(kind, row, path, field)
        else:
            self._end(kind, value, path, field)

    def _end(self, kind: str, row: Value, path: list[str], field: _Field) -> None:
        if kind == "StringRelatedField":
            printed(self._frame, row, (field.call.start, field.call.end))
        elif kind == "SlugRelatedField":
            self._follow(row, path, field)

    def _follow(self, value: Value, path: list[str], field: _Field) -> Value:
        for name in path:
            value = look_up_in(self._frame, value, name, field.call)
        return value

    def _read_by_name(self, item: Instance, name: str, node: ir.Expr) -> None:
        """A field that the serializer only names: what Django REST framework makes of it."""
        model = self._frame.model(item.model)
        relation = model.relations.get(name)
        if relation is None:
            look_up_in(self._frame, item, name, node)
        elif relation.kind == model_index.REVERSE_ONE or not relation.to_one:
            value = look_up_in(self._frame, item, name, node)
            if isinstance(value, Manager):
                rows = queryset_of(self._frame, value)
                self._frame.evaluated(rows, (node.start, node.end))


# Fields that are taken away.

#: Where serializers change which fields they have.
_CHANGING = frozenset({"__init__", "fields", "_readable_fields"})


def _removed(program: Program, key: Key) -> frozenset[str]:
    """The fields that the serializer's own code takes away, at times at least."""
    names: set[str] = set()
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        if unit is None:
            continue
        for bound, member in unit.members(base[1]).items():
            if isinstance(member, ir.Def) and bound in _CHANGING:
                names.update(_taken_in(member))
    return frozenset(names)


def _taken_in(definition: ir.Def) -> Iterator[str]:
    """The names that ``fields.pop("name")`` and ``del fields["name"]`` name."""
    taken: list[ir.Expr] = []
    for node in nodes(definition.body):
        if isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
            if node.function.attr in {"pop", "__delitem__"}:
                taken += node.args[:1]
        elif isinstance(node, ir.Delete):
            taken += [target.index for target in node.targets if isinstance(target, ir.Item)]
    for node in taken:
        if isinstance(node, ir.Const) and isinstance(node.value, str):
            yield node.value


# Meta.


def _meta_of(program: Program, key: Key) -> tuple[Key, ir.Class] | None:
    member = program.member(key, "Meta")
    if member is None or not isinstance(member.node, ir.Class):
        return None
    return member.owner, member.node


def _named_fields(program: Program, key: Key) -> dict[str, ir.Expr] | None:
    """What ``Meta.fields`` names, each with where; None where that is not known."""
    meta = _meta_of(program, key)
    if meta is None:
        return None
    owner, node = meta
    for name, value in members_of(node):
        if name == "fields" and not isinstance(value, ir.Def | ir.Class):
            return names_in(program, owner[0], value)
    for base in node.bases:
        found = _fields_of_base(program, owner[0], base)
        if found is not None:
            return found
    return None


def names_in(program: Program, path: str, node: ir.Expr) -> dict[str, ir.Expr] | None:
    match node:
        case ir.Const(value=str() as value):
            return {value: node}
        case ir.Seq(items=items):
            found: dict[str, ir.Expr] = {}
            for item in items:
                named = names_in(program, path, item.value if isinstance(item, ir.Star) else item)
                if named is None:
                    return None
                found.update(named)
            return found
        case ir.Binary(operator="+", left=left, right=right):
            one, other = names_in(program, path, left), names_in(program, path, right)
            return None if one is None or other is None else {**one, **other}
        case ir.Attr(attr="fields", value=meta):
            return _fields_of_base(program, path, meta)
    return None


def _fields_of_base(program: Program, path: str, node: ir.Expr) -> dict[str, ir.Expr] | None:
    """Of ``Base.Meta`` as written in the file *path*."""
    if not (isinstance(node, ir.Attr) and node.attr == "Meta"):
        return None
    scope = program.scope(path)
    base = evaluate(Frame(scope), node.value) if scope is not None else UNKNOWN
    return _named_fields(program, base.key) if isinstance(base, ProjectClass) else None


def _listed(
    wanted: dict[str, ir.Expr] | None,
    item: Instance,
    frame: Frame,
) -> Iterator[tuple[str, ir.Expr]]:
    """The names of fields, with where they are written."""
    if wanted is None:
        return
    if "__all__" not in wanted:
        yield from wanted.items()
        return
    node = wanted["__all__"]
    for name, relation in frame.model(item.model).relations.items():
        if relation.kind == model_index.MANY and relation.name == name and not _is_back(relation):
            yield name, node


def _is_back(relation: model_index.Relation) -> bool:
    """Whether the relation is the other side of one that another model declares."""
    return relation.null
