"""Routes of URL confs: those without a name, and those written as regular expressions."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from posixpath import dirname

from praxis.audit.editing.arguments import add_argument
from praxis.audit.facts.views.route_patterns import Conversion, convert
from praxis.audit.facts.views.urls import URL_CONF, Route, RouteKind, UrlConf
from praxis.audit.file import File, has_comment
from praxis.audit.findings import Edit, Finding, Fix, Safety
from praxis.audit.project import Project
from praxis.audit.registry import QUIET_ROLES

NAMELESS = "This route has no name, so its address must be spelled out. Give it one."
REGEX = "A regular expression for what path() says in a word: {path!r}."
REGEXES = "{count} regular expressions in this file for what path() says, from {path!r} on."
GONE = "django.conf.urls.url was removed in Django 4.0. Use path or re_path of django.urls."

#: Views that nobody links to by name, and addresses that only other machines ask for.
_NO_PAGE = re.compile(
    r"serve|redirect|sitemap|schema|swagger|redoc|graphql|javascript_?catalog|i18n|debug|admin|"
    r"error|handler|not_?found|robots|favicon|webhook|"
    r"hook|callback|well-known|manifest|service-?worker|static|media|test|legacy|old|metrics|"
    r"proxy|fallback|catch_?all|spa|index|api|xmlrpc|rpc|token|jwt|feed|ajax|json|docs|template|"
    r"(?<![a-z])files?(?![a-z])",
    re.IGNORECASE,
)
_CATCHES_ALL = re.compile(r"\.\*|<path:")


def find_nameless(project: Project) -> Iterator[Finding]:
    """Routes without a name among others that have one."""
    for path, conf in project.facts(URL_CONF).items():
        if project.role(path) in QUIET_ROLES:
            continue
        taken = {route.name for routes in conf.lists.values() for route in routes if route.name}
        for routes in _lists_once(conf):
            own = [
                route
                for route in routes
                if route.include is None and route.kind is not RouteKind.OPAQUE
            ]
            named = [route for route in own if route.named]
            if len(named) <= len(own) / 2:
                continue  # names are not this file's habit: an API of its own, perhaps
            for route in own:
                if not _wants_a_name(route) or _is_service(project, path, route):
                    continue
                place = project.place(path, *route.span)
                yield Finding(place, NAMELESS, _give_name(project, path, route, taken))


def _lists_once(conf: UrlConf) -> Iterator[tuple[Route, ...]]:
    seen: set[tuple[int, int]] = set()
    for routes in conf.lists.values():  # a list that was added to another, or to itself, is in both
        once = {route.span: route for route in routes if route.span not in seen}
        seen |= once.keys()
        yield tuple(once.values())


def _wants_a_name(route: Route) -> bool:
    if route.named or route.conditional or not route.view_name or route.pattern is None:
        return False
    if route.kind is RouteKind.OPAQUE or _CATCHES_ALL.search(route.pattern):
        return False
    return not (
        _NO_PAGE.search(route.view_name)
        or _NO_PAGE.search(route.pattern)
        or _NO_PAGE.search(route.imported)
    )


def _is_service(project: Project, path: str, route: Route) -> bool:
    """Whether the view is made with a framework for APIs: programs ask for it, no page does."""
    if "api" in path.lower():
        return True
    found = project.modules.resolve(route.imported, path) if route.imported else None
    if found is None:
        return False
    folder = dirname(found[0])
    return any(
        module.startswith(folder) and "rest_framework" in project.text(module)
        for module in (
            {found[0]} if not found[0].endswith("__init__.py") else project.modules.paths
        )
        if project.summaries[module].problem is None
    )


def _give_name(project: Project, path: str, route: Route, taken: set[str]) -> Fix | None:
    file = project.file(path)
    if file is None or not route.plain:
        return None
    call = _calls(file).get(route.span)
    hyphens = sum("-" in name for name in taken)
    underscores = sum("_" in name for name in taken)
    name = _name_from(route.view_name, "_" if underscores > hyphens else "-")
    if call is None or not name or name in taken:
        return None
    taken.add(name)
    edits = add_argument(file, call, f'name="{name}"')
    return Fix(edits, Safety.UNSAFE, f"name it {name!r}")


def _name_from(view: str, separator: str) -> str:
    last = view.rpartition(".")[2]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower().strip("_").split("_")
    words = [word for word in words if word]
    if len(words) > 1 and words[-1] == "view":
        words.pop()
    return separator.join(words)


@lru_cache(maxsize=1)  # every route of a file asks
def _calls(file: File) -> dict[tuple[int, int], ast.Call]:
    return {file.span(node): node for node in ast.walk(file.tree) if isinstance(node, ast.Call)}


# Regular expressions.


def find_regexes(project: Project) -> Iterator[Finding]:
    """Uses of ``url``, and ``re_path`` where a ``path`` says the same: one finding a file each."""
    for path, conf in project.facts(URL_CONF).items():
        if project.role(path) in QUIET_ROLES:
            continue
        routes = sorted(
            (route for some in _lists_once(conf) for route in some), key=lambda route: route.span
        )
        old = [route for route in routes if route.kind is RouteKind.OLD_URL]
        if old:
            place = project.place(path, *old[0].callee)
            yield Finding(place, GONE, _rename_url(project, path, old))
        converted = [
            (route, conversion)
            for route in routes
            if route.kind is RouteKind.REGEX
            and route.pattern is not None
            and (conversion := convert(route.pattern, endpoint=route.include is None)) is not None
        ]
        if converted:
            (first, conversion), *others = converted
            message = (REGEXES if others else REGEX).format(
                count=len(converted), path=conversion.path
            )
            place = project.place(path, *first.span)
            yield Finding(place, message, _say_path(project, path, converted))


def _rename_url(project: Project, path: str, routes: list[Route]) -> Fix | None:
    """``url`` to ``re_path``, everywhere in the file at once."""
    file = project.file(path)
    if file is None or not all(route.plain for route in routes):
        return None
    uses = [node for node in ast.walk(file.tree) if isinstance(node, ast.Name) and node.id == "url"]
    statements = [
        node
        for node in file.tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "django.conf.urls"
    ]
    if len(statements) != 1 or len(uses) != len(routes):
        return None
    (statement,) = statements
    names = [alias.name for alias in statement.names]
    if any(alias.asname for alias in statement.names) or not set(names) <= {"include", "url"}:
        return None
    known = [imported.bound for imported in file.imports if imported.module == "django.urls"]
    wanted = sorted({"re_path" if name == "url" else name for name in names} - set(known))
    if not wanted:
        return None
    edit = file.replace(statement, f"from django.urls import {', '.join(wanted)}")
    if edit is None:
        return None
    edits = [Edit(path, *file.span(use), "re_path") for use in uses]
    return Fix((edit, *edits), Safety.UNSAFE, "use re_path")


def _say_path(project: Project, path: str, converted: list[tuple[Route, Conversion]]) -> Fix | None:
    """``re_path`` to ``path``, everywhere in the file at once."""
    file = project.file(path)
    if file is None or not all(route.plain for route, _ in converted):
        return None
    edits: list[Edit] = []
    for route, conversion in converted:
        start, end = route.pattern_span
        if has_comment(file.text[start:end]):
            return None
        edits += (
            Edit(path, *route.callee, "path"),
            Edit(path, start, end, f'"{conversion.path}"'),
        )
    called = {file.text[slice(*route.callee)] for route, _ in converted}
    name = called.pop()
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(file.tree))
    instead = name if not called and uses == len(converted) else ""
    imported = _import_path(file, instead=instead)
    if imported is None:
        return None
    exact = all(conversion.exact for _, conversion in converted)
    return Fix((*edits, *imported), Safety.SAFE if exact else Safety.UNSAFE, "say path()")


def _import_path(file: File, *, instead: str) -> tuple[Edit, ...] | None:
    """
    The edits after which ``path`` is Django's; None where the name is taken.

    *instead* is the name of ``re_path`` if nothing uses it any more: its import goes, if that is
    cleanly done.
    """
    known = [imported for imported in file.imports if imported.bound == "path"]
    if any(imported.target != "django.urls.path" for imported in known) or re.search(
        r"^(def|class) path\b|^path\s*=", file.text, re.MULTILINE
    ):
        return None
    for statement in file.tree.body:
        if not isinstance(statement, ast.ImportFrom) or statement.module != "django.urls":
            continue
        gone = [alias for alias in statement.names if (alias.asname or alias.name) == instead]
        if gone and statement.lineno == statement.end_lineno:
            wanted = {"path", *(file.source(one) for one in statement.names if one not in gone)}
            edit = file.replace(statement, f"from django.urls import {', '.join(sorted(wanted))}")
            if edit is not None:
                return (edit,)
        if known:
            return ()
        after = next((alias for alias in statement.names if alias.name.lower() > "path"), None)
        if after is None:
            return (file.insert(file.span(statement.names[-1])[1], ", path"),)
        return (file.insert(file.span(after)[0], "path, "),)
    return () if known else None
