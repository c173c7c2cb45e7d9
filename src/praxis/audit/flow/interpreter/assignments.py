"""What assignments, imports and definitions do: names are bound, attributes and items set."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import template_code
from praxis.audit.flow.interpreter.attributes import is_request
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import bind_target
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, Dict, Instance, Object, Value
from praxis.audit.flow.notes.changes import note_changed
from praxis.audit.flow.notes.saving import note_stored


def _assign(frame: Frame, statement: ir.Assign) -> bool:
    if statement.value is None:
        return True
    value = evaluate(frame, statement.value)
    for target in statement.targets:
        if type(target) is ir.Name:
            frame.bind(target.id, value)
        elif isinstance(target, ir.Attr):
            owner = evaluate(frame, target.value)
            if isinstance(owner, Instance):
                note_changed(frame, owner, statement, target)
                note_stored(frame, owner, target.attr, value)
                continue
            if isinstance(owner, Object):
                frame.attributes[owner.key, target.attr] = value
            elif is_request(target.value):
                frame.on_request.setdefault(target.attr, []).append(value)
            frame.escape(value)
        elif isinstance(target, ir.Item):
            _store_item(frame, target, value)
            frame.escape(value)
        elif isinstance(target, ir.Seq):
            _store_parts(frame, target)
            bind_target(frame, target, value)
        else:
            bind_target(frame, target, value)
    return True


def _store_item(frame: Frame, target: ir.Item, value: Value) -> None:
    """``mapping[key] = value``."""
    holder, index = evaluate(frame, target.value), evaluate(frame, target.index)
    if isinstance(holder, Dict) and isinstance(index, Const) and isinstance(target.value, ir.Name):
        frame.bind(target.value.id, holder.with_item(str(index.value), value))


def _store_parts(frame: Frame, target: ir.Seq) -> None:
    """``a.x, a.y = …``."""
    for item in target.items:
        if isinstance(item, ir.Attr):
            owner = evaluate(frame, item.value)
            if isinstance(owner, Instance):
                note_stored(frame, owner, item.attr, UNKNOWN)
            elif isinstance(owner, Object):
                frame.attributes[owner.key, item.attr] = UNKNOWN


def _aug_assign(frame: Frame, statement: ir.AugAssign) -> bool:
    evaluate(frame, statement.value)
    target = statement.target
    if isinstance(target, ir.Name):
        frame.bind(target.id, UNKNOWN)
    elif isinstance(target, ir.Attr):
        owner = evaluate(frame, target.value)
        if isinstance(owner, Instance):
            note_changed(frame, owner, statement, target)
            note_stored(frame, owner, target.attr, UNKNOWN)
    else:
        evaluate(frame, target)
    return True


def _import(frame: Frame, statement: ir.Import) -> bool:
    for bound, target in statement.names:
        frame.bind(bound, frame.scope.imported(target))
    return True


def _delete(frame: Frame, statement: ir.Delete) -> bool:
    for target in statement.targets:
        if isinstance(target, ir.Name):
            frame.bind(target.id, UNKNOWN)
    return True


def _outer(frame: Frame, statement: ir.Outer) -> bool:
    for name in statement.names:
        frame.bind(name, UNKNOWN)
    return True


def _definition(frame: Frame, statement: ir.Def | ir.Class) -> bool:
    if frame.kind and isinstance(statement, ir.Def):
        return template_code.define(frame, statement)
    frame.bind(statement.name, UNKNOWN)
    return True


STATEMENTS: dict[type, Callable[[Frame, Any], bool]] = {
    ir.Import: _import,
    ir.Assign: _assign,
    ir.AugAssign: _aug_assign,
    ir.Delete: _delete,
    ir.Outer: _outer,
    ir.Def: _definition,
    ir.Class: _definition,
}
