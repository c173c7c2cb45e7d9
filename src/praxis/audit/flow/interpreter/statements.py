"""What each kind of statement does."""

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter import assignments, branches, loops, template_code
from praxis.audit.flow.interpreter.calls import forget_loading
from praxis.audit.flow.interpreter.execution import HANDLERS, execute
from praxis.audit.flow.interpreter.expressions import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import RARELY
from praxis.audit.flow.interpreter.tests_of_values import test
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Instance,
    Listing,
    QuerySet,
    Rows,
    Value,
    join,
)
from praxis.audit.flow.notes.loading import note_discarded

#: What this fills in for whoever runs statements.
__all__ = ["execute"]


def _evaluate(frame: Frame, statement: ir.Evaluate) -> bool:
    value = statement.value
    if frame.branched == len(frame.loops) and _is_logged(value):
        with frame.block(RARELY):  # what is found in a branch and logged is out of the ordinary
            evaluate(frame, value)
        return True
    note_discarded(frame, statement, evaluate(frame, value))
    call = value.value if isinstance(value, ir.Await) else value
    if isinstance(call, ir.Call) and _is_append(call):
        _append(frame, call)
    elif isinstance(call, ir.Call) and _is_foreign(call):
        # a function that is called for its effect may load relations of what it is given
        for arg in (*call.args, *(word for _, word in call.keywords)):
            if isinstance(arg, ir.Name) and isinstance(frame.look_up(arg.id), QuerySet | Rows):
                forget_loading(frame, arg.id)
    return True


def _is_logged(value: ir.Expr) -> bool:
    """Whether it is ``logger.warning(…)``, or ``messages.error(…)``, or a command's output."""
    function = value.function if type(value) is ir.Call else None
    if type(function) is not ir.Attr:
        return False
    receiver = function.value
    name = receiver.attr if type(receiver) is ir.Attr else ""
    name = (receiver.id if type(receiver) is ir.Name else name).lower()
    if function.attr == "write":
        return name in {"stderr", "stdout"}
    return function.attr in _LOGS and ("log" in name or name == "messages")


_LOGS = frozenset({"critical", "debug", "error", "exception", "info", "log", "warn", "warning"})


def _is_append(call: ir.Call) -> bool:
    function = call.function
    return (
        isinstance(function, ir.Attr)
        and function.attr == "append"
        and isinstance(function.value, ir.Name)
        and len(call.args) == 1
    )


def _append(frame: Frame, call: ir.Call) -> None:
    """``items.append(item)`` in a loop: *items* holds one for each round."""
    function = call.function
    if not (isinstance(function, ir.Attr) and isinstance(function.value, ir.Name)):
        return
    name = function.value.id
    held = frame.look_up(name)
    if not isinstance(held, Listing | Each):
        return
    frame.quiet += 1
    item = evaluate(frame, call.args[0])
    frame.quiet -= 1
    if isinstance(held, Listing) and held.items:
        frame.bind(name, UNKNOWN)
    elif isinstance(item, Instance):
        row = item.row
        whole = row is not None and not item.prefix and not row.single
        since = (frame.path, frame.loops[-1].start, frame.loops[-1].end) if frame.loops else None
        frame.bind(name, Rows(row.queryset, since) if row is not None and whole else UNKNOWN)
    elif isinstance(item, Dict | Listing) and isinstance(held, Listing):
        frame.bind(name, Each(item))
    else:
        frame.bind(name, join(held, Each(item)))


def _is_foreign(call: ir.Call) -> bool:
    return not (isinstance(call.function, ir.Name) and call.function.id in {"print", "len", "list"})


def _return(frame: Frame, statement: ir.Return) -> bool:
    value: Value = Const(None)
    if statement.value is not None:
        value = evaluate(frame, statement.value)
    frame.returned.append(value)
    return False


def _raise(frame: Frame, statement: ir.Raise) -> bool:
    if statement.value is not None:
        frame.quiet += 1
        evaluate(frame, statement.value)
        frame.quiet -= 1
    return False


def _assert(frame: Frame, statement: ir.Assert) -> bool:
    test(frame, statement.test)
    return True


def _jump(_: Frame, __: ir.Jump) -> bool:
    return False


HANDLERS.update({
    ir.Return: _return,
    ir.Evaluate: _evaluate,
    ir.Raise: _raise,
    ir.Jump: _jump,
    ir.Assert: _assert,
    **assignments.STATEMENTS,
    **branches.STATEMENTS,
    **loops.STATEMENTS,
    **template_code.STATEMENTS,
})  # fmt: skip
