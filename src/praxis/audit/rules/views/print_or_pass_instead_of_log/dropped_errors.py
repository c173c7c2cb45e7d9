"""Errors that are caught whole and dropped without a word."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from praxis.audit.editing.module_logger import find_logger
from praxis.audit.facts.parameters import is_parameter
from praxis.audit.file import File
from praxis.audit.findings import Edit, Finding, Fix, Safety
from praxis.audit.rules.views.print_or_pass_instead_of_log.prints import REQUEST_PATH
from praxis.audit.rules.views.print_or_pass_instead_of_log.reasons import block_of, is_explained

DROPS = "Catches every error and drops it without a trace. Log it, or catch what you expect."
DROPS_ALL = "A bare except drops every error without a trace, even SystemExit. Log it, or name it."

#: Tools of those who develop the site: what they drop, no visitor misses.
_TOOL_PATH = re.compile(
    r"(^|/)(profil\w*|bench\w*|devtools?|debug\w*|examples?|sandbox|management)/"
)
_MODEL_PATH = re.compile(r"(^|[/_])(models?|managers|querysets?)(\.py$|/\w+\.py$)")
_CLEANUP = frozenset({
    "abort", "cancel", "clear", "close", "delete", "disconnect", "flush", "join", "kill", "logout",
    "quit", "release", "remove", "removedirs", "rmdir", "rmtree", "rollback", "shutdown", "stop",
    "terminate", "unlink", "unregister", "wait",
})  # fmt: skip

#: Functions whose names promise that no error leaves them.
_QUIET_FUNCTION = re.compile(
    r"safe|silent|ignor|quiet|debug|^_*try_|^__(del|exit|aexit)__$|clean_?up|tear_?down|shut_?down",
    re.IGNORECASE,
)


def find_dropped(file: File, node: ast.ExceptHandler) -> Iterator[Finding]:
    """The handler, if it drops every error and nothing says that this is meant."""
    match node.body:
        case [nothing] if _does_nothing(nothing):
            pass
        case _:
            return
    path = file.path.lower()
    if "test" in path or _TOOL_PATH.search(path):
        return  # what only tests run goes by other names as well: populate_test_data.py
    if not (REQUEST_PATH.search(path) or _MODEL_PATH.search(path) or is_parameter(file, "request")):
        return  # tools, imports and maintenance drop errors for many a good reason
    if _catches_all(file, node) and not _is_deliberate(file, node):
        message = DROPS_ALL if node.type is None else DROPS
        start, end = file.span(node)
        fix = _log_instead_of_pass(file, node, nothing)
        yield Finding(file.place_at(start, end), message, fix)


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass():
            return True
        case ast.Expr(ast.Constant(value)):
            return value is ...
    return False


def _catches_all(file: File, node: ast.ExceptHandler) -> bool:
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    return any(
        one is None
        or (
            isinstance(one, ast.Name)
            and one.id in {"Exception", "BaseException"}
            and file.qualified(one) is None
        )
        for one in caught
    )


def _is_deliberate(file: File, node: ast.ExceptHandler) -> bool:
    """Whether a comment says why, or what is tried is only an offer (imports, cleaning up)."""
    tried = file.parent
    if not isinstance(tried, ast.Try) or is_explained(file, node):
        return True
    if _is_optional_import(tried.body):
        return True
    if all(_is_cleanup(one) for one in tried.body):
        return True
    if isinstance(_statement_after(file, tried), ast.Raise):
        return True  # not dropped: told in other words
    inner: ast.AST = tried
    for around in list(file.ancestors())[1:]:
        if isinstance(around, ast.ExceptHandler):
            return True  # the first error is the one that counts
        if isinstance(around, ast.Try) and any(one is inner for one in around.finalbody):
            return True
        inner = around
        if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
            return around.name in _CLEANUP or _QUIET_FUNCTION.search(around.name) is not None
    return True  # at import: nobody has set up logging yet


def _is_optional_import(body: list[ast.stmt]) -> bool:
    """Whether nothing but an import, and what is read from it, can fail."""
    return isinstance(body[0], ast.Import | ast.ImportFrom) and not any(
        isinstance(node, ast.Call | ast.Await | ast.With | ast.For)
        for statement in body
        for node in ast.walk(statement)
    )


def _statement_after(file: File, statement: ast.stmt) -> ast.stmt | None:
    block = block_of(file, statement)
    return next((after for one, after in pairwise(block) if one is statement), None)


def _is_cleanup(statement: ast.stmt) -> bool:
    match statement:
        case ast.Delete() | ast.AugAssign():  # ... and the count of what was closed
            return True
        case ast.Assign([ast.Attribute()], ast.Name()):  # kept for later, where that can be
            return True
        case ast.If(body=body, orelse=orelse):
            return all(_is_cleanup(one) for one in [*body, *orelse])
        case ast.Expr(ast.Call(function)) | ast.Expr(ast.Await(ast.Call(function))):
            return _last_name(function).partition("_")[0] in {*_CLEANUP, "print"} or (
                isinstance(function, ast.Attribute) and _only_tells(function.value)
            )
        case ast.Assign(value=ast.Call(function)) | ast.Return(ast.Call(function)):
            return _last_name(function) in {"import_module", "import_string", "__import__"}
    return False


_TELLS = re.compile(r"^(log|logger|logging|.*(gauge|counter|histogram|latency|metrics?|statsd))$")


def _only_tells(node: ast.expr) -> bool:
    """Whether a log or a measurement is written to: the work is done without it."""
    return _TELLS.search(_last_name(node).lower().strip("_")) is not None


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


#: What making a number of something raises.
_NOT_A_NUMBER = "(TypeError, ValueError)"


def _makes_a_number(file: File, node: ast.ExceptHandler) -> bool:
    """Whether ``number = int(text)`` is all that is tried, so that its errors are known."""
    tried = file.parent
    if not isinstance(tried, ast.Try) or tried.handlers != [node]:
        return False
    match [one for one in tried.body if not _is_text_alone(one)]:
        case [ast.Assign(value=ast.Call(ast.Name("int" | "float"), [ast.Name()], []))]:
            return True
    return False


def _is_text_alone(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _log_instead_of_pass(file: File, node: ast.ExceptHandler, nothing: ast.stmt) -> Fix | None:
    if _makes_a_number(file, node):
        if node.type is None:
            edit = file.insert(file.span(node)[0] + len("except"), f" {_NOT_A_NUMBER}")
        else:
            narrowed = file.replace(node.type, _NOT_A_NUMBER)
            if narrowed is None:
                return None
            edit = narrowed
        return Fix((edit,), Safety.UNSAFE, "name what int and float raise")
    logger = find_logger(file)
    function = file.function()
    if logger is None or function is None or is_parameter(file, logger.name):
        return None
    call = f'{logger.name}.exception("Ignored an error in {function.name}")'
    instead = file.replace(nothing, call)
    if instead is None:
        return None
    edits: list[Edit] = [instead, *logger.edits]
    if node.type is None:
        edits.append(file.insert(file.span(node)[0] + len("except"), " Exception"))
    return Fix(tuple(edits), Safety.UNSAFE, f"log it with {logger.name}.exception")
