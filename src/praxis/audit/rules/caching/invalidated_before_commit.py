"""
Flag cache keys that are removed inside a transaction, so before others can see the change.

## Why

Between the removal and the commit every other process still reads the old rows. One that misses
the key in that moment stores the old value again, and it stays until it expires: for hours, or for
ever. If the transaction is rolled back, the key was removed for nothing. `transaction.on_commit`
runs the removal when the new rows are there for all.

`delete()` of a model and the methods of many-to-many managers open a transaction of their own and
send `post_delete` and `m2m_changed` inside it.

## Bad

```python
from django.core.cache import cache
from django.db import transaction

from shop.models import Price


def set_price(product, amount):
    with transaction.atomic():
        Price.objects.filter(product=product).update(amount=amount)
        cache.delete("price-list")
```

```python
from django.core.cache import cache
from django.db.models.signals import post_delete
from django.dispatch import receiver

from shop.models import Price


@receiver(post_delete, sender=Price)
def forget_prices(instance, **kwargs):
    cache.delete("price-list")
```

## Good

```python
from django.core.cache import cache
from django.db import transaction

from shop.models import Price


def set_price(product, amount):
    with transaction.atomic():
        Price.objects.filter(product=product).update(amount=amount)
        transaction.on_commit(lambda: cache.delete("price-list"))
```

## Fix

Wraps the call in `transaction.on_commit`. Unsafe: whoever reads the cache later in the same
transaction finds the old value, and a test that derives from `TestCase` never commits: it needs
`captureOnCommitCallbacks(execute=True)`. A key that is worked out is so at once, by `partial`,
since names may hold something else later, and a deleted row has no key any more.

## Misses

Transactions that a caller or `ATOMIC_REQUESTS` opens; functions that remove keys and are called
inside a block; receivers that are connected by `connect()`; new values stored inside the block.

## When to ignore it

Where what the key holds does not come from the database: locks and counters, for instance.

## Source

https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit
"""

import ast
from collections.abc import Iterator

from praxis.audit import File, Finding, Fix, Step, rule
from praxis.audit.editing.on_commit import call_at_commit
from praxis.audit.facts.caching.objects import Function, is_cache
from praxis.audit.facts.transactions.atomic import atomic_around, signal_around

IN_BLOCK = (
    "The key is removed before the transaction commits: another process may store the old value "
    "again. Remove it by transaction.on_commit()."
)
IN_SIGNAL = (
    "{signal} is sent before the transaction commits: another process may store the old value "
    "again. Remove the key by transaction.on_commit()."
)
_REMOVES = frozenset({"delete", "delete_many", "delete_pattern", "clear", "incr_version"})
_WRITES = frozenset({
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create",
    "update_or_create", "add", "remove", "set", "execute", "asave",
})  # fmt: skip
#: What is no copy of rows: it has to go at once, whether or not the transaction succeeds.
_NO_COPY = ("lock", "throttle", "attempt", "running", "token", "progress", "rate_limit", "session")


@rule(code="CACHE107", visits=ast.Call, callees=_REMOVES)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    if receiver is None or not is_cache(file, receiver, file.function()):
        return
    if any(word in file.source(node).lower() for word in _NO_COPY):
        return
    block = atomic_around(file, node)
    if block is not None and block.how in {"with", "decorator"}:
        if not _writes(file, block.scope):
            return
        message, step = IN_BLOCK, Step(file.place(block.opening), "opens the transaction")
    else:
        signal = signal_around(file)
        if signal is None:
            return
        message = IN_SIGNAL.format(signal=signal[0])
        step = Step(file.place(signal[1]), "is called inside the transaction of the deletion")
        if signal[0] == "m2m_changed":
            step = Step(file.place(signal[1]), "is called inside the transaction of the change")
    yield Finding(file.place(node), message, _fix(file, node), (step,))


def _writes(file: File, scope: ast.AST) -> bool:
    """Whether the block, or the decorated function, writes rows by itself."""
    return not isinstance(scope, ast.ClassDef) and any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr in _WRITES
        and not is_cache(file, inner.func.value, file.function())
        for inner in ast.walk(scope)
    )


def _is_watched(file: File) -> bool:
    """Whether errors of the call are caught around it: they would not be, once it is put off."""
    for around in file.ancestors():
        if isinstance(around, Function | ast.Lambda):
            return False
        if isinstance(around, ast.Try | ast.TryStar):
            return True
        if isinstance(around, ast.With) and any(
            "suppress" in file.source(item.context_expr) for item in around.items
        ):
            return True
    return False


def _fix(file: File, node: ast.Call) -> Fix | None:
    """The statement, run when the transaction has committed."""
    if not isinstance(file.parent, ast.Expr) or _is_watched(file):
        return None
    given = (*node.args, *(keyword.value for keyword in node.keywords))
    stays = all(isinstance(argument, ast.Constant) for argument in given)
    title = "Remove the key when the transaction has committed"
    return call_at_commit(file, node, title, stays=stays)
