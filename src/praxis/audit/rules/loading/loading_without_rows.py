"""
Flag `select_related` or `prefetch_related` in a query that returns no model rows.

## Why

`count()`, `exists()`, `aggregate()`, `update()`, `delete()`, `values()` and `values_list()` make no
model instances, so there is nothing to load relations into: Django drops the eager loading, or
fetches the related rows for nothing. Readers look for the place that needs it.

## Bad

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def count_books(name):
    return Book.objects.select_related("author").filter(author__name=name).count()
```

## Good

```python
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def count_books(name):
    return Book.objects.filter(author__name=name).count()
```

## Fix

Safe: the call is taken out; conditions and values that name a related column join by themselves.

## Misses

Querysets that are loaded eagerly in one statement and counted in another. Methods of which the
project has its own.

## When to ignore it

Never: the call has no effect there.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related
"""

import ast
from collections.abc import Iterator

from praxis.audit import Edit, File, Finding, Fix, Project, Safety, rule
from praxis.audit.editing.chain_links import drop_link, links, name_of, name_span
from praxis.audit.facts.models.classes import MODELS

_EAGER = frozenset({"select_related", "prefetch_related"})
#: What a method returns instead of rows.
_ASKS = {
    "count": "a number", "acount": "a number", "exists": "a truth value",
    "aexists": "a truth value", "aggregate": "single values", "aaggregate": "single values",
    "update": "a number", "aupdate": "a number", "delete": "a number", "adelete": "a number",
    "values": "dicts", "values_list": "tuples", "dates": "dates", "datetimes": "datetimes",
}  # fmt: skip
#: What may stand between without looking at a row.
_BETWEEN = frozenset({
    "alias", "all", "annotate", "complex_filter", "defer", "distinct", "exclude", "filter", "only",
    "order_by", "reverse", "using",
})  # fmt: skip


def _has_own_method(project: Project, finding: Finding) -> bool:
    """Whether some manager or queryset of the project does what was found its own way."""
    method = finding.message.partition("()")[0]
    return any(
        known.name == method
        for fact in project.facts(MODELS).values()
        for found in fact.classes
        for known in found.methods
    )


@rule(code="ORM134", visits=ast.Call, callees=_ASKS, unless=_has_own_method)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute) or not isinstance(node.func.value, ast.Call):
        return
    useless: list[ast.Call] = []
    for call in links(node.func.value):
        name = name_of(call)
        if name in _EAGER and not _takes_back(call):
            useless.append(call)
        elif name not in _BETWEEN:
            break
    if not useless:
        return
    asks = name_of(node)
    first = useless[-1]
    names = " and ".join(dict.fromkeys(name_of(call) for call in reversed(useless)))
    yield Finding(
        file.place_at(name_span(file, first)[0], file.span(first)[1]),
        f"{asks}() returns {_ASKS[asks]}, no rows: {names} loads nothing for it. Remove the call.",
        _fix(file, useless, asks),
    )


def _takes_back(call: ast.Call) -> bool:
    """``select_related(None)``: what is there to undo what a manager does."""
    return any(isinstance(argument, ast.Constant) and not argument.value for argument in call.args)


def _fix(file: File, useless: list[ast.Call], asks: str) -> Fix | None:
    edits: list[Edit] = []
    for call in useless:
        edit = drop_link(file, call)
        if edit is None:
            return None
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else call
        if asks in {"delete", "adelete"} and not isinstance(receiver, ast.Call):
            # managers have no delete()
            edit = Edit(file.path, name_span(file, call)[0], file.span(call)[1], "all()")
        edits.append(edit)
    return Fix(tuple(edits), Safety.SAFE, "Remove the eager loading")
