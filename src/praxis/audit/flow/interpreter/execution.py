"""Statements one after the other; `statements` knows what does the work for each."""

from collections.abc import Callable, Iterable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import RARELY, Mode

#: By the kind of statement: what interprets it, and tells whether the next one is reached.
#: `statements` fills it in.
HANDLERS: dict[type, Callable[[Frame, Any], bool]] = {}


def execute(frame: Frame, block: Iterable[ir.Stmt]) -> bool:
    """Interpret the statements; whether the end of the block is reached."""
    for statement in block:  # noqa: SIM110 - all() with a generator costs more than most of them
        if not HANDLERS[statement.__class__](frame, statement):
            return False
    return True


def execute_branch(
    frame: Frame, block: tuple[ir.Stmt, ...], mode: Mode = "", *, chained: bool = False
) -> bool:
    """
    Interpret a block that may be passed over; *mode* is when it runs.

    Where it ends by leaving a loop, it happens once at most and not once a round.
    """
    if not block:
        return True
    left = left_by(frame, block)
    before = frame.modes()
    frame.left |= left
    frame.quiet += block[-1].__class__ is ir.Raise  # what an error is told with
    if mode:
        frame.keep(mode)
    around = frame.branched
    if not chained:
        if around == len(frame.loops):
            frame.keep(RARELY)  # outside of loops: for few of the rows that callers hand in
        frame.branched = len(frame.loops)
    # what is loaded for few rows is still to be loaded for the others
    loaded = frame.loaded.copy() if frame.passed_over > before[2] else None
    try:
        return execute(frame, block)
    finally:
        if loaded is not None:
            frame.loaded = loaded
        frame.left -= left
        frame.branched = around
        frame.restore(before)


def left_by(frame: Frame, block: tuple[ir.Stmt, ...]) -> set[int]:
    """The loops, by their starts, that end once the block was run."""
    if not block or not frame.loops:
        return set()
    last = block[-1]
    kind = last.__class__
    if kind is ir.Return or kind is ir.Raise:
        found = {loop.start for loop in frame.loops}
    elif isinstance(last, ir.If):
        return left_by(frame, last.body) & left_by(frame, last.orelse)
    elif isinstance(last, ir.With):
        return left_by(frame, last.body)
    elif isinstance(last, ir.Jump) and last.kind == "break":
        found = {next((loop.start for loop in reversed(frame.loops) if loop.kind != "call"), -1)}
    else:
        return set()
    return found - frame.left
