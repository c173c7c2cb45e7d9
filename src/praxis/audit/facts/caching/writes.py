"""What a file takes out of a cache or puts there anew, and which kept functions it empties."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.caching.keys import ANY, Keys, Shape
from praxis.audit.facts.caching.objects import Function, holds_line, is_cache, lines_of
from praxis.audit.facts.nodes import children
from praxis.audit.file import File
from praxis.audit.summary import Fact

_DELETES = frozenset({"delete", "adelete", "delete_many", "adelete_many"})
_EMPTIES = frozenset({
    "clear", "aclear", "flushdb", "flushall", "incr_version", "aincr_version", "invalidate",
    "invalidate_all", "invalidate_many", "delete_memoized", "unlink", "expire",
})  # fmt: skip
_SETS = frozenset({"set", "aset", "set_many", "aset_many", "add", "aadd", "incr", "aincr"})
_PATTERNS = frozenset({"delete_pattern", "adelete_pattern"})
_GLOB = re.compile(r"[*?\[]")


class Write(Struct, frozen=True, array_like=True):
    """
    One call that changes what a cache holds.

    Attributes:
        start: Offset of the call.
        deletes: Whether it takes the keys out; else it puts a value there.
        shapes: Of the keys.
        function: Name of the function around it; empty at the top level.
    """

    start: int
    deletes: bool
    shapes: tuple[Shape, ...]
    function: str


class CacheWrites(Struct, frozen=True, array_like=True):
    """*cleared* are the names of functions on which ``cache_clear`` is called."""

    writes: tuple[Write, ...]
    cleared: tuple[str, ...]


def extract(file: File) -> CacheWrites | None:
    """Look at the calls of the few files whose text shows one."""
    text = file.text
    if "cache" not in text and "Cache" not in text and "CACHE" not in text:
        return None
    cleared = tuple(sorted(set(_CLEARS.findall(text)))) if "cache_clear" in text else ()
    renamed = any(sign in text for sign in _SIGNS) and _RENAMED.search(text) is not None
    written = text.lower()
    everywhere = renamed or len(written) != len(text)
    lines = None if everywhere else lines_of(file, _WRITES, written)
    writes = tuple(_writes(file, lines)) if lines != [] else ()
    return CacheWrites(writes, cleared) if writes or cleared else None


CACHE_WRITES = Fact("cache_writes", CacheWrites, extract)
_CLEARS = re.compile(r"(\w+)\s*\.\s*cache_clear\b")
_KNOWN = _DELETES | _EMPTIES | _SETS | _PATTERNS
#: What a write looks like in small letters; the walk then tells whether it is one.
_WRITES = re.compile(rf"cache\w*(?:\[[^\]\n]*\])?\s*\.\s*(?:{'|'.join(sorted(_KNOWN)).lower()})\b")
_SIGNS = "import cache", "caches[", "get_redis_connection"
_RENAMED = re.compile(r"import caches? as |=\s*caches\[|get_redis_connection")


def _writes(file: File, lines: list[int] | None) -> Iterator[Write]:
    """The writes on *lines*, or on any."""
    stack: list[tuple[ast.AST, Function | None, ast.ClassDef | None]] = [(file.tree, None, None)]
    while stack:
        node, function, owner = stack.pop()
        if isinstance(node, Function):
            function = node
        elif isinstance(node, ast.ClassDef):
            owner = node
        for inner in children(node):
            if lines and isinstance(inner, ast.stmt) and not holds_line(inner, lines):
                continue
            if isinstance(inner, ast.Attribute) and inner.attr in _KNOWN:
                write = _write(file, inner, node, function, owner)
                if write is not None:
                    yield write
            stack.append((inner, function, owner))


def _write(
    file: File,
    method: ast.Attribute,
    around: ast.AST,
    function: Function | None,
    owner: ast.ClassDef | None,
) -> Write | None:
    """The write that the attribute stands for: called, or handed on to be called."""
    name = method.attr
    if not _may_be_cache(file, method.value, function):
        return None
    start = file.span(method)[0]
    where = function.name if function is not None else ""
    if name in _EMPTIES:
        return Write(start, True, (ANY,), where)
    arguments = _arguments(method, around)
    if not arguments:
        return Write(start, name not in _SETS, (ANY,), where)
    keys = Keys(file, function, owner)
    shapes = tuple(shape for item in _keys_in(arguments[0]) for shape in keys.shapes(item))
    if name in _PATTERNS:
        shapes = tuple(_before_wildcard(shape) for shape in shapes)
    return Write(start, name not in _SETS, shapes, where)


def _may_be_cache(file: File, node: ast.expr, function: Function | None) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    if isinstance(node, ast.Subscript):
        return "cache" in file.source(node.value).lower()
    return "cache" in name.lower() or is_cache(file, node, function)


def _arguments(method: ast.Attribute, around: ast.AST) -> list[ast.expr]:
    """What the method is called with; for ``partial(cache.delete, key)`` what follows it."""
    if not isinstance(around, ast.Call):
        return []
    named = [keyword.value for keyword in around.keywords if keyword.arg in {"key", "keys"}]
    if around.func is method:
        return [*around.args, *named]
    if method in around.args:
        return around.args[around.args.index(method) + 1 :]
    return []


def _keys_in(node: ast.expr) -> list[ast.expr]:
    """The keys that one argument names."""
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return items
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.ListComp(elt=element) | ast.SetComp(elt=element) | ast.GeneratorExp(elt=element):
            return [element]
    return [node]


def _before_wildcard(shape: Shape) -> Shape:
    if not shape or shape[0] is None:
        return ANY
    head = _GLOB.split(shape[0])[0]
    return (head, None) if head else ANY
