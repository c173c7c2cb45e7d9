"""
What the functions of a file do besides computing: calls that leave the process, calls of others.

Each act says which transaction it surely runs in. Who calls whom over several files is worked
out in `praxis.audit.facts.transactions.call_chains`.
"""

import ast
import builtins
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from praxis.audit.facts.nodes import walked
from praxis.audit.facts.parameters import parameters_of
from praxis.audit.facts.sources import Role
from praxis.audit.facts.transactions.atomic import (
    Atomic,
    Function,
    atomic_of_function,
    atomic_of_with,
)
from praxis.audit.facts.transactions.known_side_effects import (
    CALLS,
    MAIL_CLASSES,
    MAKERS,
    METHODS,
    SEND_METHODS,
    TASK_METHODS,
    WRITES,
)
from praxis.audit.file import File
from praxis.audit.summary import Fact

#: One by one they are found several times as fast as by a pattern of all.
_MATTERS = (
    "atomic", "requests", "httpx", "urlopen", "boto3", "smtplib", "send_mail", "send_mass_mail",
    "mail_admins", "mail_managers", "EmailM", "sleep", "subprocess", "os.system", ".delay(",
    "apply_async", "send_task", "group_send", ".publish(", ".enqueue", "ModelAdmin",
    "post_delete", "pre_delete", "m2m_changed", "shared_task", "periodic_task", "db_task",
)  # fmt: skip
_TASK = re.compile(r"@\w*\.?(?:task|actor|job)\b")
_LOCKS = re.compile(r"select_for_update|[lL]ock")
_MAKES = re.compile(r"[sS]ession\(|Client\(|PoolManager\(|client\(|EmailM\w+\(")
_SENDING = re.compile(r"def (?:delay|apply_async)\b")
Span = tuple[int, int]


