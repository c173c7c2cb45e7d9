"""Annotations that name a class of the project: ``list[BookOut]``, ``"BookOut" | None``."""

import re
from collections.abc import Callable, Iterator

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow import ir
from praxis.audit.flow.expressions import evaluate
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.program import Program
from praxis.audit.flow.values import ProjectClass

#: A name in the text of an annotation, with its dots.
_NAME = re.compile(r"[A-Za-z_][\w.]*")


def class_in(
    program: Program, path: str, node: ir.Expr | None, wanted: Callable[[Key], bool]
) -> Key | None:
    """The one class that is *wanted* in an annotation of the file *path*; None for several."""
    scope = program.scope(path)
    if node is None or scope is None:
        return None
    found = {key for key in _classes_in(Frame(scope), node) if wanted(key)}
    return found.pop() if len(found) == 1 else None


def _classes_in(frame: Frame, node: ir.Expr) -> Iterator[Key]:
    if isinstance(node, ir.Const) and isinstance(node.value, str):
        for name in _NAME.findall(node.value):
            yield from _classes_in(frame, _dotted(node, name))
    elif isinstance(node, ir.Name | ir.Attr):
        value = evaluate(frame, node)
        if isinstance(value, ProjectClass):
            yield value.key
    else:
        for part in _parts_of(node):
            yield from _classes_in(frame, part)


def _dotted(node: ir.Const, name: str) -> ir.Expr:
    head, *rest = name.split(".")
    expr: ir.Expr = ir.Name(node.start, head)
    for part in rest:
        expr = ir.Attr(node.start, node.end, expr, part)
    return expr


def _parts_of(node: ir.Expr) -> tuple[ir.Expr, ...]:
    match node:
        case ir.Item(value=generic, index=index):
            return generic, index
        case ir.Seq(items=items):
            return items
        case ir.Binary(left=left, right=right):
            return left, right
    return ()
