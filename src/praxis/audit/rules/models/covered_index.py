"""
Flag an index that another index of the same table makes needless.

## Why

Every index costs time with each row that is written, and memory that others could use. A b-tree
over `(shop, created_at)` also finds rows by `shop` alone, a unique column is found by its
constraint, and Django gives every foreign key an index.

## Bad

```python
from django.db import models


class Product(models.Model):
    brand = models.ForeignKey("shop.Brand", on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["brand"], name="product_brand")]
```

## Good

```python
from django.db import models


class Product(models.Model):
    brand = models.ForeignKey("shop.Brand", on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)
```

## Fix

Unsafe: it needs a migration, which drops the index. On PostgreSQL make it
`RemoveIndexConcurrently` in a migration that is not atomic.

## Misses

A foreign key's own index where a longer one begins with it (`db_index=False` leaves it out); a
column of text with `db_index=True`, which has a second index for `startswith` on PostgreSQL;
partial, covering and functional indexes, other kinds than b-trees, and indexes that migrations make
by SQL.

## When to ignore it

Where the shorter index fits into memory and the longer one does not.

## Source

https://www.postgresql.org/docs/current/indexes-multicolumn.html,
https://docs.djangoproject.com/en/stable/ref/models/fields/#foreignkey
"""

import ast
from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.arguments import remove_argument, remove_item
from praxis.audit.facts.models.indexes import Index, ModelTable, Tables, is_text
from praxis.audit.file import File


@rule(code="IDX102", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    told: set[tuple[str, int]] = set()
    for table in project.derive(Tables):
        indexes = [index for index in table.indexes() if index.plain]
        for index in indexes:
            if index.path != table.path or not _is_own(table, index) or not _may_go(table, index):
                continue
            cover = next((other for other in indexes if _covers(indexes, other, index)), None)
            start, end = _span(index)
            if cover is None or (index.path, start) in told:
                continue
            told.add((index.path, start))
            yield Finding(
                project.place(index.path, start, end),
                _message(index, cover),
                _fix(project, index),
                (Step(project.place(cover.path, *_span(cover)), "the index that does its work"),),
            )


def _is_own(table: ModelTable, index: Index) -> bool:
    return index.field in table.own.fields or index.entry in table.own.entries


def _may_go(table: ModelTable, index: Index) -> bool:
    """Whether the index is one that nothing but queries needs, and that its code asks for."""
    if index.how == "db_index":
        asked = index.field is not None and index.field.options.get("db_index") is True
        return asked and not is_text(table.kind(index.fields[0]))
    return index.how in {"Index", "index_together"}


def _span(index: Index) -> tuple[int, int]:
    if index.entry is not None:
        return index.entry.span
    return index.field.call if index.field is not None else (0, 0)


def _covers(indexes: list[Index], other: Index, index: Index) -> bool:
    """Whether the database finds by *other* whatever it finds by *index*."""
    if other is index:
        return False
    size = len(index.fields)
    same = len(other.fields) == size
    if same and index.how == "db_index" and other.how in {"Index", "index_together"}:
        return False  # the entry of Meta is told
    if other.names[:size] != index.names:
        return False
    alike = same and other.how == index.how and other.entry is not None
    if alike and indexes.index(other) > indexes.index(index):
        return False  # of two that are alike the later one is told
    if size == 1:
        return True
    flipped = tuple(_flipped(name) for name in index.fields)
    return other.fields[:size] in {index.fields, flipped}


def _flipped(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _message(index: Index, cover: Index) -> str:
    columns = ", ".join(index.fields)
    if cover.how == "foreign key":
        reason = f"the foreign key {columns} has an index of its own"
    elif cover.how in {"primary_key", "unique"}:
        reason = f"{columns} is unique, which makes an index"
    elif cover.how == "db_index":
        reason = f"{columns} has db_index=True" if cover.field else "another one is the same"
    elif len(cover.fields) == len(index.fields):
        reason = f"{_called(cover)} is over the same columns"
    else:
        reason = f"{_called(cover)} begins with the same columns"
    what = "db_index=True" if index.how == "db_index" else f"The index on {columns}"
    return f"{what} is needless: {reason}. It only slows down writing: leave it out."


def _called(cover: Index) -> str:
    listed = ", ".join(cover.fields)
    if cover.is_unique:
        return f"the unique constraint on ({listed})"
    return f"the index on ({listed})"


# The fix.


def _fix(project: Project, index: Index) -> Fix | None:
    file = project.file(index.path)
    if file is None:
        return None
    if index.field is not None:
        call = _node_at(file, index.field.call, ast.Call)
        edit = remove_argument(file, call, "db_index") if isinstance(call, ast.Call) else None
    else:
        edit = _without_entry(file, index)
    return Fix((edit,), Safety.UNSAFE, "Leave out the needless index") if edit else None


def _without_entry(file: File, index: Index) -> Edit | None:
    if index.entry is None or index.how != "Index":
        return None
    start, end = index.entry.span
    for node in ast.walk(file.tree):
        if isinstance(node, ast.List) and file.span(node)[0] < start <= file.span(node)[1]:
            for item in node.elts:
                if file.span(item) == (start, end):
                    return remove_item(file, node, item)
    return None


def _node_at(file: File, span: tuple[int, int], kind: type[ast.expr]) -> ast.expr | None:
    for node in ast.walk(file.tree):
        if isinstance(node, kind) and file.span(node) == span:
            return node
    return None
