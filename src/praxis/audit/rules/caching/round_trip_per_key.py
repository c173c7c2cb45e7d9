"""
Flag a loop that sends one command per key to the cache.

## Why

Each `get`, `set` or `delete` is a round trip to the cache's server, a tenth of a millisecond next
door and a millisecond in another zone: a hundred keys cost more than most queries. `get_many`,
`set_many` and `delete_many` send all keys at once, and so does a pipeline of a Redis client.

## Bad

```python
from django.core.cache import cache


def rates(codes):
    known = {}
    for code in codes:
        known[code] = cache.get(f"rate:{code}")
    return known
```

```python
from django_redis import get_redis_connection


def counts(pages):
    client = get_redis_connection()
    return [client.get(f"views:{page}") for page in pages]
```

## Good

```python
from django.core.cache import cache


def rates(codes):
    found = cache.get_many([f"rate:{code}" for code in codes])
    return {code: found.get(f"rate:{code}") for code in codes}
```

```python
from django_redis import get_redis_connection


def counts(pages):
    client = get_redis_connection()
    return client.mget([f"views:{page}" for page in pages])
```

## Fix

A loop that does nothing but delete keys becomes one `delete_many`. Unsafe: all keys are worked out
before the first one is removed. The others change what the loop does with the values; that is left
to you.

## Misses

Management commands, where nobody waits. Caches and clients that are kept on `self` or come as a
parameter; loops that do something else in each round; loops in one function around a
call of another that asks the cache; loops that are left early, that store what took long to get,
or whose key depends on what was found before.

## When to ignore it

Where there are never more than a few keys.

## Source

https://docs.djangoproject.com/en/stable/topics/cache/#django.core.caches.cache.get_many
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit import Edit, File, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.cache_objects import Function, bindings, is_cache, is_redis_client
from praxis.audit.facts.cache_servers import is_in_process
from praxis.audit.facts.derivation import Derivation
from praxis.audit.facts.sources import Role
from praxis.audit.file import has_comment

MESSAGE = "A round trip to the cache for every round of the loop. {cure}"
_CURES = {
    "get": "Fetch all keys at once by get_many().",
    "set": "Store all at once by set_many().",
    "delete": "Remove all at once by delete_many().",
}
_CLIENT_CURE = "Send the commands together by pipeline(), or by a command for many keys."
_CLIENT_METHODS = frozenset({
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


def _stays_in_process(project: Project, finding: Finding) -> bool:
    """Whether there is no server to go to."""
    return _CLIENT_CURE not in finding.message and project.derive(is_in_process)


@rule(
    code="CACHE115",
    visits=ast.Call,
    callees=_CLIENT_METHODS,
    skips=(Role.TEST, Role.MIGRATION, Role.COMMAND, Role.SCRIPT),
    unless=_stays_in_process,
)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute) or not node.args:
        return
    method, receiver = node.func.attr, node.func.value
    around = _loop_around(file, node)
    if around is None:
        return
    if method in _CURES and is_cache(file, receiver, file.function()):
        cure = _CURES[method]
    elif is_redis_client(file, receiver, file.function()):
        cure = _CLIENT_CURE
    else:
        return
    if not _can_be_joined(file, around, node, method) or _was_told(file, around, node):
        return
    fix = _fix(file, around, node) if method == "delete" and cure is _CURES["delete"] else None
    step = Step(file.place(_iterated(around)), "the loop runs over this")
    yield Finding(file.place(node), MESSAGE.format(cure=cure), fix, (step,))


def _loop_around(file: File, node: ast.Call) -> Loop | None:
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


def _was_told(file: File, loop: Loop, call: ast.Call) -> bool:
    """Whether an earlier command of the same loop stands for this one, too."""
    receiver = file.source(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _CLIENT_METHODS
        and (node.lineno, node.col_offset) < (call.lineno, call.col_offset)
        and file.source(node.func.value) == receiver
        for node in ast.walk(loop)
    )


def _iterated(loop: Loop) -> ast.expr:
    return loop.iter if isinstance(loop, ast.For | ast.AsyncFor) else loop.generators[0].iter


def _can_be_joined(file: File, loop: Loop, call: ast.Call, method: str) -> bool:
    """Whether all keys are known before the first command, and every round comes to it."""
    items = _meant(file, _iterated(loop))
    if _are_few(items) or _FEW.search(file.source(_iterated(loop)).lower()):
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


def _fix(file: File, loop: Loop, call: ast.Call) -> Fix | None:
    if not isinstance(loop, ast.For) or loop.orelse or len(loop.body) != 1:
        return None
    statement = loop.body[0]
    if not (isinstance(statement, ast.Expr) and statement.value is call):
        return None
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        return None
    start, end = file.span(loop)
    if has_comment(file.text[start:end]) or "\\" in file.text[start:end]:
        return None
    function = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    if "\n" in file.source(function) or "\n" in file.source(loop.target):
        return None
    key, target, items = file.source(call.args[0]), file.source(loop.target), loop.iter
    if isinstance(call.args[0], ast.NamedExpr) or isinstance(items, ast.Lambda | ast.IfExp):
        return None
    keys = f"[{key} for {target} in {_source_of_items(file, items)}]"
    edit = Edit(file.path, start, end, f"{file.source(function)}.delete_many({keys})")
    return Fix((edit,), Safety.UNSAFE, "Remove all keys at once")


def _source_of_items(file: File, items: ast.expr) -> str:
    """What the loop runs over; a tuple gets the brackets that it may be written without."""
    source = file.source(items)
    return f"({source})" if isinstance(items, ast.Tuple) and not source.startswith("(") else source
