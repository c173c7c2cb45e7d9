"""Commands to a cache that a loop sends one by one, and whether they could be sent together."""

import ast
import re

from praxis.audit.facts.caching.derivation import Derivation
from praxis.audit.facts.caching.objects import Function, bindings
from praxis.audit.file import File

CLIENT_METHODS = frozenset({
    "get", "set", "setex", "delete", "hget", "hset", "hgetall", "exists", "incr", "expire", "sadd",
    "zadd", "ttl", "smembers", "llen", "scard", "zscore",
})  # fmt: skip
#: Fewer keys than this are not worth another way of writing.
FEW_KEYS = 4
_SLOW = frozenset({
    "save", "create", "bulk_create", "get_or_create", "update_or_create", "update", "send",
    "send_mail", "delay", "apply_async", "post", "put", "patch", "request", "urlopen", "execute",
    "sleep", "commit", "call_command", "first", "count", "exists", "filter", "aggregate",
})  # fmt: skip

Loop = ast.For | ast.AsyncFor | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def loop_around(file: File, node: ast.Call) -> Loop | None:
    """The innermost loop of the same function that runs the call once a round."""
    inner: ast.AST = node
    for around in file.ancestors():
        if isinstance(around, Function | ast.Lambda | ast.ClassDef | ast.While):
            return None
        if isinstance(around, ast.Try | ast.TryStar):
            return None  # what goes wrong with one key shall not touch the others
        if isinstance(around, ast.For | ast.AsyncFor):
            return around if inner in around.body else None
        if isinstance(around, ast.comprehension):
            if inner is around.iter:
                return None
        elif isinstance(around, Loop):
            return around
        inner = around
    return None


def was_told(file: File, loop: Loop, call: ast.Call) -> bool:
    """Whether an earlier command of the same loop stands for this one, too."""
    receiver = file.source(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLIENT_METHODS
        and (node.lineno, node.col_offset) < (call.lineno, call.col_offset)
        and file.source(node.func.value) == receiver
        for node in ast.walk(loop)
    )


def iterated(loop: Loop) -> ast.expr:
    """What the loop runs over."""
    return loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else loop.generators[0].iter


def can_be_joined(file: File, loop: Loop, call: ast.Call, method: str) -> bool:
    """Whether all keys are known before the first command, and every round comes to it."""
    items = _meant(file, iterated(loop))
    if _are_few(items) or _FEW.search(file.source(iterated(loop)).lower()):
        return False
    if isinstance(loop, ast.For | ast.AsyncFor):
        body: list[ast.AST] = list(loop.body)
        if _leaves_early(loop):
            return False
    else:
        body = [loop]
        if isinstance(loop, ast.GeneratorExp) and _stops_early(file, loop):
            return False
    targets = _targets(loop)
    keys = _Round(body, targets, call)
    if not keys.depends_on_loop(call.args[0]):
        return False
    if keys.depends_on_cache(call.args[0]):
        return False
    if method == "set" and not _stores_what_is_there(body, call, keys):
        return False
    if any(_acts(statement, call) for statement in body):
        return False
    return method == "get" or not _is_slow(body, call)


def _meant(file: File, items: ast.expr) -> ast.expr:
    """The literal behind a name of the function, or a constant of the module."""
    function = file.function()
    match items:
        case ast.Name(name):
            held = list(bindings(function, name)) if function is not None else []
            if len(held) == 1 and held[0] is not None:
                return held[0]
            for statement in file.tree.body:
                match statement:
                    case ast.Assign(targets=[ast.Name(target)], value=value) if target == name:
                        return value
    return items


def _are_few(items: ast.expr) -> bool:
    """Whether the literal has few items; an empty one is there to be filled."""
    match items:
        case ast.List(elts=held) | ast.Tuple(elts=held) | ast.Set(elts=held):
            return 0 < len(held) < FEW_KEYS
        case ast.Dict(keys=keys):
            return 0 < len(keys) < FEW_KEYS
        case ast.Call(func=ast.Name("range"), args=[ast.Constant(value=int() as end)]):
            return end < FEW_KEYS
    return False


#: What sites have a handful of.
_FEW = re.compile(r"lang|locale|alias|suffix|prefix")


class _Round:
    """What the names of one round are made of."""

    def __init__(self, body: list[ast.AST], targets: frozenset[str], call: ast.Call) -> None:
        block = ast.Module(body=body, type_ignores=[])  # type: ignore[arg-type]
        receiver = ast.dump(call.func.value) if isinstance(call.func, ast.Attribute) else ""

        def asks(node: ast.AST) -> bool:
            return (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and ast.dump(node.func.value) == receiver
            )

        self._of_loop = Derivation(block, lambda _: False, targets)
        self._of_cache = Derivation(block, asks)

    def depends_on_loop(self, node: ast.expr) -> bool:
        return self._of_loop.holds(node)

    def depends_on_cache(self, node: ast.expr) -> bool:
        return self._of_cache.holds(node)


def _targets(loop: Loop) -> frozenset[str]:
    targets = (
        [loop.target]
        if isinstance(loop, ast.For | ast.AsyncFor)
        else [clause.target for clause in loop.generators]
    )
    return frozenset(
        node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)
    )


def _leaves_early(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether a round may be the last one: the keys behind it would be fetched for nothing."""
    stack: list[ast.AST] = list(loop.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Break | ast.Return | ast.Yield | ast.YieldFrom | ast.Await):
            return True
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(node)
    return False


def _stops_early(file: File, loop: ast.GeneratorExp) -> bool:
    around = list(file.ancestors())
    position = around.index(loop)
    outer = around[position + 1] if position + 1 < len(around) else None
    return isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id in {
        "any", "all", "next",
    }  # fmt: skip


def _acts(statement: ast.AST, call: ast.Call) -> bool:
    """Whether every round does something else, which may well take longer than the command."""
    match statement:
        case ast.Expr(value=ast.Call(func=func) as done) if done is not call:
            receiver = getattr(func, "value", None)
            same = getattr(call.func, "value", None)
            if receiver is not None and same is not None and ast.dump(receiver) == ast.dump(same):
                return False
            return (getattr(func, "attr", None) or getattr(func, "id", "")) not in _CHEAP
    return False


def _stores_what_is_there(body: list[ast.AST], call: ast.Call, keys: "_Round") -> bool:
    """
    Whether the values are at hand, and all are stored for the same time.

    What is worked out at some length is better stored at once than lost with all others.
    """
    limits = [*call.args[2:], *(keyword.value for keyword in call.keywords)]
    if any(keys.depends_on_loop(limit) for limit in limits):
        return False
    in_key = set(map(id, ast.walk(call.args[0])))
    return all(
        node is call
        or id(node) in in_key
        or (getattr(node.func, "attr", None) or getattr(node.func, "id", "")) in _CHEAP
        for part in body
        for node in ast.walk(part)
        if isinstance(node, ast.Call)
    )


_CHEAP = frozenset({
    "str", "int", "float", "bool", "len", "dict", "list", "tuple", "set", "format", "join", "get",
    "items", "values", "keys", "append", "lower", "upper", "strip", "isoformat", "max", "min",
    "round", "print", "isinstance", "range", "enumerate", "zip", "debug", "info",
})  # fmt: skip


def _is_slow(body: list[ast.AST], call: ast.Call) -> bool:
    """Whether a round does what takes longer than the command: then each is best done at once."""
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and node is not call:
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                if name in _SLOW:
                    return True
    return False
