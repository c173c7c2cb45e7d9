"""Chains of method calls: the calls in them, and one call taken out in the layout of the chain."""

import ast
from collections.abc import Iterator

from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit


def links(node: ast.expr) -> Iterator[ast.Call]:
    """The method calls of a chain, the last one first."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node
        node = node.func.value


def name_of(call: ast.Call) -> str:
    """The method's name; empty for the call of anything else."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def name_span(file: File, call: ast.Call) -> tuple[int, int]:
    """Where the method's name stands."""
    end = file.span(call.func)[1]
    return end - len(name_of(call)), end


def drop_link(file: File, call: ast.Call) -> Edit | None:
    """
    Take ``.method(…)`` out of its chain; None where that would take a comment along.

    A call that has a line of its own goes with the line.
    """
    if not isinstance(call.func, ast.Attribute):
        return None
    text = file.text
    end = file.span(call)[1]
    receiver_end = file.span(call.func.value)[1]
    dot = text.rfind(".", receiver_end, name_span(file, call)[0])
    if dot < 0 or has_comment(text[dot:end]) or "\\\n" in text[receiver_end:end]:
        return None
    line = text.rfind("\n", 0, dot) + 1
    rest_end = text.find("\n", end)
    rest = text[end : rest_end if rest_end >= 0 else len(text)]
    if line > receiver_end and not text[line:dot].strip() and not rest.strip():
        start = line - 1
        if text[start - 1 : start] == "\r":
            start -= 1
            rest = rest.removesuffix("\r")
        return Edit(file.path, start, end + len(rest), "")
    return Edit(file.path, dot, end, "")
