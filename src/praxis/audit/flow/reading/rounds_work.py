"""What a round of a loop does besides asking: whether its query can be taken out of the loop."""

import re

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places, names_in, nodes
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask, Loop
from praxis.audit.flow.interpreter.values import UNKNOWN, ModelClass
from praxis.audit.flow.reading.disturbances import may_change_rows

_SAVES = frozenset({"save", "asave"})
_CREATES = frozenset({
    "create", "acreate", "get_or_create", "aget_or_create", "update_or_create",
    "aupdate_or_create", "bulk_create", "abulk_create", "delete", "adelete",
})  # fmt: skip
#: Other names of functions that make, remove or send something.
_WORK = re.compile(
    r"send|mail|notif|delete|remove|generate|process|import|export|sync|upload|download|request"
    r"|post|commit|install|run|exec|delay|apply|migrate|copy|clone|publish|refund|charge|create"
    r"|save|update|write_|merge|handle|perform|call|trigger|schedule|cancel|clear|clean|set_|add_"
    r"|make|register|claim|issue|deduct|assign|approve|reject|close|open|move|restore|archive|build|load|store"
)


def names_of_round(source: ir.For | ir.Comp, targets: tuple[ir.Expr, ...]) -> set[str]:
    """The names that hold what the round is about, or what is made of it."""
    found = names_in(targets)
    if isinstance(source, ir.For):
        for _ in range(3):  # what is made of it, and of that
            before = len(found)
            for node in nodes(source.body):
                if isinstance(node, ir.Assign) and node.value is not None:
                    if names_in(node.value) & found:
                        found |= names_in(node.targets)
                elif isinstance(node, ir.For) and names_in(node.iterable) & found:
                    found |= names_in(node.target)
            if len(found) == before:
                break
    return found


def changes_same(frame: Frame, ask: Ask, loop: Loop, answer: set[str], walked: Key | None) -> bool:
    """
    Whether a round makes or changes rows of the model: the next one has to ask anew.

    *walked* is what the loop's own rows are of, where it goes over rows.
    """
    model = ask.queryset.model
    if any(
        other.how == "write"
        and other.queryset.model == model
        and loop.start <= other.node.start < loop.end
        for other in frame.asks
    ):
        return True
    known = {(other.node.start, other.node.end) for other in frame.asks}
    for node in nodes(loop.source):
        if not isinstance(node, ir.Call) or not isinstance(node.function, ir.Attr):
            continue
        receiver, name = node.function.value, node.function.attr
        if name in _CREATES and (node.start, node.end) not in known:
            return True  # of whatever model
        own = isinstance(receiver, ir.Name) and receiver.id in answer
        if name in _SAVES and not own and not _holds_row_of_another(frame, receiver, loop):
            return True
        if name in _SAVES and walked == model and _is_target(receiver, loop):
            return True
    return False


def _holds_row_of_another(frame: Frame, receiver: ir.Expr, loop: Loop) -> bool:
    """Whether the name holds the loop's row, or one that is made of a known model."""
    if not isinstance(receiver, ir.Name) or loop.source is None:
        return False
    if _is_target(receiver, loop):
        return True
    for node in nodes(loop.source):
        if (
            isinstance(node, ir.Assign)
            and isinstance(node.value, ir.Call)
            and isinstance(node.value.function, ir.Name)
            and any(
                isinstance(target, ir.Name) and target.id == receiver.id for target in node.targets
            )
        ):
            value = frame.look_up(node.value.function.id)
            return value is not UNKNOWN and isinstance(value, ModelClass)
    return False


def _is_target(receiver: ir.Expr, loop: Loop) -> bool:
    """Whether it is the name that a ``for`` loop gives its rows."""
    source = loop.source
    named = isinstance(receiver, ir.Name) and isinstance(source, ir.For)
    return named and receiver.id in names_in(source.target)  # type: ignore[union-attr]  # both are


