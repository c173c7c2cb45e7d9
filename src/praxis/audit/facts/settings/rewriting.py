"""Edits of settings modules: a value in its place, or a line at the end."""

import ast

from praxis.audit.facts.settings.environments import Environment
from praxis.audit.facts.settings.values import Origin
from praxis.audit.file import File
from praxis.audit.findings import Edit, Fix, Safety


def first_statement(file: File) -> Origin:
    """Where a module begins to do something: its first statement that is not the docstring."""
    for node in file.tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        return Origin(file.path, *file.span(node))
    return Origin(file.path, 0, 0)


def set_value(
    environment: Environment, name: str, text: str, origin: Origin | None, imports: str = ""
) -> Fix | None:
    """
    Give the setting *name* the value *text* in this environment.

    Written over the value where that stands in the environment's own module, else appended to
    that module, so that no other environment changes. *imports* is a module that *text* needs.
    """
    file = environment.project.file(environment.module_path)
    if file is None or environment.class_name:
        return None
    edit: Edit | None
    node = _assignment(file, name, origin) if origin is not None else None
    if node is not None:
        edit = file.replace(node, text)
    elif origin is not None and origin.path == file.path:
        return None  # assigned in a condition, or with others: not for a machine to untangle
    else:
        edit = append_line(file, f"{name} = {text}")
    if edit is None:
        return None
    edits = [edit]
    if imports and not _imports(file, imports):
        edits.insert(0, _import_edit(file, imports))
    return Fix(tuple(edits), Safety.UNSAFE, f"Set {name} = {text}")


def append_line(file: File, line: str) -> Edit:
    """*line* at the end of the file, in its own style of line ends."""
    end = "\r\n" if "\r\n" in file.text else "\n"
    before = "" if not file.text or file.text.endswith(("\n", "\r")) else end
    return file.insert(len(file.text), f"{before}{line}{end}")


def _assignment(file: File, name: str, origin: Origin) -> ast.expr | None:
    if origin.path != file.path:
        return None
    for node in file.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                pass
            case _:
                continue
        if target == name and file.span(node) == (origin.start, origin.end):
            return value
    return None


def _imports(file: File, module: str) -> bool:
    return any(
        isinstance(node, ast.Import)
        and any(alias.name == module and alias.asname is None for alias in node.names)
        for node in file.tree.body
    )


def _import_edit(file: File, module: str) -> Edit:
    end = "\r\n" if "\r\n" in file.text else "\n"
    for node in file.tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        return file.insert(file.span(node)[0], f"import {module}{end}")
    return file.insert(len(file.text), f"import {module}{end}")
