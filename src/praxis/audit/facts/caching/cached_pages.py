"""Where ``cache_page`` is put around a view, and which view that is."""

import ast
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.caching.objects import Function
from praxis.audit.file import File
from praxis.audit.summary import Fact

CACHE_PAGE = "django.views.decorators.cache.cache_page"
METHOD_DECORATOR = "django.utils.decorators.method_decorator"


class CachedPage(Struct, frozen=True, array_like=True):
    """
    One use of ``cache_page``.

    Attributes:
        start: Offset of the call that makes the decorator.
        end: Its end.
        view: Dotted name of the view, as imported or as the file itself calls it.
        method: The method of a class that is wrapped: ``dispatch`` for all of it; empty for a
            function.
        inner: What stands between the cache and the view, by dotted name, as far as known; with
            the arguments where they are strings: ``django.….vary_on_headers(Cookie)``.
        outer: The same for what stands around the cache.
    """

    start: int
    end: int
    view: str
    method: str
    inner: tuple[str, ...]
    outer: tuple[str, ...]


class CachedPages(Struct, frozen=True, array_like=True):
    """All of a file."""

    pages: tuple[CachedPage, ...]


def extract(file: File) -> CachedPages | None:
    """Decorators of functions, methods and classes, and calls in URL confs."""
    if "cache_page" not in file.text:
        return None
    pages = [*_decorated(file, file.tree.body), *_wrapped(file)]
    return CachedPages(tuple(pages)) if pages else None


CACHED_PAGES = Fact("cached_pages", CachedPages, extract)


def _decorated(file: File, body: list[ast.stmt]) -> Iterator[CachedPage]:
    for statement in body:
        if isinstance(statement, Function):
            yield from _around(file, statement.decorator_list, statement.name, "")
        elif isinstance(statement, ast.ClassDef):
            yield from _around(file, statement.decorator_list, statement.name, "")
            for inner in statement.body:
                if isinstance(inner, Function):
                    decorators = inner.decorator_list
                    yield from _around(file, decorators, statement.name, inner.name)


def _around(file: File, decorators: list[ast.expr], view: str, method: str) -> Iterator[CachedPage]:
    for index, decorator in enumerate(decorators):
        for call, wrapped in _unpacked(file, decorator):
            if not _is_cache_page(file, call):
                continue
            names = [[_told(file, made) for made, _ in _unpacked(file, one)] for one in decorators]
            # of one tuple of decorators the first is the outermost, as of those in lines
            own = [_told(file, made) for made, _ in _unpacked(file, decorator)]
            at = own.index(_told(file, call))
            outer = [name for held in names[:index] for name in held] + own[:at]
            inner = own[at + 1 :] + [name for held in names[index + 1 :] for name in held]
            start, end = file.span(call)
            yield CachedPage(start, end, view, method or wrapped, tuple(inner), tuple(outer))


def _unpacked(file: File, decorator: ast.expr) -> list[tuple[ast.expr, str]]:
    """The decorators that a ``method_decorator`` holds, each with the method's name."""
    if not isinstance(decorator, ast.Call) or file.qualified(decorator.func) != METHOD_DECORATOR:
        return [(decorator, "")]
    name = next(
        (
            keyword.value.value
            for keyword in decorator.keywords
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
        ),
        "",
    )
    held = decorator.args[0] if decorator.args else None
    items = held.elts if isinstance(held, ast.List | ast.Tuple) else [held]
    return [(item, str(name)) for item in items if item is not None]


def _wrapped(file: File) -> Iterator[CachedPage]:
    """``cache_page(60)(view)``, and with other decorators between."""
    for node in ast.walk(file.tree):
        match node:
            case ast.Call(func=ast.Call() as made, args=[view]) if _is_cache_page(file, made):
                inner: list[str] = []
                while isinstance(view, ast.Call) and len(view.args) == 1:
                    inner.append(_told(file, view.func))
                    view = view.args[0]
                method = ""
                if isinstance(view, ast.Call):
                    if not (isinstance(view.func, ast.Attribute) and view.func.attr == "as_view"):
                        continue
                    view, method = view.func.value, "dispatch"
                name = file.qualified(view) or (view.id if isinstance(view, ast.Name) else "")
                if name:
                    yield CachedPage(*file.span(made), name, method, tuple(inner), ())


def _is_cache_page(file: File, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and file.qualified(node.func) == CACHE_PAGE


def _told(file: File, node: ast.expr) -> str:
    """A decorator by its dotted name, with the strings that it is called with."""
    if not isinstance(node, ast.Call):
        return file.qualified(node) or file.source(node)
    strings = [
        argument.value
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
    return f"{file.qualified(node.func) or file.source(node.func)}({','.join(strings)})"
