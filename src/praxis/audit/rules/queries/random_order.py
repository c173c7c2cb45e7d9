"""
Flag `order_by("?")` where a page is served: it sorts the whole table by chance.

## Why

For each request the database gives every row a random number and sorts them, to show one or a few.
No index helps, and the time grows with the table.

## Bad

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.shortcuts import redirect
from shop.models import Product


def surprise(request):
    return redirect(Product.objects.order_by("?").first())
```

## Good

```python
# file: shop/models.py
from django.db import models


class Product(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from random import randrange

from django.shortcuts import redirect
from shop.models import Product


def surprise(request):
    products = Product.objects.order_by("pk")
    return redirect(products[randrange(products.count())])
```

## Fix

None: whether a random position, a random key or a choice that is kept for some minutes is best
depends on the table.

## Misses

An order that a variable holds, and chance among rows that are equal by another column.

## When to ignore it

Where the table is small, and stays so.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#order-by
"""

import ast
from collections.abc import Iterator

from praxis.audit import File, Finding, rule
from praxis.audit.facts.sources import Role


@rule(code="ORM118", visits=ast.Call, callees={"order_by"})
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    if file.role is not Role.REQUEST or not isinstance(node.func, ast.Attribute):
        return
    match node.args:
        case [ast.Constant("?") as mark]:
            yield Finding(
                file.place(mark),
                'order_by("?") sorts the whole table by chance for each request. Choose a random '
                "position or key, or keep the choice for a while.",
            )
