"""
URL confs as their files spell them out; what is made by code at run time is opaque.

A file's lists of routes are read in order, since Django takes the first route that matches.
How the files include one another is worked out by `praxis.audit.facts.views.url_map`.
"""

import ast
import re
from enum import StrEnum

from msgspec import Struct

from praxis.audit.file import File
from praxis.audit.summary import Fact


class RouteKind(StrEnum):
    """How a route is written."""

    PATH = "path"
    REGEX = "re_path"
    OLD_URL = "url"
    #: Not known: it may match whatever begins with its prefix.
    OPAQUE = "opaque"


class Include(Struct, frozen=True, array_like=True):
    """
    What a route includes.

    Attributes:
        module: Dotted name; empty for *local*.
        local: A list of the same file by its name; empty if neither is known.
        namespace: Of the instance; None where the included module's app_name holds.
        app_name: As given beside the routes: ``include((routes, "app"))``.
        known: False where a namespace is worked out at run time.
    """

    module: str = ""
    local: str = ""
    namespace: str | None = None
    app_name: str | None = None
    known: bool = True


class Route(Struct, frozen=True, array_like=True):
    """
    One route of a list.

    Attributes:
        pattern: As written; None where it is not a literal.
        name: None where it has none.
        named: Whether a name is given, be it known or not.
        view: The view as written, e.g. ``"views.Detail.as_view()"``.
        view_name: The view's own dotted name: ``"views.Detail"``; empty where it has none.
        imported: The dotted name that *view_name* stands for, by the file's imports.
        span: Of the whole call.
        callee: Where the called name stands.
        pattern_span: Where the pattern stands.
        plain: Nothing else is unusual about the call, so that it can be rewritten.
        conditional: It may not be there: under an ``if``.
    """

    kind: RouteKind
    pattern: str | None
    span: tuple[int, int]
    name: str | None = None
    named: bool = False
    view: str = ""
    view_name: str = ""
    imported: str = ""
    include: Include | None = None
    callee: tuple[int, int] = (0, 0)
    pattern_span: tuple[int, int] = (0, 0)
    plain: bool = False
    conditional: bool = False


class UrlConf(Struct, frozen=True, array_like=True):
    """
    The lists of routes of one file by their names (``"urlpatterns"`` and others).

    Attributes:
        lists: The routes of each list, in order.
        app_name: None where the file sets none.
    """

    lists: dict[str, tuple[Route, ...]]
    app_name: str | None = None


_CALLEES = {
    "django.urls.path": RouteKind.PATH,
    "django.urls.conf.path": RouteKind.PATH,
    "django.urls.re_path": RouteKind.REGEX,
    "django.urls.conf.re_path": RouteKind.REGEX,
    "django.conf.urls.url": RouteKind.OLD_URL,
    "django.conf.urls.defaults.url": RouteKind.OLD_URL,
}
_INCLUDES = frozenset({
    "django.urls.include", "django.urls.conf.include", "django.conf.urls.include",
    "django.conf.urls.defaults.include",
})  # fmt: skip
_STATIC = frozenset(
    {
        "django.conf.urls.static.static",
        "django.contrib.staticfiles.urls.staticfiles_urlpatterns",
    }
)


def extract(file: File) -> UrlConf | None:
    """Read every list of routes at the top of the module."""
    if "urlpatterns" not in file.text:
        return None
    reader = _Reader(file)
    reader.read(file.tree.body, conditional=False)
    if "urlpatterns" not in reader.lists:
        return None
    lists = {name: tuple(routes) for name, routes in reader.lists.items()}
    return UrlConf(lists, reader.app_name)


URL_CONF = Fact("url_conf", UrlConf, extract)


