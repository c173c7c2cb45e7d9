"""
Flag `extra()` and `raw()` for a query that the ORM writes as well.

## Why

Raw SQL names tables and columns, which no migration follows and no tool checks; it must be right
for each database and quoted by hand. `extra()` is kept by Django for old code alone: it is to go.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    limit = models.IntegerField()
# file: shop/views.py
from shop.models import Order


def over_limit():
    return Order.objects.extra(where=["shop_order.total > shop_order.limit"])


def order(pk):
    return Order.objects.raw("SELECT * FROM shop_order WHERE id = %s", [pk])
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    total = models.IntegerField()
    limit = models.IntegerField()
# file: shop/views.py
from django.db.models import F
from shop.models import Order


def over_limit():
    return Order.objects.filter(total__gt=F("limit"))


def order(pk):
    return Order.objects.filter(pk=pk)
```

## Fix

None: conditions become `filter()` with `F()`, expressions `annotate()` with `Func`, `Case` or
`RawSQL`, which can be combined with the rest of the query.

## Misses

SQL that is put together from strings (a matter of safety), that a variable holds, that joins,
groups or calls functions, or that goes to a cursor: that is mostly done for a reason.

## When to ignore it

Where the SQL is about a table that has no model.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#extra
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit import File, Finding, rule

_OPTIONS = frozenset({"select", "where", "params", "tables", "order_by", "select_params"})
#: Without one of these nothing but an order is added, by columns that the ORM may not know.
_ADDS = frozenset({"select", "where"})
_NAME = r"[\"`]?\w+[\"`]?(?:\.[\"`]?\w+[\"`]?)?"
_VALUE = rf"(?:%s|%\(\w+\)s|-?\d+|'[^']*'|true|false|null|{_NAME})"
_CONDITION = rf"{_NAME}\s*(?:=|<>|!=|<=?|>=?)\s*{_VALUE}|{_NAME}\s+is\s+(?:not\s+)?null"
_PLAIN = re.compile(
    rf"\s*select\s+(?:\*|{_NAME}(?:\s*,\s*{_NAME})*)\s+from\s+{_NAME}"
    rf"(?:\s+where\s+(?:{_CONDITION})(?:\s+and\s+(?:{_CONDITION}))*)?"
    rf"(?:\s+order\s+by\s+{_NAME}(?:\s+(?:asc|desc))?)?(?:\s+limit\s+(?:\d+|%s))?\s*;?\s*",
    re.IGNORECASE,
)


@rule(code="ORM122", visits=ast.Call, callees={"extra", "raw"})
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if not isinstance(node.func, ast.Attribute):
        return
    _, end = file.span(node.func)
    if node.func.attr == "extra" and _is_written_out(node):
        yield Finding(
            file.place_at(end - len("extra"), end),
            "extra() is kept for old code, and cannot be combined with the rest of the ORM. "
            "Write it by filter() with F(), or by annotate().",
        )
    elif node.func.attr == "raw" and node.args and _is_plain(node.args[0]):
        yield Finding(
            file.place_at(end - len("raw"), end),
            "SQL for what the ORM writes as well: no migration follows the names in it. Use "
            "filter() and order_by().",
        )


def _is_written_out(node: ast.Call) -> bool:
    """Whether the call is the queryset's, and holds its SQL itself."""
    values = {word.arg: word.value for word in node.keywords}
    if node.args or not values.keys() & _ADDS or not values.keys() <= _OPTIONS:
        return False
    return all(_is_constant(value) for name, value in values.items() if name in _ADDS)


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.List | ast.Tuple):
        return all(_is_constant(item) for item in node.elts)
    return isinstance(node, ast.Dict) and all(_is_constant(item) for item in node.values)


def _is_plain(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and bool(_PLAIN.fullmatch(node.value))
    )
