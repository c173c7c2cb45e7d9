"""Operations of django-ninja, and the schemas that read each row which these return."""

from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.flow import ir
from praxis.audit.flow.calling import call
from praxis.audit.flow.events import Span
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.frameworks.annotations import class_in
from praxis.audit.flow.frameworks.handing import Way, asks_given, hand, one_field, steps_of
from praxis.audit.flow.ir import nodes
from praxis.audit.flow.iteration import iterate
from praxis.audit.flow.objects import function_of
from praxis.audit.flow.program import Program, Unit, members_of
from praxis.audit.flow.querysets import queryset_of
from praxis.audit.flow.statements import execute
from praxis.audit.flow.template_code import look_up_in
from praxis.audit.flow.values import (
    UNKNOWN,
    Dict,
    Each,
    Function,
    Instance,
    Listing,
    Manager,
    Object,
    QuerySet,
    Rows,
    Value,
)

_PACKAGES = frozenset({"ninja", "ninja_extra", "ninja_schema"})
#: Schemas within schemas are followed so deep.
_MAX_NESTING = 6
#: Decorators that may change what is read of a row before its fields are.
_REPLACING = frozenset({"model_validator", "root_validator", "model_serializer"})


class Operation(Struct, frozen=True, eq=False):
    """A function that answers requests with a schema; *owner* is its class, where it has one."""

    path: str
    definition: ir.Def
    owner: str
    schema: Key


def operations(program: Program, path: str, unit: Unit) -> Iterator[Operation]:
    """The operations of a file."""
    for name, definition in unit.functions.items():
        answer = _answer_of(definition) if definition.decorators else None
        if answer is not None:
            schema = _schema_of_answer(program, path, answer)
            if schema is not None:
                yield Operation(path, definition, name.rpartition(".")[0], schema)


def _answer_of(definition: ir.Def) -> ir.Expr | None:
    """What ``@router.get(…, response=…)`` says that the function answers with."""
    for decorator in definition.decorators:
        if isinstance(decorator, ir.Call):
            for word, value in decorator.keywords:
                if word == "response":
                    return value
    return None


def _schema_of_answer(program: Program, path: str, answer: ir.Expr) -> Key | None:
    if isinstance(answer, ir.Mapping):
        found = {
            _schema_in(program, path, value)
            for key, value in zip(answer.keys, answer.values, strict=True)
            if not _is_failure(key)
        } - {None}
        return found.pop() if len(found) == 1 else None
    return _schema_in(program, path, answer)


def _is_failure(code: ir.Expr | None) -> bool:
    return isinstance(code, ir.Const) and type(code.value) is int and not 200 <= code.value < 300


def _schema_in(program: Program, path: str, node: ir.Expr | None) -> Key | None:
    return class_in(program, path, node, lambda key: is_schema(program, key))


def is_schema(program: Program, key: Key) -> bool:
    """Whether the class is a schema of django-ninja."""
    return any(
        isinstance(base, str) and base.partition(".")[0] in _PACKAGES and base.endswith("Schema")
        for base in program.line(key)
    )


def _filters_in(program: Program, path: str, node: ir.Expr | None) -> Key | None:
    return class_in(program, path, node, lambda key: is_filter(program, key))


def is_filter(program: Program, key: Key) -> bool:
    """Whether objects of the class narrow rows: ``filters.filter(rows)``."""
    return program.is_a(key, "FilterSchema") and is_schema(program, key)


def serve(program: Program, operation: Operation) -> None:
    """What the operation's schema reads of what its function returns."""
    scope = program.scope(operation.path)
    if scope is None:
        return
    definition = operation.definition
    frame = Frame(scope)
    for parameter in definition.parameters:
        filters = _filters_in(program, operation.path, parameter.annotation)
        frame.bind(parameter.name, UNKNOWN if filters is None else Object(filters))
    if operation.owner and definition.parameters:
        frame.owner = operation.path, operation.owner
        frame.receiver = Object(frame.owner)
        frame.bind(definition.parameters[0].name, frame.receiver)
    execute(frame, definition.body)
    spot = frame.spot((definition.start, definition.start + len(f"def {definition.name}")))
    for value in frame.returned:
        # a status comes first where there are several
        items = value.items if isinstance(value, Listing) else (value,)
        for item in items:
            if isinstance(item, Instance | Dict):
                hand(frame, _WAY, operation.schema, item, spot, many=False)
            elif isinstance(item, QuerySet | Manager | Rows | Each):
                hand(frame, _WAY, operation.schema, item, spot, many=True)
    found = frame.finish()
    program.records[-1].events += [
        event for event in found if getattr(event, "kind", "") == _WAY.kind
    ]


