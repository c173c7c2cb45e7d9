"""The chain of calls that makes a query, as it was written: eager loading added to it."""

import ast
from collections.abc import Iterable, Mapping, Sequence

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.findings import Edit
from praxis.audit.flow.events import Site
from praxis.audit.project import Project


def add_lookups(
    project: Project, site: Site, wanted: Mapping[str, Sequence[str]]
) -> list[Edit] | None:
    """
    Load lookups by each method (``select_related``, ``prefetch_related``) in the query at *site*.

    They go into a call of the method that is there already, else at the chain's end, on a line
    of its own where the chain has one a call. None where the text is not such a chain.
    """
    if site.kind == "inline":
        return None
    if site.kind != "chain":
        make = _beside_columns if site.kind == "admin" else _from_class
        edit = make(project, site, wanted)
        return None if edit is None else [edit]
    path, start, end = site.spot
    text = project.text(path)
    source = text[start:end]
    try:
        tree = ast.parse(f"({source}\n)")
    except (SyntaxError, ValueError):
        return None
    file = File(path, Role.SCRIPT, f"({source}\n)", tree)
    statement = tree.body[0]
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    edits: list[Edit] = []
    appended = ""
    layout = _line_before_call(file, statement.value)
    for method, lookups in wanted.items():
        call = _call_of(statement.value, method)
        if call is None:
            appended += f"{layout}.{method}({_quoted(lookups)})"
        elif any(isinstance(arg, ast.Starred) for arg in call.args) or call.keywords:
            return None
        else:
            edits.append(_into_call(file, call, path, start, _quoted(lookups)))
    if appended:
        edits.append(Edit(path, end, end, appended))
    return edits


def _quoted(lookups: Iterable[str]) -> str:
    return ", ".join(f'"{lookup}"' for lookup in lookups)


def _call_of(node: ast.expr, method: str) -> ast.Call | None:
    """The last call of *method* in the chain that has arguments."""
    for call in _calls(node):
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == method and call.args:
            return call
    return None


def _from_class(project: Project, site: Site, wanted: Mapping[str, Sequence[str]]) -> Edit | None:
    """
    The manager asked where the model alone is named.

    ``get_object_or_404(Order, …)`` takes a queryset as well; beside ``model = Order`` of a view
    comes a ``queryset = …`` of its own.
    """
    text = project.text(site.path)
    written = text[site.start : site.end]
    if not written.replace(".", "").isidentifier():
        return None
    calls = "".join(f".{method}({_quoted(lookups)})" for method, lookups in wanted.items())
    queryset = f"{written}.objects{calls}"
    if site.kind == "class":
        return Edit(site.path, site.start, site.end, queryset)
    line = text.rfind("\n", 0, site.start) + 1
    line_end = text.find("\n", site.end)
    before, after = text[line : site.start], text[site.end : line_end if line_end >= 0 else None]
    indent = before[: len(before) - len(before.lstrip())]
    if before.strip() != "model =" or (after.strip() and not after.strip().startswith("#")):
        return None
    return (
        Edit(site.path, site.end, site.end, f"\n{indent}queryset = {queryset}")
        if (not after.strip())
        else None
    )


def _beside_columns(
    project: Project, site: Site, wanted: Mapping[str, Sequence[str]]
) -> Edit | None:
    """``list_select_related`` below the ``list_display`` of an admin class that has none."""
    text = project.text(site.path)
    if set(wanted) != {"select_related"}:
        return None
    line = text.rfind("\n", 0, site.start) + 1
    line_end = text.find("\n", site.end)
    before, after = text[line : site.start], text[site.end : line_end if line_end >= 0 else None]
    if before.strip() != "list_display =" or after.strip():
        return None
    indent = before[: len(before) - len(before.lstrip())]
    names = dict.fromkeys((*site.also, *wanted["select_related"]))
    kept = [name for name in names if not any(other.startswith(f"{name}__") for other in names)]
    return Edit(site.path, site.end, site.end, f"\n{indent}list_select_related = [{_quoted(kept)}]")


def _calls(node: ast.expr) -> Iterable[ast.Call]:
    """The calls of the chain, the last one first."""
    while True:
        if isinstance(node, ast.Call):
            yield node
            node = node.func
        elif isinstance(node, ast.Attribute):
            node = node.value
        else:
            return


def _into_call(file: File, call: ast.Call, path: str, start: int, arguments: str) -> Edit:
    """After the call's last argument, on a line of its own where that one has it."""
    first, last_end = file.span(call.args[-1])
    _, call_end = file.span(call)
    line = file.text.rfind("\n", 0, first) + 1
    indent = file.text[line:first]
    alone = line > 0 and not indent.strip()
    newline = "\r\n" if file.text[line - 2 : line] == "\r\n" else "\n"
    separator = f",{newline}{indent}" if alone else ", "
    at = start + _after_parentheses(file.text, last_end, call_end - 1) - 1
    return Edit(path, at, at, f"{separator}{arguments}")


def _after_parentheses(text: str, position: int, end: int) -> int:
    """Past the parentheses that hold the argument which ends at *position*."""
    after = position
    while position < end:
        if text[position] == "#":
            position = text.find("\n", position)
        elif text[position] == ")":
            after = position + 1
        position += 1
    return after


def _line_before_call(file: File, call: ast.Call) -> str:
    """The line break and indentation before the chain's last ``.method``; empty on one line."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return ""
    _, receiver_end = file.span(function.value)
    between = file.text[receiver_end : file.text.rfind(".", 0, file.span(function)[1]) + 1]
    if "\n" not in between:
        return ""
    break_at = between.rindex("\n")
    newline = "\r\n" if between[break_at - 1 : break_at] == "\r" else "\n"
    return newline + between[break_at + 1 : -1]
