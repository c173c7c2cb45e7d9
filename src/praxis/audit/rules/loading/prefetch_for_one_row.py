"""
Flag `prefetch_related` in a query that fetches one row.

## Why

A prefetch saves queries where there are many rows: one query for all of them. For one row the
relation costs one query either way, and with the prefetch also where nothing reads it.

## Bad

```python
from shop.models import Book


def book(pk):
    return Book.objects.prefetch_related("tags").get(pk=pk)
```

## Good

```python
from shop.models import Book


def book(pk):
    return Book.objects.get(pk=pk)
```

## Fix

Safe: the call is taken out.

## Misses

Lookups of more than one relation, which save queries for one row, too, and `Prefetch` objects.

## When to ignore it

Where the relation is read more than once. The code of one function does not tell, which is why the
rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, File, Finding, Fix, Safety, Severity, rule
from praxis.audit.editing.chain_links import drop_link, links, name_of, name_span

_ONE_ROW = frozenset({
    "get", "first", "last", "earliest", "latest", "aget", "afirst", "alast", "aearliest", "alatest",
})  # fmt: skip


@rule(code="ORM139", visits=ast.Call, callees=_ONE_ROW, severity=Severity.NOTE, default=False)
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute):
        return
    for call in links(node.func.value):
        if name_of(call) == "prefetch_related" and _is_plain(call):
            edit = drop_link(file, call)
            yield Finding(
                file.place_at(name_span(file, call)[0], file.span(call)[1]),
                f"{name_of(node)}() fetches one row, for which a prefetch saves no query: it only "
                "asks earlier. Remove it.",
                Fix((edit,), Safety.SAFE, "Remove the prefetch") if edit else None,
                confidence=Confidence.LIKELY,
            )
            return


def _is_plain(call: ast.Call) -> bool:
    return bool(call.args) and all(
        isinstance(argument, ast.Constant)
        and isinstance(argument.value, str)
        and "__" not in argument.value
        for argument in call.args
    )