class _Reader:
    def __init__(self, file: File) -> None:
        self._file = file
        self.lists: dict[str, list[Route]] = {}
        self.app_name: str | None = None

    def read(self, body: list[ast.stmt], *, conditional: bool) -> None:
        for statement in body:
            match statement:
                case ast.Assign([ast.Name("app_name")], ast.Constant(str() as name)):
                    self.app_name = name
                case ast.Assign([ast.Name(name)], value) | ast.AnnAssign(
                    ast.Name(name), _, ast.expr() as value
                ):
                    routes = self._routes(value, conditional)
                    if routes is not None:
                        self._assign(name, routes, conditional)
                    elif name in self.lists or name == "urlpatterns":
                        self.lists[name] = [self._opaque(value, conditional)]
                case ast.AugAssign(ast.Name(name), ast.Add(), value):
                    routes = self._routes(value, conditional)
                    added = [self._opaque(value, conditional)] if routes is None else routes
                    self.lists.setdefault(name, []).extend(added)
                case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), method), arguments)):
                    self._mutate(name, method, arguments, statement.value, conditional)
                case ast.If() | ast.Try() | ast.With():
                    for part in ("body", "orelse", "finalbody"):
                        self.read(getattr(statement, part, []), conditional=True)
                    for handler in getattr(statement, "handlers", []):
                        self.read(handler.body, conditional=True)
                case ast.For() | ast.While():
                    self._lose(statement)

    def _assign(self, name: str, routes: list[Route], conditional: bool) -> None:
        known = self.lists.get(name, [])
        if conditional and not _holds_all(routes, known):  # one of several: all may be there
            self.lists[name] = [*known, *routes]
        else:  # urlpatterns = [more] + urlpatterns, where only what is added may not be there
            self.lists[name] = routes

    def _mutate(
        self, name: str, method: str, arguments: list[ast.expr], call: ast.expr, conditional: bool
    ) -> None:
        if name not in self.lists:
            return
        match method, arguments:
            case "append", [value]:
                self.lists[name].append(self._route(value, conditional))
            case "insert", [ast.Constant(0), value]:
                self.lists[name].insert(0, self._route(value, conditional))
            case "extend", [value]:
                routes = self._routes(value, conditional)
                self.lists[name].extend(
                    [self._opaque(value, conditional)] if routes is None else routes
                )
            case _:
                self.lists[name].insert(0, self._opaque(call, conditional))

    def _lose(self, loop: ast.For | ast.While) -> None:
        """Routes that a loop adds are not known: they come last if it does nothing but add."""
        lost = Route(RouteKind.OPAQUE, None, self._file.span(loop))
        names = {
            node.id
            for node in ast.walk(loop)
            if isinstance(node, ast.Name) and node.id in self.lists
        }
        for name in names:
            if all(_only_adds(statement, name) for statement in loop.body) and not loop.orelse:
                self.lists[name].append(lost)
            else:
                self.lists[name].insert(0, lost)

    def _opaque(self, value: ast.expr, conditional: bool, prefix: str | None = None) -> Route:
        return Route(
            RouteKind.OPAQUE, prefix, self._file.span(value), view=self._file.source(value)[:80],
            conditional=conditional,
        )  # fmt: skip

    def _routes(self, value: ast.expr, conditional: bool) -> list[Route] | None:
        """The routes that an expression lists; None if it is no list of routes."""
        match value:
            case ast.List(items) | ast.Tuple(items):
                routes = [self._route(item, conditional) for item in items]
                return routes if _are_routes(routes) or not items else None
            case ast.BinOp(left, ast.Add(), right):
                before = self._routes(left, conditional)
                after = self._routes(right, conditional)
                if before is None and after is None:
                    return None
                return [
                    *([self._opaque(left, conditional)] if before is None else before),
                    *([self._opaque(right, conditional)] if after is None else after),
                ]
            case ast.Name(name) if name in self.lists:
                return list(self.lists[name])
            case ast.Call(function) if self._file.qualified(function) in _STATIC:
                return []  # media and static files: no page has their address
            case ast.Call(ast.Name("patterns"), [ast.Constant(""), *items]):
                return [self._route(item, conditional) for item in items]
        return None

    def _route(self, item: ast.expr, conditional: bool) -> Route:
        file = self._file
        if not isinstance(item, ast.Call):
            return self._opaque(item, conditional)
        kind = _CALLEES.get(file.qualified(item.func) or "")
        if kind is None or any(isinstance(one, ast.Starred) for one in item.args):
            return self._opaque(item, conditional)
        given = {keyword.arg: keyword.value for keyword in item.keywords}
        first = item.args[0] if item.args else given.get("route") or given.get("regex")
        view = item.args[1] if len(item.args) > 1 else given.get("view")
        name = item.args[3] if len(item.args) > 3 else given.get("name")
        if first is None or view is None:
            return self._opaque(item, conditional)
        pattern = first.value if isinstance(first, ast.Constant) else None
        if not isinstance(pattern, str):
            known = _template_of(first)
            prefix = literal_start(known) if known and kind is not RouteKind.PATH else None
            return self._opaque(item, conditional, prefix)
        view_name, imported = self._view(view)
        include = self._include(view)
        if include is None and isinstance(view, ast.Attribute) and view.attr == "urls":
            # admin.site.urls, router.urls: made at run time
            prefix = pattern if kind is RouteKind.PATH else literal_start(pattern)
            return self._opaque(item, conditional, prefix)
        return Route(
            kind=kind,
            pattern=pattern,
            span=file.span(item),
            name=name.value
            if isinstance(name, ast.Constant) and isinstance(name.value, str)
            else None,
            named=name is not None or None in given,
            view=file.source(view)[:200],
            view_name=view_name,
            imported=imported,
            include=include,
            callee=file.span(item.func),
            pattern_span=file.span(first),
            plain=isinstance(item.func, ast.Name) and None not in given and "regex" not in given,
            conditional=conditional,
        )

    def _view(self, view: ast.expr) -> tuple[str, str]:
        while isinstance(view, ast.Call):
            if isinstance(view.func, ast.Attribute) and view.func.attr == "as_view":
                view = view.func.value
            elif len(view.args) == 1 and not view.keywords:
                view = view.args[0]  # login_required(view)
            elif isinstance(view.func, ast.Call) and len(view.args) == 1:
                view = view.args[0]  # cache_page(60)(view)
            else:
                return "", ""
        if not isinstance(view, ast.Name | ast.Attribute):
            return "", ""
        return self._file.source(view), self._file.qualified(view) or ""

    def _include(self, view: ast.expr) -> Include | None:
        """What ``include(…)`` includes; None if the expression is none."""
        if not isinstance(view, ast.Call) or self._file.qualified(view.func) not in _INCLUDES:
            return None
        namespace: str | None = None
        known = not any(keyword.arg is None for keyword in view.keywords)
        values = [
            *view.args[1:2],
            *(keyword.value for keyword in view.keywords if keyword.arg == "namespace"),
        ]
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                namespace = value.value
            elif not (isinstance(value, ast.Constant) and value.value is None):
                known = False
        app_name: str | None = None
        target = view.args[0] if view.args else None
        if isinstance(target, ast.Tuple) and len(target.elts) == 2:
            target, given = target.elts
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                app_name = given.value
            else:
                known = False
        match target:
            case ast.Constant(str() as module):
                return Include(module, "", namespace, app_name, known)
            case ast.Name(name) if name in self.lists:
                return Include("", name, namespace, app_name, known)
            case ast.Name() | ast.Attribute():
                module = self._file.qualified(target) or ""
                return Include(module, "", namespace, app_name, known)
            case ast.List():
                # an anonymous list: kept under a name that no variable can have
                routes = self._routes(target, False)
                if routes is not None:
                    name = f"@{self._file.span(target)[0]}"
                    self.lists[name] = routes
                    return Include("", name, namespace, app_name, known)
        return Include(namespace=namespace, app_name=app_name, known=False)


