"""
Flag `print()` and `except Exception: pass` in code that serves requests: nobody will read either.

## Why
What `print` writes goes to wherever the server's standard output happens to go: without a time, a
level or a module, not to be filtered, and not seen by the error tracker. An error that is caught
whole and dropped is worse: the typing mistake that the next edit brings in is dropped as well,
and the only sign of it is data that is not there. A bare `except:` even stops `SystemExit`.

## Bad
```python
from django.http import HttpResponse


def charge(request):
    print("charging", request.POST["amount"])
    return HttpResponse("ok")
```

```python
from django.http import HttpResponse

from shop.stock import reserve


def order(request):
    try:
        reserve(request.POST["product"])
    except Exception:
        pass
    return HttpResponse("ok")
```

## Good
```python
import logging

from django.http import HttpResponse

from shop.stock import OutOfStock, reserve

logger = logging.getLogger(__name__)


def order(request):
    logger.info("reserving %s", request.POST["product"])
    try:
        reserve(request.POST["product"])
    except OutOfStock:
        pass
    return HttpResponse("ok")
```

```python
from django.http import HttpResponse

from shop.mail import send_receipt


def receipt(request):
    try:
        send_receipt(request.user)
    except Exception:
        pass  # the order stands without its receipt, and the mail server is watched elsewhere
    return HttpResponse("ok")
```

## Fix
`print` becomes `logger.info` (`logger.exception` where an error is being handled) and `pass`
becomes `logger.exception`, with the module's own logger, which is added where there is none.
Where all that is tried is to make a number, the errors that this raises are named instead.
Unsafe: where messages of that level go is for your `LOGGING` setting to say, and a bare
`except:` becomes `except Exception:`.

## Misses
Errors dropped by `contextlib.suppress(Exception)`, or by `continue` and `return None`; errors of
optional imports, of cleaning up, and of writing a log or a measurement; prints in
modules whose names do not say that they work for requests (views, forms, tasks, services and the
like; models do not), unless the function takes a `request`.

## When to ignore it
Where dropping the error is what you want: say why in a comment beside the `try` or the `pass`,
and this says no more. Management commands and scripts may print, and so may what they call, a
module that can be run by itself, and code that is called with `verbosity` or under
`if settings.DEBUG`.

## Source
https://docs.djangoproject.com/en/stable/howto/logging/,
https://docs.python.org/3/howto/logging.html#when-to-use-logging
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from praxis.audit import Edit, File, Finding, Fix, Project, Safety, rule
from praxis.audit.arguments import is_parameter
from praxis.audit.facts.sources import Role
from praxis.audit.module_logger import find_logger

PRINTS = "Prints where a request is served: no level, no time, no way to filter. Use a logger."
DROPS = "Catches every error and drops it without a trace. Log it, or catch what you expect."
DROPS_ALL = "A bare except drops every error without a trace, even SystemExit. Log it, or name it."

_SKIPS = (Role.TEST, Role.MIGRATION, Role.SCRIPT)
#: Who imports these is called from a terminal.
_TERMINAL_PACKAGES = (
    "argparse", "click", "cmd", "code", "colorama", "django.core.management", "django.test",
    "fabric", "getpass", "invoke", "IPython", "optparse", "pdb", "pytest", "readline", "rich",
    "termcolor", "tqdm", "twisted", "typer", "unittest",
)  # fmt: skip
#: Tools of those who develop the site: what they drop, no visitor misses.
_TOOL_PATH = re.compile(r"(^|/)(profil\w*|bench\w*|devtools?|examples?|sandbox)/")
_TERMINAL_PATH = re.compile(
    r"(^|[/_])(cli|commands?|management|console|shell|scripts?|bin|main|__main__|setup|fabfile|"
    r"devtools?|debug\w*|profil\w*|bench\w*|examples?|sandbox|demo|contrib|docs?|test\w*|"
    r"fixtures?|\w*migration\w*|load\w*|import\w*|export\w*|migrat\w*|generat\w*|build\w*|install\w*|tools?|"
    r"seed\w*|populat\w*|dump\w*|gunicorn\w*|wsgi|asgi|conf|upgrade\w*|update\w*|data_\w+)"
    r"(?=[/_.])"
)
#: Files whose names say that they work for requests; elsewhere only functions that take one.
#: Models are not among them: imports and maintenance call their methods too, and read the prints.
_REQUEST_PATH = re.compile(
    r"(^|[/_])(views?|viewsets?|forms?|admin|serializers?|middlewares?|signals?|receivers?|"
    r"context_processors|templatetags|tasks|api|consumers|permissions|"
    r"authentication|backends?|services?|gateways?|payments?|notifications?|webhooks?|resolvers?)"
    r"(\.py$|/\w+\.py$)"
)
_TERMINAL_FUNCTION = re.compile(
    r"^_*(main|run|print|dump|debug|show|display|report|pprint|usage|help|log|trace|profile|"
    r"load|import|export|migrate|populate|seed|install|setup|upgrade)|_(print|debug|dump)$"
)
_AIDS = re.compile(r"debug|verbos|quiet|silent|stdout|isatty|dry_?run|interactive", re.IGNORECASE)
_OWN_PRINT = re.compile(r"^\s*(def\s+print\b|print\s*=)", re.MULTILINE)
_RUN_BY_ITSELF = re.compile(r"^if\s+__name__\s*==", re.MULTILINE)
_CALLED = re.compile(r"\b([a-z]\w*[a-z]_\w+)\(")
_FRAMEWORKS = ("django", "rest_framework", "celery", "channels", "ninja")


def _serves_commands(project: Project, finding: Finding) -> bool:
    """Whether a print stands in a function that management commands or scripts call by name."""
    if finding.message != PRINTS:
        return False
    summary = project.summaries[finding.place.path]
    name = summary.symbol_at(finding.place.line).rpartition(".")[2]
    return name in project.derive(_called_by_commands)


def _called_by_commands(project: Project) -> frozenset[str]:
    """The names of all methods and functions that the files of commands call on something."""
    return frozenset(
        name
        for path, summary in project.summaries.items()
        if summary.role in {Role.COMMAND, Role.SCRIPT} and summary.problem is None
        for name in _CALLED.findall(project.text(path))
    )


@rule(
    code="VIEW108",
    visits=(ast.Expr, ast.ExceptHandler),
    skips=_SKIPS,
    unless=_serves_commands,
)
def check(file: File, node: ast.Expr | ast.ExceptHandler) -> Iterator[Finding]:
    match node:
        case ast.Expr(ast.Call(ast.Name("print")) as call):
            if _serves_requests(file, call):
                yield Finding(file.place(call), PRINTS, _log_instead_of_print(file, call))
        case ast.ExceptHandler(body=[nothing]) if _does_nothing(nothing):
            path = file.path.lower()
            if "test" in path or _TOOL_PATH.search(path):
                return  # what only tests run goes by other names as well: populate_test_data.py
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


# print()


def _serves_requests(file: File, call: ast.Call) -> bool:
    """Whether the print surely has no terminal to print to."""
    if file.role not in {Role.REQUEST, Role.TASK} or _TERMINAL_PATH.search(file.path.lower()):
        return False
    if not any(file.imports_from(name) for name in _FRAMEWORKS):
        return False
    if any(file.imports_from(name) for name in _TERMINAL_PACKAGES) or "sys.argv" in file.text:
        return False
    if _RUN_BY_ITSELF.search(file.text):
        return False
    if any(keyword.arg in {"file", None} for keyword in call.keywords):
        return False
    if file.qualified(call.func) is not None or _OWN_PRINT.search(file.text):
        return False  # a print of the module's own, or a better one that it imports
    return _stands_in_request_code(file)


def _stands_in_request_code(file: File) -> bool:
    in_function = False
    for node in file.ancestors():
        if isinstance(node, ast.If) and _AIDS.search(file.source(node.test)):
            return False
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            in_function = True
            head = file.text[file.span(node)[0] : file.span(node.body[0])[0]]
            if _TERMINAL_FUNCTION.search(node.name) or _AIDS.search(head):
                return False
        elif isinstance(node, ast.ClassDef) and "Command" in node.name:
            return False
    return in_function and (
        _REQUEST_PATH.search(file.path.lower()) is not None or is_parameter(file, "request")
    )


def _log_instead_of_print(file: File, call: ast.Call) -> Fix | None:
    if not call.args or call.keywords or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    logger = find_logger(file)
    if logger is None or is_parameter(file, logger.name):
        return None
    method = "exception" if _handles_an_error(file) else "info"
    edit = file.replace(call, f"{logger.name}.{method}({_message(file, call.args)})")
    if edit is None:
        return None
    return Fix((edit, *logger.edits), Safety.UNSAFE, f"log with {logger.name}.{method}")


def _message(file: File, arguments: list[ast.expr]) -> str:
    """The arguments of the logger's method that say what was printed."""
    if len(arguments) == 1 and _is_text(arguments[0]):
        return file.source(arguments[0])
    words: list[str] = []
    values: list[str] = []
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            words.append(argument.value.replace("%", "%%"))
        else:
            words.append("%s")
            values.append(file.source(argument))
    text = " ".join(words)
    if not values:  # without values nothing is formatted
        text = text.replace("%%", "%")
    is_plain = text.isprintable() and '"' not in text and "\\" not in text
    return ", ".join([f'"{text}"' if is_plain else repr(text), *values])


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(str()) | ast.JoinedStr():
            return True
        case ast.BinOp(ast.Constant(str()), ast.Mod()):
            return True
        case ast.Call(ast.Attribute(ast.Constant(str()), "format" | "join")):
            return True
    return False


