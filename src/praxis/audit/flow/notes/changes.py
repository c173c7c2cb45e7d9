"""Numbers of a fetched row that are set from what was read, and then saved: lost updates."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import RowChangedFromItself
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import Instance

_NUMBERS = frozenset({
    "BigIntegerField", "DecimalField", "DurationField", "FloatField", "IntegerField",
    "PositiveBigIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField",
    "SmallIntegerField",
})  # fmt: skip


def note_changed(
    frame: Frame, owner: Instance, statement: ir.Assign | ir.AugAssign, target: ir.Attr
) -> None:
    """``row.n += 1``, or ``row.n = row.n + 1``: kept until the row is saved."""
    column = frame.model(owner.model).columns.get(target.attr)
    if column is None or column.kind not in _NUMBERS or column.primary_key or frame.quiet:
        return
    if isinstance(statement, ir.AugAssign):
        changed = statement.operator in {"+", "-"}
    else:
        changed = statement.value is not None and _adds_to(statement.value, target)
    held = frame.changes.setdefault(owner.token, {})
    if changed:
        held[target.attr] = (statement.start, statement.end), _loop(frame)
    else:
        held.pop(target.attr, None)


def _loop(frame: Frame) -> int:
    """The start of the loop around the current place."""
    return frame.loops[-1].start if frame.loops else -1


def _adds_to(value: ir.Expr, target: ir.Attr) -> bool:
    """Whether something is added to the attribute, or taken from it, anywhere in *value*."""
    if isinstance(value, ir.Binary):
        if value.operator in {"+", "-"} and _is_same(value.left, target):
            return True
        if value.operator == "+" and _is_same(value.right, target):
            return True
        return _adds_to(value.left, target) or _adds_to(value.right, target)
    if isinstance(value, ir.Call):  # min(20, row.n + 1)
        return any(_adds_to(arg, target) for arg in value.args)
    return False


def _is_same(one: ir.Expr, other: ir.Expr) -> bool:
    """Whether both are the same chain of names."""
    while isinstance(one, ir.Attr) and isinstance(other, ir.Attr) and one.attr == other.attr:
        one, other = one.value, other.value
    return isinstance(one, ir.Name) and isinstance(other, ir.Name) and one.id == other.id


def note_saved(frame: Frame, instance: Instance, call: ir.Call) -> None:
    """The row is saved: what was changed from itself is lost if somebody else changed it."""
    held = frame.changes.pop(instance.token, {})
    named = _named_fields(call)
    # what a loop adds up, and is saved once after it, wants another cure than F()
    changes = tuple(
        (field, span)
        for field, (span, loop) in held.items()
        if (named is None or field in named) and loop == _loop(frame)
    )
    if changes:
        row = instance.row
        frame.events.append(
            RowChangedFromItself(
                frame.path,
                changes,
                (call.start, call.end),
                instance.model,
                instance.state,
                row is not None and row.queryset.locked,
                row.at if row is not None else (0, 0),
            )
        )


def _named_fields(call: ir.Call) -> frozenset[str] | None:
    """What ``update_fields`` names; None where it does not tell."""
    for word, value in call.keywords:
        if word == "update_fields" and isinstance(value, ir.Seq):
            names = [str(item.value) for item in value.items if isinstance(item, ir.Const)]
            return frozenset(names) if len(names) == len(value.items) else None
    return None
