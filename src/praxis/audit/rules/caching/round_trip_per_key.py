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
from collections.abc import Iterator

from praxis.audit import Edit, File, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.facts.caching.objects import is_cache, is_redis_client
from praxis.audit.facts.caching.repeated_commands import (
    CLIENT_METHODS,
    Loop,
    can_be_joined,
    iterated,
    loop_around,
    was_told,
)
from praxis.audit.facts.caching.servers import is_in_process
from praxis.audit.facts.sources import Role
from praxis.audit.file import has_comment

MESSAGE = "A round trip to the cache for every round of the loop. {cure}"
_CURES = {
    "get": "Fetch all keys at once by get_many().",
    "set": "Store all at once by set_many().",
    "delete": "Remove all at once by delete_many().",
}
_CLIENT_CURE = "Send the commands together by pipeline(), or by a command for many keys."


def _stays_in_process(project: Project, finding: Finding) -> bool:
    """Whether there is no server to go to."""
    return _CLIENT_CURE not in finding.message and project.derive(is_in_process)


@rule(
    code="CACHE115",
    visits=ast.Call,
    callees=CLIENT_METHODS,
    skips=(Role.TEST, Role.MIGRATION, Role.COMMAND, Role.SCRIPT),
    unless=_stays_in_process,
)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute) or not node.args:
        return
    method, receiver = node.func.attr, node.func.value
    around = loop_around(file, node)
    if around is None:
        return
    if method in _CURES and is_cache(file, receiver, file.function()):
        cure = _CURES[method]
    elif is_redis_client(file, receiver, file.function()):
        cure = _CLIENT_CURE
    else:
        return
    if not can_be_joined(file, around, node, method) or was_told(file, around, node):
        return
    fix = _fix(file, around, node) if method == "delete" and cure is _CURES["delete"] else None
    step = Step(file.place(iterated(around)), "the loop runs over this")
    yield Finding(file.place(node), MESSAGE.format(cure=cure), fix, (step,))


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
