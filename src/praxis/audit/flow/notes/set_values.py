"""What a loop sets on its rows before it saves them: constants, or arithmetic on their columns."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.mentions import assigned_in, is_statement
from praxis.audit.flow.events import Span
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import Named


def update_fields(call: ir.Call) -> tuple[str, ...] | None:
    """The fields that ``update_fields`` names; None where they, or other arguments, are unknown."""
    if not call.keywords:
        return ()
    if len(call.keywords) != 1 or call.keywords[0][0] != "update_fields":
        return None
    value = call.keywords[0][1]
    if not isinstance(value, ir.Seq) or not value.items:
        return None
    names = [item.value for item in value.items if isinstance(item, ir.Const)]
    if len(names) != len(value.items) or not all(isinstance(name, str) for name in names):
        return None
    return tuple(str(name) for name in names)


def values_set(
    frame: Frame, loop: ir.For, call: ir.Call
) -> tuple[str, tuple[tuple[str, Span], ...]]:
    """What kind of values the loop's only statements but *call* set, and, if constant, which."""
    target = loop.target
    if not isinstance(target, ir.Name) or not is_statement(loop.body[-1], call):
        return "", ()
    updates: list[tuple[str, Span]] = []
    constant = True
    varying = {target.id} | assigned_in(loop.body)
    for statement in loop.body[:-1]:
        if isinstance(statement, ir.Assign) and len(statement.targets) == 1:
            stored, value = statement.targets[0], statement.value
        elif isinstance(statement, ir.AugAssign):
            if isinstance(statement.target, ir.Name):
                continue  # rounds are counted
            stored, value, constant = statement.target, statement.value, False
        else:
            return "", ()
        if not isinstance(stored, ir.Attr) or value is None:
            return "", ()
        if not (isinstance(stored.value, ir.Name) and stored.value.id == target.id):
            return "", ()
        if not _is_constant(frame, value, varying):
            constant = False
            if not _is_expression(frame, value, target.id, varying):
                return "", ()
        updates.append((stored.attr, (value.start, value.end)))
    if not updates or len({name for name, _ in updates}) != len(updates):
        return "", ()
    return ("constant", tuple(updates)) if constant else ("expression", ())


def _is_constant(frame: Frame, value: ir.Expr, varying: set[str]) -> bool:
    """Whether every round works out the same."""
    if isinstance(value, ir.Const):
        return True
    if isinstance(value, ir.Call) and not value.args and not value.keywords:
        function = value.function
        if isinstance(function, ir.Attr) and isinstance(function.value, ir.Name):
            module = frame.look_up(function.value.id)
            return isinstance(module, Named) and f"{module.dotted}.{function.attr}" in {
                "django.utils.timezone.now", "datetime.datetime.now", "datetime.date.today",
            }  # fmt: skip
        return False
    while isinstance(value, ir.Attr):
        value = value.value
    return isinstance(value, ir.Name) and value.id not in varying


_ARITHMETIC = frozenset({"+", "-", "*", "/"})


def _is_expression(frame: Frame, value: ir.Expr, row: str, varying: set[str]) -> bool:
    """Whether it is arithmetic on the row's own attributes and constants."""
    if isinstance(value, ir.Binary):
        return value.operator in _ARITHMETIC and all(
            _is_expression(frame, side, row, varying) for side in (value.left, value.right)
        )
    if isinstance(value, ir.Attr) and isinstance(value.value, ir.Name) and value.value.id == row:
        return True
    return _is_constant(frame, value, varying)
