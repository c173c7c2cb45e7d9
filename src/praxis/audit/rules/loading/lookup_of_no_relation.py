"""
Flag `select_related` or `prefetch_related` of a name that is no relation of the model.

## Why

The name is misspelt, was renamed, or is a plain column. Django raises `FieldError`,
`AttributeError` or `ValueError` when the query runs: `prefetch_related` only once there is a row,
so that tests on an empty table pass.

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


def books():
    return Book.objects.select_related("auhtor")
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


def books():
    return Book.objects.select_related("author")
```

## Fix

Unsafe: the name of the relation that is spelt most like it, where there is one.

## Misses

Models with a base that is not known, the user model and Django's own, to all of which packages
add relations; names that some relation of the project has on its other side, that `Prefetch`
loads into or that code sets on a class.

## When to ignore it

Where a package adds the relation to the model at run time.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related
"""

from collections.abc import Iterator
from difflib import get_close_matches

from praxis.audit import Edit, Finding, Fix, Project, Safety, Severity, rule
from praxis.audit.facts.models import attached_names, lookups
from praxis.audit.facts.models.lookups import LookupProblem, problem_with
from praxis.audit.facts.models.model_index import JOINABLE, ModelIndex
from praxis.audit.flow.events import Span, WrongLookups


@rule(code="ORM130", visits=WrongLookups, severity=Severity.ERROR)
def check(project: Project, event: WrongLookups) -> Iterator[Finding]:
    index = project.derive(ModelIndex)
    joins = event.method == "select_related"
    for lookup, span in event.lookups:
        problem = problem_with(index, event.model, lookup, joins=joins)
        if problem is None or problem.kind not in {lookups.COLUMN, lookups.UNKNOWN}:
            continue
        if not _is_certain(project, problem):
            continue
        meant = _meant(index, problem, joins=joins)
        owner = problem.model[1]
        wrong = "is no relation" if problem.kind == lookups.COLUMN else "does not exist"
        hint = f" Perhaps {meant} was meant." if meant else ""
        yield Finding(
            project.place(event.path, *span),
            f"{problem.part} {wrong} of {owner}: {event.method} fails when the query runs.{hint}"
            if problem.kind == lookups.COLUMN
            else f"{owner} has no relation {problem.part}: {event.method} fails when the query "
            f"runs.{hint}",
            _fix(project, event, lookup, span, problem, meant),
        )


def _is_certain(project: Project, problem: LookupProblem) -> bool:
    attached = project.derive(attached_names.merge)
    return problem.part not in attached and project.derive(attached_names.knows_all)


def _meant(index: ModelIndex, problem: LookupProblem, *, joins: bool) -> str:
    model = index.models[problem.model]
    if problem.part.endswith("_id") and problem.part[:-3] in model.relations:
        return problem.part[:-3]
    known = [
        name for name, relation in model.relations.items() if not joins or relation.kind in JOINABLE
    ]
    close = get_close_matches(problem.part, known, n=1, cutoff=0.75)
    return close[0] if close else ""


def _fix(
    project: Project,
    event: WrongLookups,
    lookup: str,
    span: Span,
    problem: LookupProblem,
    meant: str,
) -> Fix | None:
    written = project.text(event.path)[slice(*span)]
    quote = written[:1]
    if not meant or quote not in {'"', "'"} or written != f"{quote}{lookup}{quote}":
        return None
    parts = lookup.split("__")
    parts[parts.index(problem.part)] = meant
    corrected = "__".join(parts)
    edit = Edit(event.path, *span, f"{quote}{corrected}{quote}")
    return Fix((edit,), Safety.UNSAFE, f'Load "{corrected}"')
