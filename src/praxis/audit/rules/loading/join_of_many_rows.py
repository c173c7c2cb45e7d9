"""
Flag `select_related` of a relation that leads to many rows: Django refuses the query.

## Why

`select_related` joins one row to another. A many-to-many relation, the reverse of a foreign key
and a generic relation have many rows or several tables on the other side: Django raises
`FieldError` when the query runs. `prefetch_related` fetches them by a query of their own.

## Bad

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def books():
    return Book.objects.select_related("tags")
```

## Good

```python
# file: shop/models.py
from django.db import models


class Tag(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    tags = models.ManyToManyField(Tag)
# file: shop/views.py
from shop.models import Book


def books():
    return Book.objects.prefetch_related("tags")
```

## Fix

Unsafe: `prefetch_related` in the place of `select_related`, where all that the call names needs it.

## Misses

Relations of models that are not known, or whose lookup passes through one.

## When to ignore it

Never: where the query runs, it fails.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related
"""

import ast
from collections.abc import Iterator

from praxis.audit import Edit, Finding, Fix, Project, Safety, Severity, rule
from praxis.audit.editing.chain_links import name_span
from praxis.audit.editing.known_places import node_at
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.lookups import LookupProblem, problem_with
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.events import Span, WrongLookups

_KINDS = {
    model_index.MANY: "a many-to-many relation",
    model_index.REVERSE: "the reverse of a foreign key",
    model_index.GENERIC: "a generic foreign key",
    model_index.GENERIC_MANY: "a generic relation",
}


@rule(code="ORM135", visits=WrongLookups, severity=Severity.ERROR)
def check(project: Project, event: WrongLookups) -> Iterator[Finding]:
    if event.method != "select_related":
        return
    index = project.derive(ModelIndex)
    wrong: list[tuple[LookupProblem, Span]] = []
    for lookup, span in event.lookups:
        problem = problem_with(index, event.model, lookup, joins=True)
        if problem is not None and problem.kind in _KINDS:
            wrong.append((problem, span))
    if not wrong:
        return
    problem, first = wrong[0]
    names = ", ".join(f'"{lookup}"' for lookup, _ in event.lookups)
    yield Finding(
        project.place(event.path, *first),
        f"{problem.part} of {problem.model[1]} is {_KINDS[problem.kind]}, which select_related "
        f"cannot join: the query fails. Use .prefetch_related({names}).",
        _fix(project, event, {span for _, span in wrong}),
    )


def _fix(project: Project, event: WrongLookups, wrong: set[Span]) -> Fix | None:
    file = project.file(event.path)
    found = node_at(file, event.span, ast.Call) if file is not None else []
    if file is None or not found:
        return None
    call = found[0]
    if not isinstance(call, ast.Call) or call.keywords:
        return None
    if {file.span(argument) for argument in call.args} != wrong:
        return None
    edit = Edit(event.path, *name_span(file, call), "prefetch_related")
    return Fix((edit,), Safety.UNSAFE, "Use prefetch_related")