def validate(frame: Frame, key: Key, value: Value, span: Span) -> None:
    """``BookOut.from_orm(book)``: what the schema reads of a row, where the code says so itself."""
    if isinstance(value, Instance) and is_schema(frame.program, key):
        hand(frame, _WAY, key, value, frame.spot(span), many=False)


# Schemas.


class _Field(Struct, frozen=True, eq=False):
    """A field that a schema declares: where, and what it holds."""

    name: str
    owner: Key
    at: ir.Name
    annotation: ir.Expr
    source: tuple[str, ir.Expr] | None


def _read_row(frame: Frame, key: Key, item: Value) -> None:
    _Reading(frame).run(key, item)


_WAY = Way("schemas of ninja", "serializer", "serialized by", _read_row)


class _Reading:
    """One row goes through the fields of a schema, and of those in it."""

    def __init__(self, frame: Frame) -> None:
        self._frame, self._program = frame, frame.program
        self._nesting = 0

    def run(self, key: Key, item: Value) -> None:
        """Read what the fields of the schema *key* read of *item*."""
        if not isinstance(item, Instance | Dict) or self._nesting >= _MAX_NESTING:
            return
        if _replaces_rows(self._program, key):
            return
        self._nesting += 1
        declared = list(_declared(self._program, key))
        for field in declared:
            span = field.at.start, field.at.end
            with one_field(self._frame, field.owner, span, f"{_WAY.note} {key[1]}.{field.name}"):
                self._read(key, field, item)
        if isinstance(item, Instance):
            self._read_of_model(key, item, {field.name for field in declared})
        self._nesting -= 1

    def _read(self, key: Key, field: _Field, item: Instance | Dict) -> None:
        inner = _schema_in(self._program, field.owner[0], field.annotation)
        member = self._program.member(key, f"resolve_{field.name}")
        if member is not None and isinstance(member.node, ir.Def):
            found = function_of(member)
            if asks_given(self._frame, found.path, member.node, item):
                return
            method = Function(found.path, found.name, Object(key), found.owner)
            spot = self._frame.spot((field.at.start, field.at.end))
            value = call(self._frame, method, (item,), {}, spot, note="computed by")
            self._take(inner, value, field.at)
            return
        value = item
        if field.source is None:
            return
        for name, place in steps_of(*field.source):
            value = look_up_in(self._frame, value, name, place)
        self._take(inner, value, field.at)

    def _take(self, inner: Key | None, value: Value, at: ir.Expr) -> None:
        """The value of a field: a row or rows, which a schema *inner* reads."""
        span = at.start, at.end
        if isinstance(value, Manager):
            value = queryset_of(self._frame, value)
        if inner is None:
            if isinstance(value, QuerySet):
                self._frame.giving[span] = at
                self._frame.evaluated(value, span)
        elif isinstance(value, Instance | Dict):
            self.run(inner, value)
        else:
            with self._frame.loop(*span, "call"):
                self.run(inner, iterate(self._frame, value, at, span))

    def _read_of_model(self, key: Key, item: Instance, declared: set[str]) -> None:
        """The fields that a `ModelSchema` makes of its model: a foreign key is its column."""
        meta = _meta_of(self._program, key)
        if meta is None:
            return
        model = self._frame.model(item.model)
        span = meta.at.start, meta.at.end
        for name, relation in model.relations.items():
            if name in declared or not meta.has(name):
                continue
            many = relation.kind == model_index.MANY and not relation.null  # not the other side
            if not many and not (meta.depth and relation.has_column):
                continue
            with one_field(self._frame, meta.owner, span, f"{_WAY.note} {key[1]}.{name}"):
                self._deepen(look_up_in(self._frame, item, name, meta.at), meta.depth, meta.at)

    def _deepen(self, value: Value, depth: int, at: ir.Expr) -> None:
        """What is read of a relation, and of those behind it, to the depth of the schema."""
        span = at.start, at.end
        if isinstance(value, Manager):
            self._frame.evaluated(queryset_of(self._frame, value), span)
        elif isinstance(value, Instance) and depth > 1:
            for name, relation in self._frame.model(value.model).relations.items():
                if relation.has_column:
                    self._deepen(look_up_in(self._frame, value, name, at), depth - 1, at)


