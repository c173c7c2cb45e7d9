"""A statement that is a call, put off until the transaction is committed."""

import ast
import re

from praxis.audit.editing.edits import together
from praxis.audit.editing.imports import import_name
from praxis.audit.editing.known_places import Function, find_statement
from praxis.audit.facts.parameters import parameters_of
from praxis.audit.file import File
from praxis.audit.findings import Edit, Fix, Safety
from praxis.audit.project import Project

_OPENING = re.compile(r"\s*\(")


def send_at_commit(project: Project, path: str, span: tuple[int, int]) -> Fix | None:
    """
    The statement at *span*, which sends something, as ``transaction.on_commit(…)``.

    None where it is more than a call. What is given is worked out at once, unless it surely is
    the same at the commit.
    """
    file = project.file(path)
    found = find_statement(file, span) if file is not None else None
    if file is None or found is None:
        return None
    statement, function = found
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return None
    return call_at_commit(
        file, call, "Send it when the rows are committed", stays=_stays(function, call)
    )


def call_at_commit(file: File, call: ast.Call, title: str, *, stays: bool) -> Fix | None:
    """
    The call, which is a statement of its own, as ``transaction.on_commit(…)``.

    What it is given is worked out at once by `functools.partial`, unless it *stays* the same.
    """
    if any(
        isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)
        for node in ast.walk(call)
    ):
        return None
    transaction = import_name(file, "django.db", "transaction")
    if transaction is None:
        return None
    on_commit = f"{transaction.name}.on_commit"
    if stays:
        edits, imports = _as_lambda(file, call, on_commit), transaction.edits
    else:
        partial = import_name(file, "functools", "partial")
        if partial is None:
            return None
        edits = _as_partial(file, call, on_commit, partial.name)
        imports = together((*partial.edits, *transaction.edits))
    return Fix((*edits, *imports), Safety.UNSAFE, title) if edits else None


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