class Act(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    One call.

    Attributes:
        span: Where.
        kind: ``network``, ``mail``, ``sleep``, ``program``, ``task``, ``message``, or ``call``
            for a call of a function that the project may define.
        name: What is called: as imported where that is known, else as written.
        block: The transaction that it surely runs in, by its place in `FunctionActs.blocks`;
            -1 for none.
        handled: It stands in an ``except`` block, or under a condition for debugging: what
            happens there is an exception.
        doubtful: It stands under a condition on a parameter, so that a caller may rule it out.
        later: The call says itself that it is to be done later (``countdown``, ``eta``).
    """

    span: Span
    kind: str
    name: str
    block: int = -1
    handled: bool = False
    doubtful: bool = False
    later: bool = False


class Block(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A transaction: where all of it stands, and the expression that opens it.

    *how* is as in `Atomic`; *writes* says whether something in it visibly writes a row, *locks*
    whether it locks rows, or takes another lock.
    """

    span: Span
    opening: Span
    how: str
    writes: bool = False
    locks: bool = False


class FunctionActs(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A function, or a method as ``Class.method``.

    *plain* is false where calling it may not run its body then and there: generators, and
    functions with decorators of which nothing is known.
    """

    name: str
    span: Span
    blocks: tuple[Block, ...] = ()
    acts: tuple[Act, ...] = ()
    plain: bool = True


class EffectsFact(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    Attributes:
        functions: Those that do anything of interest, nested ones by their path.
        tasks: Functions that a decorator makes a task, by name.
        defers: Whether the file overrides how tasks are sent so that they wait for the commit.
        called_inside: The last parts of all names that are called inside of a transaction.
    """

    functions: tuple[FunctionActs, ...] = ()
    tasks: tuple[str, ...] = ()
    defers: bool = False
    called_inside: tuple[str, ...] = ()


#: Decorators that leave a function what it is.
_PLAIN_DECORATORS = frozenset({
    "atomic", "staticmethod", "classmethod", "override", "shared_task", "task", "wraps",
    "login_required", "permission_required", "require_POST", "require_http_methods",
    "csrf_exempt", "method_decorator", "commit_on_success", "action", "abstractmethod",
})  # fmt: skip
_TASK_DECORATORS = frozenset({
    "shared_task", "task", "periodic_task", "actor", "db_task", "db_periodic_task", "job",
})  # fmt: skip


def extract(file: File) -> EffectsFact | None:
    """Sum up the file; None where no call leaves it and no transaction is opened in it."""
    text = file.text
    matters = any(word in text for word in _MATTERS) or _TASK.search(text)
    return extract_all(file) if matters else None


def extract_all(file: File) -> EffectsFact | None:
    """The same for a file that the words of its text did not single out."""
    functions: list[FunctionActs] = []
    tasks: list[str] = []
    called: set[str] = set()
    debugs = "debug" in file.text or "DEBUG" in file.text
    for node, owner, name in _functions(file.tree.body, None, ""):
        decorators = {_last(decorator) for decorator in node.decorator_list}
        if decorators & _TASK_DECORATORS:
            tasks.append(name)
        found = _Acts(file, node, owner, debugs=debugs).collect()
        called |= found.called_inside
        if found.acts or found.blocks:
            plain = decorators <= _PLAIN_DECORATORS and not found.is_generator
            functions.append(
                FunctionActs(name, file.span(node), tuple(found.blocks), tuple(found.acts), plain)
            )
    defers = "on_commit" in file.text and _SENDING.search(file.text) is not None
    if not (functions or tasks or defers):
        return None
    return EffectsFact(tuple(functions), tuple(tasks), defers, tuple(sorted(called)))


EFFECTS = Fact("effects", EffectsFact, extract, skips=(Role.TEST, Role.MIGRATION))


def _functions(
    body: list[ast.stmt], owner: ast.ClassDef | None, prefix: str
) -> Iterator[tuple[Function, ast.ClassDef | None, str]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, owner, f"{prefix}{node.name}"
            yield from _functions(node.body, None, f"{prefix}{node.name}.")
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.If | ast.For | ast.While):
            yield from _functions(node.body, owner, prefix)
            yield from _functions(node.orelse, owner, prefix)
        elif isinstance(node, ast.With):
            yield from _functions(node.body, owner, prefix)
        elif isinstance(node, ast.Try):
            for inner in (node.body, node.orelse, node.finalbody):
                yield from _functions(inner, owner, prefix)


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


class _Acts:
    """Walks one function, without those that it defines, and keeps what it does."""

    def __init__(
        self, file: File, function: Function, owner: ast.ClassDef | None, *, debugs: bool
    ) -> None:
        self._file, self._function, self._owner = file, function, owner
        self.acts: list[Act] = []
        self.blocks: list[Block] = []
        self.called_inside: set[str] = set()
        self.is_generator = False
        self._block = -1
        self._handled = 0
        #: The conditions around the current place, and which of them are about a parameter.
        self._tests: list[ast.expr] = []
        self._asked: dict[int, bool] = {}
        self._debugs = debugs
        self._parameters = {one.arg for one in parameters_of(function.args)} - {"self", "cls"}
        #: What the function's own names surely hold: a client, a message.
        self._made: dict[str, str | None] = {}

    def collect(self) -> "_Acts":
        around = atomic_of_function(self._file, self._function, self._owner)
        if around is not None:
            self._enter(around)
        if _MAKES.search(self._file.source(self._function)):
            for statement in self._function.body:
                self._note_made(statement)
        self._visit_all(self._function.body)
        return self

    def _enter(self, atomic: Atomic) -> None:
        opening = atomic.opening
        inside = atomic.scope if atomic.how == "with" else self._function
        text = self._file.source(inside)
        self.blocks.append(
            Block(
                self._file.span(inside),
                self._file.span(opening),
                atomic.how,
                WRITES.search(text) is not None,
                _LOCKS.search(text) is not None,
            )
        )
        self._block = len(self.blocks) - 1

    def _note_made(self, statement: ast.stmt) -> None:
        for node in walked(statement):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, value = node.targets[0], node.value
                if isinstance(target, ast.Name):
                    made = self._kind_of_object(value)
                    known = self._made.setdefault(target.id, made)
                    if known != made:
                        self._made[target.id] = None
            elif isinstance(node, ast.With):
                for item in node.items:
                    if isinstance(item.optional_vars, ast.Name):
                        made = self._kind_of_object(item.context_expr)
                        self._made.setdefault(item.optional_vars.id, made)

    def _kind_of_object(self, value: ast.expr) -> str | None:
        if not isinstance(value, ast.Call):
            return None
        name = self._file.qualified(value.func) or ""
        if name in MAKERS:
            return MAKERS[name]
        return "mail" if name in MAIL_CLASSES else None

    # The walk.

    def _visit_all(self, nodes: list[ast.stmt]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit(self, node: Any) -> None:
        kind = node.__class__
        visit = _VISITS.get(kind)
        if visit is not None:
            visit(self, node)
            return
        for name in _PARTS[kind]:
            part = getattr(node, name)
            if part.__class__ is list:
                for item in part:
                    if item.__class__ in _WALKED:
                        self._visit(item)
            elif part.__class__ in _WALKED:
                self._visit(part)

    def visit_call(self, node: ast.Call) -> None:
        self._note_call(node)
        for part in (node.func, *node.args, *[word.value for word in node.keywords]):
            if part.__class__ in _WALKED:
                self._visit(part)

    def visit_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self.is_generator = True
        if node.value is not None:
            self._visit(node.value)

    def visit_if(self, node: ast.If) -> None:
        self._visit(node.test)
        self._tests.append(node.test)
        self._handled += (debugging := self._is_for_debugging(node.test))
        self._visit_all(node.body)
        self._handled -= debugging
        self._visit_all(node.orelse)
        self._tests.pop()

    def visit_handler(self, node: ast.ExceptHandler) -> None:
        self._handled += 1
        self._visit_all(node.body)
        self._handled -= 1

    def visit_nothing(self, node: ast.AST) -> None:
        """A function is not run where it is defined."""

    def visit_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._visit(item.context_expr)
        before = self._block
        atomic = atomic_of_with(self._file, node)
        if atomic is not None:
            self._enter(atomic)
        self._visit_all(node.body)
        self._block = before

    def _asks_parameters(self) -> bool:
        """Whether a condition around the current place is about a parameter."""
        for test in self._tests:
            key = id(test)
            if key not in self._asked:
                self._asked[key] = any(
                    isinstance(node, ast.Name) and node.id in self._parameters
                    for node in walked(test)
                )
            if self._asked[key]:
                return True
        return False

    def _is_for_debugging(self, test: ast.expr) -> bool:
        return self._debugs and "debug" in self._file.source(test).lower()

    # Calls.

    def _note_call(self, call: ast.Call) -> None:
        if self._block >= 0:
            self.called_inside.add(_last(call))
        found = self._classify(call)
        if found is not None:
            kind, name = found
            words = {word.arg for word in call.keywords}
            self.acts.append(
                Act(
                    self._file.span(call),
                    kind,
                    name,
                    self._block,
                    self._handled > 0,
                    self._asks_parameters(),
                    bool(words & {"countdown", "eta", "delay", "schedule"}),
                )
            )

    def _classify(self, call: ast.Call) -> tuple[str, str] | None:
        function = call.func
        name = self._file.qualified(function)
        if name is not None and name in CALLS:
            return CALLS[name], name
        if isinstance(function, ast.Attribute):
            found = self._method(function, name)
            if found is not None:
                return found
        if name is not None:
            first = name.partition(".")[0]
            return ("call", name) if first not in _OUTSIDE else None
        return self._own(function)

    def _method(self, function: ast.Attribute, name: str | None) -> tuple[str, str] | None:
        receiver, method = function.value, function.attr
        if method in TASK_METHODS:
            written = self._file.qualified(receiver) or _written(receiver)
            return ("task", f"{written}.{method}") if written else None
        if method in SEND_METHODS:
            return SEND_METHODS[method], f"{_written(receiver) or '…'}.{method}"
        kind = None
        if isinstance(receiver, ast.Name) and name is None:
            kind = self._made.get(receiver.id)
        elif isinstance(receiver, ast.Call):
            kind = self._kind_of_object(receiver)
        if kind is not None and method in METHODS[kind]:
            return ("mail" if kind == "mail" else "network"), f"{_written(receiver)}.{method}"
        return None

    def _own(self, function: ast.expr) -> tuple[str, str] | None:
        """A function of the file, or a method of the class itself."""
        match function:
            case ast.Name(id) if not (
                id in self._parameters or id in self._made or id in _BUILT_IN
            ):
                return "call", id
            case ast.Attribute(ast.Name("self" | "cls"), method) if self._owner is not None:
                return "call", f"{self._owner.name}.{method}"
            case ast.Attribute(ast.Call(ast.Name("super")), method) if self._owner is not None:
                return None
            case ast.Attribute(ast.Name(id), method) if id[:1].isupper():
                return "call", f"{id}.{method}"
        return None


_VISITS: dict[type, Callable[[_Acts, Any], None]] = {
    ast.Call: _Acts.visit_call,
    ast.If: _Acts.visit_if,
    ast.With: _Acts.visit_with,
    ast.AsyncWith: _Acts.visit_with,
    ast.ExceptHandler: _Acts.visit_handler,
    ast.Yield: _Acts.visit_yield,
    ast.YieldFrom: _Acts.visit_yield,
    ast.FunctionDef: _Acts.visit_nothing,
    ast.AsyncFunctionDef: _Acts.visit_nothing,
    ast.ClassDef: _Acts.visit_nothing,
    ast.Lambda: _Acts.visit_nothing,
}
_BARREN = frozenset({"ctx", "op", "ops", "returns", "annotation", "type_params", "type_comment"})
#: The fields of each node that hold other nodes, and the nodes that have such fields.
_PARTS: dict[type, tuple[str, ...]] = {
    kind: tuple(name for name in kind._fields if name not in _BARREN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_WALKED = frozenset(
    kind
    for kind, parts in _PARTS.items()
    if parts and kind not in {ast.Name, ast.Constant, ast.Pass, ast.Global, ast.Nonlocal, ast.alias}
)
#: Names whose calls lead nowhere.
_BUILT_IN = frozenset(vars(builtins)) | {"_", "super"}
#: Packages whose functions are surely none of the project's.
_OUTSIDE = frozenset({
    "django", "rest_framework", "datetime", "json", "logging", "re", "os", "collections", "uuid",
    "decimal", "functools", "itertools", "math", "random", "hashlib", "time", "typing", "copy",
})  # fmt: skip


def _written(node: ast.expr) -> str:
    """The dotted name of an expression, as written; without the arguments of calls."""
    match node:
        case ast.Name(id):
            return id
        case ast.Attribute(value, attr):
            inner = _written(value)
            return f"{inner}.{attr}" if inner else ""
        case ast.Call(function):
            inner = _written(function)
            return f"{inner}()" if inner else ""
    return ""