def _replaces_rows(program: Program, key: Key) -> bool:
    """Whether the schema's own code decides what is read of a row."""
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        for member in unit.members(base[1]).values() if unit is not None else ():
            if isinstance(member, ir.Def) and any(
                getattr(node, "id", getattr(node, "attr", "")) in _REPLACING
                for node in nodes(member.decorators)
            ):
                return True
    return False


def _declared(program: Program, key: Key) -> Iterator[_Field]:
    """The fields that the schema and what it extends annotate, the nearest of each name."""
    seen: set[str] = set()
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        node = unit.classes.get(base[1]) if unit is not None else None
        if node is None or not isinstance(base, tuple):
            continue
        for statement in node.body:
            if not isinstance(statement, ir.Assign) or statement.annotation is None:
                continue
            (target,) = statement.targets
            if not isinstance(target, ir.Name) or target.id in seen or target.id[0] == "_":
                continue
            seen.add(target.id)
            source = _source_of(target.id, statement)
            yield _Field(target.id, base, target, statement.annotation, source)


def _source_of(name: str, statement: ir.Assign) -> tuple[str, ir.Expr] | None:
    """Where the field's value comes from: ``alias="author.name"``; None if that is not known."""
    for node in nodes((statement.annotation, statement.value)):
        if isinstance(node, ir.Call):
            words = dict(node.keywords)
            alias = words.get("validation_alias", words.get("alias"))
            if isinstance(alias, ir.Const) and isinstance(alias.value, str):
                return alias.value, alias
            if alias is not None or words.get("") is not None:
                return None
    return name, statement.targets[0]


class _Meta(Struct, frozen=True, eq=False):
    """What the ``Meta`` of a `ModelSchema` says; *names* is None for all fields."""

    owner: Key
    at: ir.Expr
    names: frozenset[str] | None
    without: frozenset[str]
    depth: int

    def has(self, name: str) -> bool:
        """Whether the field is one of the schema's."""
        return (self.names is None or name in self.names) and name not in self.without


def _meta_of(program: Program, key: Key) -> _Meta | None:
    member = program.member(key, "Meta") or program.member(key, "Config")
    if member is None or not isinstance(member.node, ir.Class):
        return None
    said = dict(members_of(member.node))
    fields = said.get("fields", said.get("model_fields"))
    without = said.get("exclude", said.get("model_exclude"))
    at = fields or without
    if at is None or isinstance(at, ir.Def | ir.Class):
        return None
    names = None if fields is None or _is_all(fields) else _texts_of(fields)
    taken = frozenset() if without is None else _texts_of(without)
    depth = said.get("depth")
    deep = depth.value if isinstance(depth, ir.Const) and type(depth.value) is int else 0
    if taken is None or (names is None and not (fields is None or _is_all(fields))):
        return None
    return _Meta(member.owner, at, names, taken, deep)


def _is_all(node: object) -> bool:
    return isinstance(node, ir.Const) and node.value == "__all__"


def _texts_of(node: object) -> frozenset[str] | None:
    """The texts of a list, tuple or set; None where they are not all known."""
    if not isinstance(node, ir.Seq):
        return None
    texts = [item.value for item in node.items if isinstance(item, ir.Const)]
    if len(texts) != len(node.items):
        return None
    return frozenset(text for text in texts if isinstance(text, str))
