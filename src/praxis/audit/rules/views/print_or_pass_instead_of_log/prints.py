"""Prints in code that serves requests, and the log messages that they become."""

import ast
import re
from collections.abc import Iterator

from praxis.audit.editing.module_logger import find_logger
from praxis.audit.facts.parameters import is_parameter
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.findings import Finding, Fix, Safety
from praxis.audit.project import Project

PRINTS = "Prints where a request is served: no level, no time, no way to filter. Use a logger."

#: Who imports these is called from a terminal.
_TERMINAL_PACKAGES = (
    "argparse", "click", "cmd", "code", "colorama", "django.core.management", "django.test",
    "fabric", "getpass", "invoke", "IPython", "optparse", "pdb", "playwright", "pytest",
    "readline", "rich", "selenium", "splinter", "termcolor", "tqdm", "twisted", "typer", "unittest",
)  # fmt: skip
_TERMINAL_PATH = re.compile(
    r"(^|[/_])(cli|commands?|management|console|shell|scripts?|bin|main|__main__|setup|fabfile|"
    r"devtools?|debug\w*|profil\w*|bench\w*|command_line|examples?|sandbox|demo|contrib|docs?|test\w*|"
    r"fixtures?|\w*migration\w*|load\w*|import\w*|export\w*|migrat\w*|generat\w*|build\w*|install\w*|tools?|"
    r"seed\w*|populat\w*|dump\w*|gunicorn\w*|wsgi|asgi|conf|upgrade\w*|update\w*|data_\w+)"
    r"(?=[/_.])"
)
#: Files whose names say that they work for requests; elsewhere only functions that take one.
#: Models are not among them: imports and maintenance call their methods too, and read the prints.
REQUEST_PATH = re.compile(
    r"(^|[/_])(views?|viewsets?|forms?|admin|serializers?|middlewares?|signals?|receivers?|"
    r"context_processors|templatetags|tasks|consumers|permissions|"
    r"authentication|backends?|services?|gateways?|payments?|notifications?|webhooks?|resolvers?)"
    r"(\.py$|/\w+\.py$)|(^|[/_])api\.py$"
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


def serves_commands(project: Project, finding: Finding) -> bool:
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


def find_print(file: File, node: ast.Expr) -> Iterator[Finding]:
    """The statement, if it is a print that nobody will read."""
    match node.value:
        case ast.Call(ast.Name("print")) as call if _serves_requests(file, call):
            yield Finding(file.place(call), PRINTS, _log_instead_of_print(file, call))


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
        REQUEST_PATH.search(file.path.lower()) is not None or is_parameter(file, "request")
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