def literal_start(regex: str) -> str:
    """The text that whatever matches a regular expression begins with, as far as it shows."""
    if not regex.startswith("^") or "|" in regex:
        return ""
    literal = re.match(r"\^((?:[\w/-]|\\[./-])*)(?![*?{+])", regex)
    # the last character may be an optional one
    return literal[1].replace("\\", "") if literal is not None else ""


def _template_of(pattern: ast.expr) -> str | None:
    """The text that a pattern is made of: ``"^a/(%s)/" % slug``."""
    match pattern:
        case ast.BinOp(ast.Constant(str() as text), ast.Mod()):
            return text
    return None


def _holds_all(routes: list[Route], known: list[Route]) -> bool:
    spans = {route.span for route in routes}
    return all(route.span in spans for route in known)


def _only_adds(statement: ast.stmt, name: str) -> bool:
    """Whether a statement can do nothing to the list *name* but add at its end."""
    match statement:
        case ast.AugAssign(ast.Name(), ast.Add(), value):
            return not _names(value, name)
        case ast.Expr(ast.Call(ast.Attribute(ast.Name(), "append" | "extend"), arguments)):
            return not any(_names(argument, name) for argument in arguments)
        case ast.If(body=body, orelse=orelse):
            return all(_only_adds(one, name) for one in [*body, *orelse])
        case ast.Try(body, handlers, orelse, finalbody):
            inside = [*body, *orelse, *finalbody]
            inside += [one for handler in handlers for one in handler.body]
            return all(_only_adds(one, name) for one in inside)
    return not _names(statement, name)


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(node))


def _are_routes(routes: list[Route]) -> bool:
    return any(route.kind is not RouteKind.OPAQUE or "urls" in route.view for route in routes)


# Which URL conf is the site's.


class UrlSettings(Struct, frozen=True, array_like=True):
    """
    What a file says about the choice of the URL conf.

    Attributes:
        root: The value of ``ROOT_URLCONF``; empty where the file sets none.
        switches: It chooses another URL conf per request or host.
    """

    root: str
    switches: bool


_SWITCHES = re.compile(
    r"\.urlconf\s*=[^=]|set_urlconf\(|ROOT_HOSTCONF|PUBLIC_SCHEMA_URLCONF|SUBDOMAIN_URLCONFS"
)


def extract_settings(file: File) -> UrlSettings | None:
    """Look for ``ROOT_URLCONF`` and for code that puts another URL conf in its place."""
    names_root = "ROOT_URLCONF" in file.text
    switches = "conf" in file.text and _SWITCHES.search(file.text) is not None
    root = ""
    if names_root:
        for statement in file.tree.body:
            match statement:
                case ast.Assign([ast.Name("ROOT_URLCONF")], ast.Constant(str() as value)):
                    root = value
    return UrlSettings(root, switches) if root or switches else None


URL_SETTINGS = Fact("url_settings", UrlSettings, extract_settings)