def _handles_an_error(file: File) -> bool:
    for node in file.ancestors():
        if isinstance(node, ast.ExceptHandler):
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return False
    return False


# except: pass

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
    if not isinstance(tried, ast.Try) or _is_explained(file, node):
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
    block = _block_of(file, statement)
    return next((after for one, after in pairwise(block) if one is statement), None)


def _block_of(file: File, statement: ast.stmt) -> list[ast.stmt]:
    """The statements among which *statement*, the parent of what is visited, stands."""
    around = list(file.ancestors())[1]
    for part in ("body", "orelse", "finalbody"):
        block = getattr(around, part, [])
        if isinstance(block, list) and any(one is statement for one in block):
            return block
    return []


def _is_cleanup(statement: ast.stmt) -> bool:
    match statement:
        case ast.Delete() | ast.AugAssign():  # ... and the count of what was closed
            return True
        case ast.Assign([ast.Attribute()], ast.Name()):  # kept for later, where that can be
            return True
        case ast.If(body=body, orelse=orelse):
            return all(_is_cleanup(one) for one in [*body, *orelse])
        case ast.Expr(ast.Call(function)) | ast.Expr(ast.Await(ast.Call(function))):
            return _last_name(function) in {*_CLEANUP, "print"} or (
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


def _is_explained(file: File, node: ast.ExceptHandler) -> bool:
    """Whether a comment stands beside the ``try``, in the handler, or on the lines around it."""
    tried = file.parent
    if isinstance(tried, ast.Try):
        opening = file.text[file.line_starts[tried.lineno - 1] :].partition("\n")[0]
        if _says_why(_comment_of(opening, needs_own_line=False)):
            return True
        if any(_EXPECTS.search(_comment_above(file, one)) for one in _tries_in_a_row(file, tried)):
            return True
    first = node.lineno - 1
    last = node.end_lineno or node.lineno
    lines = file.text[file.line_starts[first - 1] :].splitlines(keepends=True)
    around = lines[: last - first + 3]
    for number, line in enumerate(around):
        is_outer = number == 0 or number > last - first
        if number > last - first and _indent(line) <= _indent(lines[1]):
            break
        comment = _comment_of(line, needs_own_line=is_outer)
        if _says_why(comment):
            return True
        if number > last - first and not comment:
            break
    return False


#: What a comment above a ``try`` says if it is about errors, not about the work.
_EXPECTS = re.compile(
    r"\btry\b|ignor|fail|error|exception|graceful|best.effort|optional|\bmay\b|\bmight\b|corrupt|"
    r"swallow|silent|not always|not exist|available|missing|cannot|can't",
    re.IGNORECASE,
)


def _comment_above(file: File, statement: ast.stmt) -> str:
    before = file.text[: file.line_starts[statement.lineno - 1]]
    return _comment_of(before.rstrip("\r\n").rpartition("\n")[2], needs_own_line=True)


def _tries_in_a_row(file: File, tried: ast.stmt) -> list[ast.stmt]:
    """*tried* and each ``try`` just before it: one comment may stand above them all."""
    row: list[ast.stmt] = []
    for statement in _block_of(file, tried):
        row = [*row, statement] if isinstance(statement, ast.Try) else []
        if statement is tried:
            break
    return row


def _says_why(comment: str) -> bool:
    return bool(comment) and re.match(r"#\s*pragma:", comment) is None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _comment_of(line: str, *, needs_own_line: bool) -> str:
    if "#" not in line:
        return ""
    if line.lstrip().startswith("#"):
        return line.strip()
    if needs_own_line:
        return ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.COMMENT:
                return token.string
    except (tokenize.TokenError, SyntaxError):
        pass  # the line is only a part of a statement: the comment came before its end
    return ""


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
