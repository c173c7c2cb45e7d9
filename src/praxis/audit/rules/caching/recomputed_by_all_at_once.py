"""
Flag a costly result that every process computes anew in the moment its cache key expires.

## Why

While one request works the value out, all others miss the key, too, and start the same work: the
slowest query of the site runs fifty times at once, just when it is slow already. Each of them is
slower for the others, so that still more requests miss. The site that was saved by its cache goes
down every time the key expires. `get_or_set` of Django does the same: it holds no lock.

## Bad

```python
from django.core.cache import cache
from django.db.models import Sum

from orders.models import Order


def revenue():
    total = cache.get("revenue")
    if total is None:
        total = Order.objects.aggregate(total=Sum("amount"))["total"]
        cache.set("revenue", total, 60)
    return total
```

## Good

```python
from django.core.cache import cache
from django.db.models import Sum

from orders.models import Order


def revenue():
    total = cache.get("revenue")
    if total is None:
        total = cache.get("revenue:last")
        if cache.add("revenue:lock", 1, 30) or total is None:
            total = Order.objects.aggregate(total=Sum("amount"))["total"]
            cache.set("revenue", total, 60)
            cache.set("revenue:last", total, None)
    return total
```

## Fix

No fix is made. Either a task computes the value before it expires, or one process does while the
others wait or show the last value, as above.

## Misses

Costs that lie in functions of other files; keys that are not the same for all, which are asked for
less often; keys that last for more than an hour, or for ever.

## When to ignore it

Where hardly anybody asks for it at the same time, or the work takes a few milliseconds.

## Source

https://docs.djangoproject.com/en/stable/topics/cache/#django.core.caches.cache.get_or_set,
https://en.wikipedia.org/wiki/Cache_stampede
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, File, Finding, Severity, Step, rule
from praxis.audit.facts.caching.derivation import is_query
from praxis.audit.facts.caching.keys import Keys, is_constant
from praxis.audit.facts.caching.objects import Function, is_cache
from praxis.audit.facts.sources import Role

MESSAGE = (
    "When {key!r} expires, every request that comes computes it again at the same time. Let one do "
    "so, and give the others the last value."
)
_LONGEST_S = 3600
_AGGREGATES = frozenset({"aggregate", "annotate", "raw", "execute"})
_QUIET = (Role.TEST, Role.MIGRATION, Role.TASK, Role.COMMAND, Role.SCRIPT)


@rule(
    code="CACHE108",
    visits=ast.Call,
    callees={"set", "get_or_set"},
    skips=_QUIET,
    severity=Severity.NOTE,
)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    function = file.function()
    if function is None or not isinstance(node.func, ast.Attribute) or len(node.args) < 2:
        return
    if not is_cache(file, node.func.value, function):
        return
    owner = next((one for one in file.ancestors() if isinstance(one, ast.ClassDef)), None)
    key = Keys(file, function, owner).shape(node.args[0])
    if not is_constant(key) or not key or not _expires_soon(node) or _is_locked(file, function):
        return
    asking: ast.AST = node
    computing: ast.AST = node.args[1]
    if node.func.attr == "set":
        missed = _branch_of_miss(file)
        if missed is None:
            return
        asking, computing = missed
    costly = _costly(file, computing, 1)
    if costly is None:
        return
    yield Finding(
        file.place(asking),
        MESSAGE.format(key=key[0]),
        steps=(Step(file.place(costly), "takes long on a large table"),),
        confidence=Confidence.LIKELY,
    )


def _expires_soon(call: ast.Call) -> bool:
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    timeout = call.args[2] if len(call.args) > 2 else options.get("timeout")
    if timeout is None:
        return True  # Django's default is five minutes
    seconds = _number(timeout)
    return seconds is not None and 0 < seconds <= _LONGEST_S


def _number(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            one, other = _number(left), _number(right)
            return None if one is None or other is None else one * other
    return None


def _is_locked(file: File, function: Function) -> bool:
    source = file.source(function).lower()
    return "lock" in source or ".add(" in source or "mutex" in source


def _branch_of_miss(file: File) -> tuple[ast.Call, ast.If] | None:
    """The call that asks the cache, and the ``if value is None:`` around the visited one."""
    for around in file.ancestors():
        if isinstance(around, Function | ast.Lambda):
            return None
        if isinstance(around, ast.If):
            name = _missed(around.test)
            asking = _was_got(file, name) if name else None
            if asking is not None:
                return asking, around
    return None


def _missed(test: ast.expr) -> str:
    match test:
        case ast.Compare(
            left=ast.Name(name), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(None)]
        ):
            return name
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(name)):
            return name
    return ""


def _was_got(file: File, name: str) -> ast.Call | None:
    """The call by which *name* was got from the cache."""
    function = file.function()
    for node in ast.walk(function) if function is not None else ():
        match node:
            case ast.Assign(
                targets=[ast.Name(target)],
                value=ast.Call(func=ast.Attribute(value=held, attr="get")) as asking,
            ):
                if target == name and is_cache(file, held, function):
                    return asking
    return None


def _costly(file: File, root: ast.AST, depth: int) -> ast.AST | None:
    """What takes long in *root*, or in a function of the same file that it names."""
    for node in ast.walk(root):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
                if method in _AGGREGATES and _reads_rows(file, receiver, method):
                    return node
            case ast.Name(name) if depth:
                for statement in file.tree.body:
                    if isinstance(statement, Function) and statement.name == name:
                        found = _costly(file, statement, depth - 1)
                        if found is not None:
                            return found
    return None


def _reads_rows(file: File, receiver: ast.expr, method: str) -> bool:
    if method == "execute":
        return "cursor" in file.source(receiver)
    return any(is_query(node) for node in ast.walk(receiver))