def works_on(frame: Frame, source: ir.For | ir.Comp, answer: set[str]) -> bool:
    """Whether a round does work of which nothing is known, or hands the answer to it."""
    known = {(ask.node.start, ask.node.end) for ask in frame.asks}
    answer = made_of(source, answer)
    for node in nodes(source):
        if isinstance(node, ir.Call) and _is_remote(node.function):
            return True
        if isinstance(node, ir.Evaluate):
            call = node.value.value if isinstance(node.value, ir.Await) else node.value
            if isinstance(call, ir.Call) and may_change_rows(call):
                handed = isinstance(call.function, ir.Attr) and names_in(call.function.value)
                given = names_in(call.args) | (handed or set())
                if _is_work(call, known) or (
                    answer & given and _name_of(call) not in _SAVES | {"add"}
                ):
                    return True
        elif isinstance(node, ir.Call) and may_change_rows(node) and _is_work(node, known):
            return True
    return False


def does_work(body: tuple[ir.Stmt, ...], but: ir.Call) -> bool:
    """Whether a statement of the block, except for *but*, is a call that does work of its own."""
    return any(
        isinstance(node, ir.Evaluate)
        and isinstance(node.value, ir.Call)
        and node.value is not but
        and may_change_rows(node.value)
        and _is_work(node.value, set())
        for node in nodes(body)
    )


def made_of(source: ir.For | ir.Comp, names: set[str]) -> set[str]:
    """The names, and those of what is made with them in the round: ``move = Move(item=item)``."""
    found = set(names)
    for node in nodes(source):
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call):
            given = (*node.value.args, *(value for _, value in node.value.keywords))
            if names_in(given) & found:
                found |= names_in(node.targets)
    return found


def _is_remote(function: ir.Expr) -> bool:
    """Whether another system is asked: ``esi.client.Universe.get_names(…)``."""
    node = function.value if isinstance(function, ir.Attr) else None
    while isinstance(node, ir.Attr):
        if _REMOTE.search(node.attr.lower()):
            return True
        node = node.value
    return isinstance(node, ir.Name) and bool(_REMOTE.search(node.id.lower()))


#: Names of what speaks with another system.
_REMOTE = re.compile(r"(?:^|_)(?:client|requests|http|httpx)$")


def _is_work(call: ir.Call, known: set[tuple[int, int]]) -> bool:
    name = _name_of(call)
    return (call.start, call.end) not in known and name not in _SAVES and bool(_WORK.search(name))


def makes_missing(places: Places, node: ir.Expr) -> bool:
    """Whether what is not found is made then: ``except Order.DoesNotExist: …``."""
    for outer, inner in places.around(node):
        if isinstance(outer, ir.Try) and not isinstance(inner, ir.Handler):
            return any(
                isinstance(part, ir.Call) and may_change_rows(part)
                for handler in outer.handlers
                for part in nodes(handler.body)
                if not isinstance(part, ir.Raise)
            )
        if isinstance(outer, ir.For | ir.While):
            return False
    return False


def _name_of(call: ir.Call) -> str:
    function = call.function
    name = function.attr if isinstance(function, ir.Attr) else ""
    return (function.id if isinstance(function, ir.Name) else name).lower()


def is_kept(places: Places, node: ir.Expr, source: ir.For | ir.Comp) -> bool:
    """Whether the answer is kept for later rounds: ``known[key] = …`` under a condition."""
    statement = places.statement(node)
    if not isinstance(statement, ir.Assign):
        return False
    conditional = False
    for outer, _ in places.around(statement):
        if outer is source:
            break
        conditional = conditional or isinstance(outer, ir.If | ir.Try)
    if not conditional:
        return False
    names = names_in(statement.targets)
    return any(
        isinstance(inner, ir.Assign)
        and any(isinstance(target, ir.Item) for target in inner.targets)
        and (inner is statement or bool(inner.value and names & names_in(inner.value)))
        for inner in nodes(source)
    )
