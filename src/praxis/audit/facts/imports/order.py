"""What a module does while it is imported, in order: the names it binds and what it imports."""

import ast
from collections.abc import Iterable, Iterator

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact


class Event(Struct, frozen=True, array_like=True):
    """
    Some statements in a row that bind names, or one that imports.

    Attributes:
        binds: The names that are bound afterwards.
        imports: Of an import: the dotted module, with the leading dots; else empty.
        wants: The names asked of that module; ``("*",)`` for all; empty for ``import module``.
        start: Offset of the import statement.
        end: Its end.
        sure: False where a condition decides whether it runs.
        caught: Inside a ``try`` with handlers: a failure there may be meant.
    """

    binds: tuple[str, ...]
    imports: str = ""
    wants: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    sure: bool = True
    caught: bool = False


class ImportOrder(Struct, frozen=True, array_like=True):
    """The events of a module; *dynamic* where it may hold names that no statement binds."""

    events: tuple[Event, ...]
    dynamic: bool


_DYNAMIC = ("__getattr__", "globals()", "locals()", "vars()", "sys.modules", "exec(", "setattr(")

#: A statement, and whether it surely runs, and whether its failure is caught.
_Item = tuple[ast.stmt, bool, bool]


def extract_import_order(file: File) -> ImportOrder | None:
    """The events of *file*; None for a module that imports nothing, so can be in no cycle."""
    if "import" not in file.text:
        return None
    events: list[Event] = []
    names: list[str] = []
    imported = False
    stack: list[_Item] = [(node, True, False) for node in reversed(file.tree.body)]
    while stack:
        node, sure, caught = stack.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            if names:
                events.append(Event(tuple(names)))
                names = []
            imported = True
            events += _imports(file, node, sure, caught)
        else:
            names += _bound(node)
            stack.extend(reversed(list(_inside(node, sure, caught))))
    if not imported:
        return None
    if names:
        events.append(Event(tuple(names)))
    return ImportOrder(tuple(events), any(sign in file.text for sign in _DYNAMIC))


def _imports(
    file: File, node: ast.Import | ast.ImportFrom, sure: bool, caught: bool
) -> Iterator[Event]:
    start, end = file.span(node)
    if file.text[:start].rstrip(" \t").endswith("lazy") or getattr(node, "is_lazy", False):
        sure = False  # it runs when the name is first used
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        wants = tuple(alias.name for alias in node.names)
        binds = tuple(alias.asname or alias.name for alias in node.names if alias.name != "*")
        yield Event(binds, module, wants, start, end, sure, caught)
        return
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        yield Event((bound,), alias.name, (), start, end, sure, caught)


def _bound(node: ast.stmt) -> Iterator[str]:
    targets: Iterable[ast.expr | None]
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
            return
        case ast.Assign():
            targets = node.targets
        case ast.AnnAssign() | ast.AugAssign() | ast.For():
            targets = (node.target,)
        case ast.With():
            targets = [item.optional_vars for item in node.items]
        case _:
            return
    for target in targets:
        if target is not None:
            yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def _inside(node: ast.stmt, sure: bool, caught: bool) -> Iterator[_Item]:
    """The statements that run with *node*: those of functions run later."""
    match node:
        case ast.ClassDef():
            # the names of a class body are no names of the module, but its imports run
            yield from (
                (inner, sure, caught)
                for inner in node.body
                if isinstance(inner, ast.Import | ast.ImportFrom)
            )
        case ast.With():
            yield from ((inner, sure, True) for inner in node.body)  # it may be suppress()
        case ast.Try():
            risky = caught or bool(node.handlers)
            yield from ((inner, sure, risky) for inner in node.body)
            for handler in node.handlers:
                yield from ((inner, False, True) for inner in handler.body)
            yield from ((inner, False, risky) for inner in node.orelse)
            yield from ((inner, sure, caught) for inner in node.finalbody)
        case ast.If() | ast.For() | ast.While():
            yield from ((inner, False, caught) for inner in (*node.body, *node.orelse))
        case ast.Match():
            yield from ((inner, False, caught) for case in node.cases for inner in case.body)
        case _:
            return


IMPORT_ORDER = Fact(
    "import_order", ImportOrder, extract_import_order, skips=(Role.TEST, Role.MIGRATION)
)
