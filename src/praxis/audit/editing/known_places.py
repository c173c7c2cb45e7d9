"""What stands at a known place of a file, and what is around it."""

import ast

from praxis.audit.file import File

Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_statement(file: File, span: tuple[int, int]) -> tuple[ast.stmt, Function] | None:
    """
    The statement at *span*, or the one that is nothing but the expression there.

    None where it stands in no function.
    """
    found = node_at(file, span, ast.stmt)
    if not found:
        found = node_at(file, span, ast.expr)[1:]
        if not found or not isinstance(found[0], ast.Expr):
            return None
    statement = found[0]
    function = next((node for node in found if isinstance(node, Function)), None)
    if function is None or not isinstance(statement, ast.stmt):
        return None
    return statement, function


def node_at(file: File, span: tuple[int, int], kind: type[ast.AST]) -> list[ast.AST]:
    """The node of *kind* at *span* with those around it, innermost first; empty if none."""
    line = file.place_at(*span).line
    stack: list[tuple[ast.AST, list[ast.AST]]] = [(file.tree, [])]
    while stack:
        node, around = stack.pop()
        if isinstance(node, kind) and file.span(node) == span:
            return [node, *around]
        inner = [node, *around]
        for child in ast.iter_child_nodes(node):
            begin, end = getattr(child, "lineno", line), getattr(child, "end_lineno", line)
            decorators = getattr(child, "decorator_list", None) or []
            begin = min([begin, *(decorator.lineno for decorator in decorators)])
            if begin <= line <= end:
                stack.append((child, inner))
    return []
