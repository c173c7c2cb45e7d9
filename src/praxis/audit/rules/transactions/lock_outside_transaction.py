"""
Flag `select_for_update()` where no transaction is open.

## Why

A lock is held until the transaction ends. Where none is open, each statement is one of its own:
PostgreSQL, MySQL and Oracle make Django raise `TransactionManagementError` as soon as the rows
are fetched, and SQLite locks nothing at all.

## Bad

```python
# file: shop/management/commands/release.py
from django.core.management.base import BaseCommand

from shop.models import Stock


class Command(BaseCommand):
    def handle(self, *args, **options):
        for stock in Stock.objects.select_for_update().filter(quantity=0):
            stock.reserved = 0
            stock.save(update_fields=["reserved"])
```

## Good

```python
# file: shop/management/commands/release.py
from django.core.management.base import BaseCommand
from django.db import transaction

from shop.models import Stock


class Command(BaseCommand):
    @transaction.atomic
    def handle(self, *args, **options):
        for stock in Stock.objects.select_for_update().filter(quantity=0):
            stock.reserved = 0
            stock.save(update_fields=["reserved"])
```

## Fix

None: how much of the function belongs into the transaction is for you to say.

## Misses

Functions that others call, which may do so inside of a transaction: only commands, tasks and views
are looked at. Views of projects that set `ATOMIC_REQUESTS`, or whose databases are not known.
Querysets that are kept in a variable and used otherwise than in a loop or by `get()`, `first()`.

## When to ignore it

Where middleware, a decorator or a task class of your own opens the transaction.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-for-update
"""

import ast
from collections.abc import Iterator

from praxis.audit import File, Finding, Project, rule
from praxis.audit.facts.sources import Role
from praxis.audit.facts.transactions.atomic import Function, may_be_atomic
from praxis.audit.facts.transactions.atomic_requests import may_wrap_requests
from praxis.audit.findings import Confidence

MESSAGE = (
    "Locks rows where no transaction is open: Django raises TransactionManagementError as soon as "
    "they are fetched, and SQLite locks nothing. Put transaction.atomic() around what needs the "
    "lock."
)
_FETCHES = frozenset({"get", "first", "last", "earliest", "latest", "in_bulk"})
_WALKS = frozenset({"list", "tuple", "set", "sorted", "get_object_or_404", "get_list_or_404"})
_HTTP = frozenset({"get", "post", "put", "patch", "delete", "form_valid"})
_TASKS = frozenset({"shared_task", "task", "periodic_task", "db_task", "actor", "job"})


def _is_view(project: Project, finding: Finding) -> bool:
    """Whether it stands in a view that Django may run in a transaction."""
    is_view = project.role(finding.place.path) not in {Role.COMMAND, Role.TASK}
    return is_view and project.derive(may_wrap_requests)


@rule(code="ORM212", visits=ast.Call, callees={"select_for_update"}, unless=_is_view)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    function = file.function()
    if function is None or not isinstance(node.func, ast.Attribute):
        return
    if may_be_atomic(file) or not _is_entry(file, function):
        return
    if _is_fetched(file, node, function):
        yield Finding(file.place(node), MESSAGE, confidence=Confidence.LIKELY)


def _is_entry(file: File, function: Function) -> bool:
    """Whether nothing of the project stands between Django (or a worker) and the function."""
    owner = next(iter(_around(file, function)), None)
    parameters = [one.arg for one in function.args.args]
    if isinstance(owner, ast.ClassDef):
        if function.name == "handle":
            return file.role is Role.COMMAND and owner.name == "Command"
        is_view = any("View" in _last(base) for base in owner.bases)
        return is_view and function.name in _HTTP
    if not isinstance(owner, ast.Module):
        return False
    if any(_last(decorator) in _TASKS for decorator in function.decorator_list):
        return True
    return parameters[:1] == ["request"] and file.path.rpartition("/")[2].startswith("view")


def _around(file: File, function: Function) -> Iterator[ast.AST]:
    found = False
    for node in file.ancestors():
        if found:
            yield node
        found = found or node is function


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_fetched(file: File, call: ast.Call, function: Function) -> bool:
    """Whether the rows are surely fetched here, in the same function."""
    inner: ast.AST = call
    for outer in file.ancestors():
        match outer:
            case ast.Attribute(attr=method):
                if method in _FETCHES:
                    return True
            case ast.Call(func=ast.Name(name), args=[first, *_]) if first is inner:
                return name in _WALKS
            case ast.Call(func=called) if called is inner:
                pass
            case ast.For(iter=iterated):
                return iterated is inner
            case ast.comprehension(iter=iterated):
                return iterated is inner
            case ast.Assign(targets=[ast.Name(name)]):
                return _is_walked(file, function, name)
            case _:
                return False
        inner = outer
    return False


def _is_walked(file: File, function: Function, name: str) -> bool:
    """Whether the function loops over *name* itself, in no block that may be a transaction."""
    if any(
        "atomic" in file.source(item.context_expr)
        for node in ast.walk(function)
        if isinstance(node, ast.With)
        for item in node.items
    ):
        return False
    return any(
        isinstance(node, ast.For) and isinstance(node.iter, ast.Name) and node.iter.id == name
        for node in ast.walk(function)
    )
