"""Where a function writes rows: into a response, a buffer or a workbook that is kept in memory."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit.facts.caching.objects import Function, bindings
from praxis.audit.file import File

Span = tuple[int, int]

_CSV_WRITERS = frozenset({
    "csv.writer", "csv.DictWriter", "unicodecsv.writer", "unicodecsv.DictWriter",
})  # fmt: skip
_BUFFERS = frozenset({
    "io.StringIO", "io.BytesIO", "tempfile.TemporaryFile", "tempfile.NamedTemporaryFile",
    "tempfile.SpooledTemporaryFile", "six.StringIO", "six.BytesIO",
})  # fmt: skip
_WORKBOOKS = frozenset({"openpyxl.Workbook", "openpyxl.workbook.Workbook"})
_ROW_METHODS = frozenset({"writerow", "writerows"})


@dataclass(frozen=True, slots=True)
class Export:
    """
    Rows that are written into memory.

    Attributes:
        function: Which does so.
        sink: Where that is made which they are written to.
        writing: The call that writes them.
    """

    function: Function
    sink: Span
    writing: Span
    is_workbook: bool = False


def find_export(file: File, rows: Span) -> Export | None:
    """The export that the walk over rows at *rows* writes; None where it writes none."""
    function = _function_at(file, rows)
    if function is None or _is_in_loop(file, function, rows):
        return None
    for writer, sink in _csv_writers(file, function):
        for call in _calls_on(function, writer, _ROW_METHODS):
            if _meet(file.span(call), rows):
                return Export(function, file.span(sink), file.span(call))
    for book in _workbooks(file, function):
        for call in _appends(file, function, rows):
            return Export(function, file.span(book), file.span(call), is_workbook=True)
    return None


def _function_at(file: File, span: Span) -> Function | None:
    innermost: Function | None = None
    for node in ast.walk(file.tree):  # outer ones come first
        if isinstance(node, Function):
            start, end = file.span(node)
            if start <= span[0] and span[1] <= end:
                innermost = node
    return innermost


def _is_in_loop(file: File, function: Function, span: Span) -> bool:
    """Whether another loop is around: that one's rows are the ones to speak of."""
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            start, end = file.span(node)
            if start < span[0] and span[1] <= end:
                return True
    return False


def _csv_writers(file: File, function: Function) -> Iterator[tuple[str, ast.expr]]:
    """The names of writers, each with what makes the memory that it writes to."""
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=ast.Call(args=[target, *_]) as made):
                if file.qualified(made.func) in _CSV_WRITERS:
                    sink = _memory(file, function, target)
                    if sink is not None:
                        yield name, sink


def _memory(file: File, function: Function, target: ast.expr) -> ast.expr | None:
    made: ast.expr | None = target
    if isinstance(target, ast.Name):
        held = list(bindings(function, target.id))
        made = held[0] if len(held) == 1 else None
        if held == [None]:
            made = _opened(function, target.id)
    if not isinstance(made, ast.Call):
        return None
    name = file.qualified(made.func)
    if _is_response(made):
        return made  # whatever a writer can write to, and is called so, keeps it in memory
    return made if name in _BUFFERS and _answers(function) else None


def _opened(function: Function, name: str) -> ast.expr | None:
    """What ``with … as name`` opens."""
    for node in ast.walk(function):
        match node:
            case ast.withitem(context_expr=made, optional_vars=ast.Name(target)):
                if target == name:
                    return made
    return None


def _is_response(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
    return str(name).endswith("Response")


def _answers(function: Function) -> bool:
    """Whether the function itself makes the response."""
    return any(isinstance(node, ast.Call) and _is_response(node) for node in ast.walk(function))


def _calls_on(function: Function, name: str, methods: frozenset[str]) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(held), attr=method)):
                if held == name and method in methods:
                    yield node


def _workbooks(file: File, function: Function) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and file.qualified(node.func) in _WORKBOOKS):
            continue
        write_only = any(keyword.arg == "write_only" for keyword in node.keywords)
        if not write_only and _answers(function):
            yield node


def _appends(file: File, function: Function, rows: Span) -> Iterator[ast.Call]:
    """Calls within the loop that add a row to what is surely a sheet."""
    sheets = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _is_sheet(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for sheet in sorted(sheets):
        for call in _calls_on(function, sheet, frozenset({"append", "cell"})):
            start, end = file.span(call)
            if rows[0] <= start and end <= rows[1]:
                yield call


def _is_sheet(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="active"):
            return True
        case ast.Call(func=ast.Attribute(attr="create_sheet" | "get_active_sheet")):
            return True
    return False


def _meet(call: Span, rows: Span) -> bool:
    """Whether one of the two is within the other."""
    return (rows[0] <= call[0] and call[1] <= rows[1]) or (
        call[0] <= rows[0] and rows[1] <= call[1]
    )
