"""A statement that is a call, put off until the transaction is committed."""

import ast
import re

from praxis.audit.editing.arguments import parameters_of
from praxis.audit.editing.imports import import_name
from praxis.audit.editing.statements import Function, find_statement
from praxis.audit.file import File
from praxis.audit.findings import Edit, Fix, Safety
from praxis.audit.project import Project

_OPENING = re.compile(r"\s*\(")


def send_at_commit(project: Project, path: str, span: tuple[int, int]) -> Fix | None:
    """
    The call at *span* as ``transaction.on_commit(…)``; None where its result is used.

    What it is given is worked out at once by `functools.partial`, unless it surely is the same
    at the commit.
    """
    file = project.file(path)
    found = find_statement(file, span) if file is not None else None
    if file is None or found is None:
        return None
    statement, function = found
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or any(
        isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
        for node in ast.walk(statement)
    ):
        return None
    transaction = import_name(file, "django.db", "transaction")
    if transaction is None or _is_local(function, transaction.name):
        return None
    on_commit = f"{transaction.name}.on_commit"
    if _stays(function, call):
        edits = _as_lambda(file, call, on_commit)
    else:
        partial = import_name(file, "functools", "partial")
        if partial is None or _is_local(function, partial.name):
            return None
        edits = _as_partial(file, call, on_commit, partial.name)
        transaction_edits = (*transaction.edits, *partial.edits)
        if edits and len({edit.start for edit in transaction_edits}) < len(transaction_edits):
            return None  # both imports at one place: which goes first is not told
        edits = (*edits, *partial.edits) if edits else ()
    if not edits:
        return None
    return Fix((*edits, *transaction.edits), Safety.UNSAFE, "Send it when the rows are committed")


def _is_local(function: Function, name: str) -> bool:
    """Whether the function binds the name itself."""
    return any(one.arg == name for one in parameters_of(function.args)) or any(
        isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)
        for node in ast.walk(function)
    )


def _stays(function: Function, call: ast.Call) -> bool:
    """
    Whether everything in the call's arguments is the same when the transaction ends.

    So it is for constants, names that are bound once and in no loop, and keys of rows that
    nobody deletes.
    """
    names: set[str] = set()
    for argument in (*call.args, *(word.value for word in call.keywords)):
        match argument:
            case ast.Constant():
                pass
            case ast.Name(id) | ast.Attribute(ast.Name(id), "pk" | "id"):
                names.add(id)
            case _:
                return False
    return not (names & _unsteady_names(function))


def _unsteady_names(function: Function) -> set[str]:
    """Names that are bound in loops or twice, and those whose row is deleted."""
    bound = [one.arg for one in parameters_of(function.args)]
    unsteady: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While | ast.comprehension):
            unsteady |= {
                inner.id
                for inner in ast.walk(node)
                if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load)
            }
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.append(node.id)
        else:
            match node:
                case ast.Call(ast.Attribute(ast.Name(row), "delete" | "adelete")):
                    unsteady.add(row)
    return unsteady | {name for name in bound if bound.count(name) > 1}


def _as_lambda(file: File, call: ast.Call, on_commit: str) -> tuple[Edit, ...]:
    start, end = file.span(call)
    return file.insert(start, f"{on_commit}(lambda: "), file.insert(end, ")")


def _as_partial(file: File, call: ast.Call, on_commit: str, partial: str) -> tuple[Edit, ...]:
    start, end = file.span(call)
    given: list[ast.AST] = [*call.args, *call.keywords]
    function_end = file.span(call.func)[1]
    opening = _OPENING.match(file.text, function_end)
    if opening is None or not given:
        return ()
    after = file.text[opening.end() : opening.end() + 1]
    comma = "," if after in {"\n", "\r"} else ", "
    return (
        file.insert(start, f"{on_commit}({partial}("),
        Edit(file.path, function_end, opening.end(), comma),
        file.insert(end, ")"),
    )
