"""``row.n = row.n + 1`` as ``row.n = F("n") + 1``, where nobody looks at the number again."""

import ast
from collections.abc import Sequence

from praxis.audit.editing.imports import import_name
from praxis.audit.editing.known_places import Function, find_statement
from praxis.audit.facts.models.model_index import Model
from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit, Fix, Safety
from praxis.audit.flow.events import Span
from praxis.audit.project import Project


def by_the_database(
    project: Project,
    path: str,
    changes: Sequence[tuple[str, Span]],
    model: Model,
    *,
    has_receivers: bool,
) -> Fix | None:
    """
    The changes (each field with its assignment) left to the database.

    None where anything may read one of the numbers afterwards.
    """
    file = project.file(path)
    if file is None or model.saves or model.opaque or has_receivers:
        return None
    imported = import_name(file, "django.db.models", "F")
    if imported is None:
        return None
    edits: list[Edit] = []
    for field, span in changes:
        found = find_statement(file, span)
        if found is None or model.columns[field].null:
            return None  # NULL stays NULL, whatever is added to it
        statement, function = found
        if not isinstance(statement, ast.Assign | ast.AugAssign):
            return None
        row = _row_of(statement)
        if row is None or _is_read_on(function, statement, row, field, model):
            return None
        edit = _edit(file, statement, f'{imported.name}("{field}")')
        if edit is None:
            return None
        edits.append(edit)
    return Fix((*edits, *imported.edits), Safety.UNSAFE, "Let the database add to the field")


def _row_of(statement: ast.Assign | ast.AugAssign) -> str | None:
    """The variable that holds the row, where the statement does nothing but to add."""
    match statement:
        case ast.AugAssign(target=ast.Attribute(ast.Name(row))) | ast.Assign(
            [ast.Attribute(ast.Name(row))],
            ast.BinOp(ast.Attribute(ast.Name()), ast.Add() | ast.Sub()),
        ):
            return row
    return None


def _is_read_on(
    function: Function,
    statement: ast.Assign | ast.AugAssign,
    row: str,
    field: str,
    model: Model,
) -> bool:
    """
    Whether the row is used after the statement by more than to be saved, or to read others of its
    columns; anywhere in the function, if the statement stands in a loop.
    """
    inside = set(ast.walk(statement))
    allowed: set[ast.AST] = set()
    plain = (set(model.columns) | set(model.relations) | {"pk", "id"}) - {field}
    in_loop = any(
        isinstance(node, ast.For | ast.AsyncFor | ast.While) and statement in set(ast.walk(node))
        for node in ast.walk(function)
    )
    end = (statement.end_lineno or 0, statement.end_col_offset or 0)
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            is_save = node.attr in {"save", "asave"}
            known = is_save or node.attr in plain or isinstance(node.ctx, ast.Store)
            if known and (node.attr != field or node in inside):
                allowed.add(node.value)
    for node in ast.walk(function):
        if not (isinstance(node, ast.Name) and node.id == row) or node in inside:
            continue
        if not in_loop and (node.lineno, node.col_offset) < end:
            continue
        if isinstance(node.ctx, ast.Store):
            if in_loop:
                continue  # the loop's next row
            return True
        if node not in allowed:
            return True
    used = (
        [node for node in ast.walk(statement.value) if isinstance(node, ast.Name)]
        if isinstance(statement, ast.AugAssign)
        else []
    )
    return any(node.id == row for node in used)


def _edit(file: File, statement: ast.Assign | ast.AugAssign, expression: str) -> Edit | None:
    start, end = file.span(statement)
    if isinstance(statement, ast.Assign):
        value = statement.value
        assert isinstance(value, ast.BinOp)  # noqa: S101 - so it was matched
        return file.replace(value.left, expression)
    source = file.text[start:end]
    target_end = file.span(statement.target)[1]
    value_start = file.span(statement.value)[0]
    between = file.text[target_end:value_start]
    operator = "+" if isinstance(statement.op, ast.Add) else "-"
    if has_comment(source) or "\n" in between or "\\" in between:
        return None
    if between.strip() not in {"+=", "-="}:
        return None  # the value is parenthesised
    if isinstance(statement.value, ast.BinOp | ast.IfExp | ast.BoolOp | ast.Compare | ast.Lambda):
        return Edit(
            file.path, target_end, end, f" = {expression} {operator} ({file.text[value_start:end]})"
        )
    return Edit(file.path, target_end, value_start, f" = {expression} {operator} ")
