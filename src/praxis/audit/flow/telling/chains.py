"""The chain of calls that makes a query, as it was written: eager loading added to it."""

import ast
from collections.abc import Iterable, Mapping, Sequence

from praxis.audit.editing.chain_breaking import indent_at, opened
from praxis.audit.editing.chain_layout import (
    add_to_call,
    append_calls,
    line_limit,
    put_queryset,
    quoted,
)
from praxis.audit.editing.chain_links import links, name_of
from praxis.audit.editing.known_places import node_at
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
    names = {method: [*lookups] for method, lookups in wanted.items()}
    asked = f"{site.start} {site.end} {site.kind} {site.also} {names}"
    return project.edits(site.path, asked, lambda: _added(project, site, wanted))


def _added(
    project: Project, site: Site, wanted: Mapping[str, Sequence[str]]
) -> Sequence[Edit] | None:
    if site.kind == "class":
        return _from_class(project, site, wanted)
    if site.kind != "chain":
        make = _beside_columns if site.kind == "admin" else _beside_model
        edit = make(project, site, wanted)
        return None if edit is None else [edit]
    text = project.text(site.path)
    file = project.around(site.path, site.start, site.end)
    around = node_at(file, (site.start, site.end), ast.Call) if file is not None else []
    if file is None or not around:
        return None
    edits: list[Edit] = []
    appended: list[tuple[str, list[str]]] = []
    for method, lookups in wanted.items():
        call = _call_of(around[0], method)
        if _has_bare_call(around[0], method):
            return None
        if call is None:
            appended.append((method, quoted(text, lookups)))
        elif any(isinstance(arg, ast.Starred) for arg in call.args) or call.keywords:
            return None
        else:
            edits += add_to_call(file, around, call, quoted(text, lookups), lookups)
    if appended:
        edits += append_calls(file, around, appended)
    return edits or None


def _has_bare_call(node: ast.AST, method: str) -> bool:
    """Whether ``select_related()`` joins all there is: naming lookups besides would undo that."""
    return any(
        name_of(call) == method and not call.args and not call.keywords for call in links(node)
    )


def _call_of(node: ast.AST, method: str) -> ast.Call | None:
    """The last call of *method* in the chain that has arguments."""
    for call in links(node):
        if name_of(call) == method and call.args:
            return call
    return None


def _from_class(
    project: Project, site: Site, wanted: Mapping[str, Sequence[str]]
) -> list[Edit] | None:
    """The manager asked where the model alone is named: ``get_object_or_404(Order, …)``."""
    queryset = _manager_of(project, site, wanted)
    file = project.around(site.path, site.start, site.end)
    around = node_at(file, (site.start, site.end), ast.expr) if file is not None else []
    if file is None or queryset is None or not around:
        return None
    return put_queryset(file, around, queryset)


def _manager_of(project: Project, site: Site, wanted: Mapping[str, Sequence[str]]) -> str | None:
    text = project.text(site.path)
    written = text[site.start : site.end]
    if not written.replace(".", "").isidentifier():
        return None
    calls = "".join(
        f".{method}({', '.join(quoted(text, lookups))})" for method, lookups in wanted.items()
    )
    return f"{written}.objects{calls}"


def _beside_model(project: Project, site: Site, wanted: Mapping[str, Sequence[str]]) -> Edit | None:
    """Below ``model = Order`` of a view a ``queryset = …`` of its own."""
    text = project.text(site.path)
    queryset = _manager_of(project, site, wanted)
    line = text.rfind("\n", 0, site.start) + 1
    line_end = text.find("\n", site.end)
    before, after = text[line : site.start], text[site.end : line_end if line_end >= 0 else None]
    if queryset is None or before.strip() != "model =" or after.strip():
        return None
    indent = before[: len(before) - len(before.lstrip())]
    return Edit(site.path, site.end, site.end, f"\n{indent}queryset = {queryset}")


def _beside_columns(
    project: Project, site: Site, wanted: Mapping[str, Sequence[str]]
) -> Edit | None:
    """In the ``list_select_related`` of an admin class, or in one below its ``list_display``."""
    text = project.text(site.path)
    file = project.around(site.path, site.start, site.end)
    if set(wanted) != {"select_related"} or file is None:
        return None
    around = node_at(file, (site.start, site.end), ast.expr)
    if len(around) < 3 or not isinstance(around[2], ast.ClassDef):
        return None
    names = dict.fromkeys((*site.also, *wanted["select_related"]))
    for statement in around[2].body:
        match statement:
            case ast.Assign(targets=[ast.Name("list_select_related")], value=value):
                return _among(file, value, names)
            case ast.AnnAssign(target=ast.Name("list_select_related")):
                return None
    line = text.rfind("\n", 0, site.start) + 1
    line_end = text.find("\n", site.end)
    before, after = text[line : site.start], text[site.end : line_end if line_end >= 0 else None]
    if before.strip() != "list_display =" or after.strip():
        return None
    indent = before[: len(before) - len(before.lstrip())]
    shown = listing(file, fewest(names), tuple_like=text[site.start] == "(", indent=indent)
    return Edit(site.path, site.end, site.end, f"\n{indent}list_select_related = {shown}")


def _among(file: File, value: ast.expr, names: Iterable[str]) -> Edit | None:
    """The lookups put to those that are there; ``False`` gives way to them."""
    held: list[str] = []
    for item in value.elts if isinstance(value, ast.List | ast.Tuple) else ():
        if not isinstance(item, ast.Constant) or not isinstance(item.value, str):
            return None
        held.append(item.value)
    known = isinstance(value, ast.List | ast.Tuple)
    if not known and not (isinstance(value, ast.Constant) and value.value is False):
        return None
    start = file.span(value)[0]
    shown = listing(
        file,
        fewest([*held, *names]),
        tuple_like=file.text[start] == "(",
        indent=indent_at(file, start),
        one_a_line=known and "\n" in file.source(value),
    )
    return file.replace(value, shown)


def listing(
    file: File,
    names: Sequence[str],
    *,
    tuple_like: bool,
    indent: str,
    one_a_line: bool = False,
) -> str:
    """The names as a list or tuple, over several lines where one is too short for them."""
    texts = quoted(file.text, names)
    left, right = "()" if tuple_like else "[]"
    plain = ", ".join(texts) + ("," if tuple_like and len(texts) == 1 else "")
    width = len(f"{indent}list_select_related = {left}{plain}{right}")
    if one_a_line or width > line_limit(file.text):
        plain = opened(texts, indent, one_a_line=True)
    return f"{left}{plain}{right}"


def fewest(lookups: Iterable[str]) -> list[str]:
    """The lookups without those that a longer one implies, in their order."""
    names = list(dict.fromkeys(lookups))
    return [name for name in names if not any(other.startswith(f"{name}__") for other in names)]
