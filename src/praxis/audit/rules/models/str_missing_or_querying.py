"""
Flag a model of the admin without `__str__`, and a `__str__` that reads related rows.

## Why

Without a method of its own the admin calls every row `PriceChange object (17)`. One that reads
`self.customer.name` sends a query for each row that is printed: a select box with a thousand
orders takes a thousand and one, a page of the admin's list a hundred and one.

## Bad

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)

    def __str__(self):
        return f"{self.number} ({self.customer.name})"
# file: shop/admin.py
from django.contrib import admin

from shop.models import Order

admin.site.register(Order)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)

    def __str__(self):
        return self.number
# file: shop/admin.py
from django.contrib import admin

from shop.models import Order

admin.site.register(Order)
```

## Fix

None: what names a row is yours to say. Where it needs the related row, load it where rows are
printed: `list_select_related` for the list, a queryset with `select_related` for the form's field
(`formfield_for_foreignkey`), `autocomplete_fields` instead of a select box.

## Misses

Models that the admin shows nowhere, models with a base that is not known, admin classes that build
their own queryset or form or extend classes of packages, models whose default manager loads related
rows, queries in methods that `__str__` calls.

## When to ignore it

Tables that will only ever have a handful of rows.

## Source

https://docs.djangoproject.com/en/stable/ref/models/instances/#str,
https://docs.djangoproject.com/en/stable/ref/contrib/admin/#django.contrib.admin.ModelAdmin.list_select_related
"""

from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit import Confidence, Cost, Finding, Project, Step, rule
from praxis.audit.facts.admin.pages import AdminPages, Printing
from praxis.audit.facts.models.indexes import ModelTable, Tables
from praxis.audit.facts.models.model_index import GENERIC, Model, ModelIndex
from praxis.audit.facts.models.tables import SelfRead

#: Bases of packages that bring no ``__str__``.
_WITHOUT_STR = frozenset({
    "ABC", "Generic", "Model", "SoftDeletableModel", "TimeFramedModel", "TimeStampedModel",
    "UUIDModel", "object",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Query:
    """A relation that ``__str__`` reads: *path* leads to it from the row."""

    read: SelfRead
    path: tuple[str, ...]
    null: bool


@rule(code="MOD103", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    index, pages = project.derive(ModelIndex), project.derive(AdminPages)
    for table in project.derive(Tables):
        model = table.model
        if model.abstract or model.opaque:
            continue
        if table.own.str_reads is None:
            yield from _missing(project, index, pages, table)
        else:
            yield from _querying(project, index, pages, table)


def _missing(
    project: Project, index: ModelIndex, pages: AdminPages, table: ModelTable
) -> Iterator[Finding]:
    model = table.model
    if model.proxy or model.parents or not model.complete:
        return
    if model.members & {"__str__", "__unicode__"}:
        return
    if not index.names.outside(model.key) <= _WITHOUT_STR:
        return
    page = next((page for page in pages.pages if page.model == model.key), None)
    if page is None:
        return
    yield Finding(
        project.place(table.path, *table.own.header),
        f"The admin calls each row “{model.name} object (1)”. Give {model.name} a __str__ that "
        "names it, from its own columns.",
        steps=(Step(project.place(page.path, *page.span), "registered in the admin"),),
    )


def _querying(
    project: Project, index: ModelIndex, pages: AdminPages, table: ModelTable
) -> Iterator[Finding]:
    model = table.model
    manager = model.managers.get(model.default_manager)
    if manager is None or manager.loads:
        return
    queries = list(_queries(index, model, table.own.str_reads or ()))
    if not queries:
        return
    for printing in pages.printings(model):
        left = [query for query in queries if not _is_loaded(printing, query)]
        if left:
            yield _finding(project, table, printing, left)
            return


def _is_loaded(printing: Printing, query: _Query) -> bool:
    return query.path[0] in printing.loaded or (printing.joins and not query.null)


def _queries(index: ModelIndex, model: Model, reads: tuple[SelfRead, ...]) -> Iterator[_Query]:
    """The relations that are fetched, each once: the reads that go on from there come first."""
    seen: set[tuple[str, ...]] = set()
    for read in sorted(reads, key=lambda read: len(read.path) < 2):  # stable: as in the source
        at: Model | None = model
        null = False
        for position, name in enumerate(read.path):
            relation = at.relations.get(name) if at is not None else None
            if relation is None:
                break
            path = read.path[: position + 1]
            after = read.path[position + 1 :]
            if after in {("pk",), ("id",)} or (not relation.to_one and not after):
                break
            null = null or relation.null
            if path not in seen and relation.kind != GENERIC:
                seen.add(path)
                yield _Query(read, path, null or not relation.has_column)
            if not relation.to_one:
                break
            at = index.model(relation.target)


def _finding(
    project: Project, table: ModelTable, printing: Printing, queries: list[_Query]
) -> Finding:
    first = queries[0]
    chains = ", ".join(dict.fromkeys(f"self.{'.'.join(query.read.path)}" for query in queries))
    steps = [printing.step(project)]
    steps += [
        Step(
            project.place(table.path, *query.read.span),
            f"{'.'.join(query.path)} is fetched for each row",
        )
        for query in queries[1:]
        if query.read.span != first.read.span
    ]
    return Finding(
        project.place(table.path, *first.read.span),
        f"__str__ of {table.model.name} reads {chains}: "
        f"{'a query' if len(queries) == 1 else f'{len(queries)} queries'} for each row that is "
        "printed. Name the row from its own columns, or load the relation where rows are printed.",
        steps=tuple(steps),
        confidence=Confidence.LIKELY,
        cost=Cost(len(queries)),
    )
