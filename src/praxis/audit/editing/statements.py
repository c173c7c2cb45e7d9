"""The statement that stands at a known place of a file, and the function around it."""

import ast

from praxis.audit.file import File

Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_statement(file: File, span: tuple[int, int]) -> tuple[ast.stmt, Function] | None:
    """
    The statement at *span*, or the one that is nothing but the expression there.

    None where it stands in no function.
    """
    line = file.place_at(*span).line
    holder: Function | None = None
    waiting: list[ast.stmt] = list(file.tree.body)
    while waiting:
        node = waiting.pop()
        if not node.lineno <= line <= (node.end_lineno or node.lineno):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            holder = node
        whole = node.value if isinstance(node, ast.Expr) else node
        if holder is not None and span in {file.span(node), file.span(whole)}:
            return node, holder
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                waiting.append(child)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                waiting += child.body
    return None
