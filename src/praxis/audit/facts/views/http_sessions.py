"""Which HTTP session a name holds: only where it is surely always the same plain one."""

import ast
from collections.abc import Callable

from praxis.audit.facts.parameters import parameters_of
from praxis.audit.file import File

#: Constructors, by the dotted name that they go by, to the name that stands for all of them.
SESSIONS = {
    "requests.Session": "requests.Session",
    "requests.session": "requests.Session",
    "requests.sessions.Session": "requests.Session",
    "urllib3.PoolManager": "urllib3.PoolManager",
}
_CONNECTING = frozenset({
    "get", "options", "head", "post", "put", "patch", "delete", "request", "send",
})  # fmt: skip


def find_session(file: File, call: ast.Call) -> str | None:
    """
    The kind of session that the visited *call* of a method is surely made on.

    The session is made in the same expression, function or module, or kept on ``self`` by the
    same class. None where it may be another one, where its timeout may be set by an adapter, or
    where it was handed to code that may set one.
    """
    if not isinstance(call.func, ast.Attribute):
        return None
    if not (file.imports_from("requests") or file.imports_from("urllib3")):
        return None
    match call.func.value:
        case ast.Call() as made:
            return _session_made(file, made)
        case ast.Name(name):
            return _made_in_scope(file, name)
        case ast.Attribute(ast.Name("self" | "cls"), attribute):
            return _made_in_class(file, attribute)
    return None


def _session_made(file: File, value: ast.expr) -> str | None:
    """The kind of session that the expression makes, if it is one without a timeout."""
    if not isinstance(value, ast.Call):
        return None
    options = {keyword.arg for keyword in value.keywords}
    if options & {"timeout", None}:
        return None
    return SESSIONS.get(file.qualified(value.func) or "")


def _made_in_scope(file: File, name: str) -> str | None:
    """What *name* holds at the visited call: looked up in the functions around it, outwards."""
    for scope in file.ancestors():
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Module):
            continue
        if not isinstance(scope, ast.Module) and any(
            argument.arg == name for argument in parameters_of(scope.args)
        ):
            return None
        uses = _Uses(file, lambda node: isinstance(node, ast.Name) and node.id == name)
        for statement in scope.body:
            uses.visit(statement)
        if uses.is_bound:
            return uses.made()
    return None


def _made_in_class(file: File, attribute: str) -> str | None:
    owner = next((node for node in file.ancestors() if isinstance(node, ast.ClassDef)), None)
    if owner is None:
        return None

    def matches(node: ast.AST) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == attribute
            and isinstance(node.value, ast.Name)
            and node.value.id in {"self", "cls"}
        ) or (isinstance(node, ast.Name) and node.id == attribute)

    uses = _Uses(file, matches)
    uses.visit(owner)
    return uses.made() if uses.is_bound else None


class _Uses(ast.NodeVisitor):
    """How one name is bound and used: whether it is always the same plain session."""

    def __init__(self, file: File, matches: Callable[[ast.AST], bool]) -> None:
        self._file, self._matches = file, matches
        self._values: list[str | None] = []
        self._is_spoiled = False

    @property
    def is_bound(self) -> bool:
        return bool(self._values)

    def made(self) -> str | None:
        """The one kind of session that it ever holds; None if anything else may be in it."""
        kinds = set(self._values)
        return kinds.pop() if len(kinds) == 1 and not self._is_spoiled else None

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value)
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, node.value)
            self.visit(node.value)

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._bind(node.optional_vars, node.context_expr)
        self.visit(node.context_expr)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if self._matches(target):
            self._values.append(_session_made(self._file, value))
        elif isinstance(target, ast.Attribute) and self._matches(target.value):
            # session.request = partial(session.request, timeout=…): not as it came any more
            if target.attr in _CONNECTING:
                self._is_spoiled = True
        else:
            self.generic_visit(target)

    def visit_Call(self, node: ast.Call) -> None:
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(self._matches(argument) for argument in arguments):
            self._is_spoiled = True  # whoever gets it may set it up
        if isinstance(node.func, ast.Attribute) and self._matches(node.func.value):
            if node.func.attr == "mount" and not self._is_plain_adapter(node):
                self._is_spoiled = True
            for argument in arguments:
                self.visit(argument)
            return
        self.generic_visit(node)

    def _is_plain_adapter(self, mount: ast.Call) -> bool:
        match mount.args:
            case [_, ast.Call(made)]:
                return self._file.qualified(made) in {
                    "requests.adapters.HTTPAdapter",
                    "requests.HTTPAdapter",
                }
        return False

    def visit_Name(self, node: ast.Name) -> None:
        if self._matches(node) and not isinstance(node.ctx, ast.Load):
            self._values.append(None)  # a loop variable, deleted, unpacked: not followed
