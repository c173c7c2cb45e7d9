"""
Flag results of queries that are cached for ever while nothing in the project removes them.

## Why

A value that is stored without a time limit is right until its table changes, and wrong from then
on: the site shows yesterday's names and prices until somebody empties the cache by hand. A function
under `lru_cache` is worse, since each process holds another copy and only a restart ends it.

## Bad

```python
# file: shop/models.py
from django.db import models


class Category(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.core.cache import cache

from shop.models import Category


def menu():
    names = cache.get("menu")
    if names is None:
        names = list(Category.objects.values_list("name", flat=True))
        cache.set("menu", names, None)
    return names
```

```python
# file: shop/models.py
from django.db import models


class Currency(models.Model):
    code = models.CharField(max_length=100)
# file: shop/views.py
from functools import lru_cache

from shop.models import Currency


@lru_cache
def currencies():
    return list(Currency.objects.values_list("code", flat=True))
```

## Good

```python
# file: shop/models.py
from django.db import models


class Category(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.core.cache import cache

from shop.models import Category


def menu():
    names = cache.get("menu")
    if names is None:
        names = list(Category.objects.values_list("name", flat=True))
        cache.set("menu", names, 300)
    return names
```

```python
# file: shop/models.py
from django.db import models


class Category(models.Model):
    name = models.CharField(max_length=100)
# file: shop/views.py
from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from shop.models import Category


def menu():
    names = cache.get("menu")
    if names is None:
        names = list(Category.objects.values_list("name", flat=True))
        cache.set("menu", names, timeout=None)
    return names


@receiver([post_save, post_delete], sender=Category)
def forget_menu(**kwargs):
    cache.delete("menu")
```

## Fix

No fix is made: how old the value may get, or which writes have to remove it, is for you to say. A
time limit bounds the harm with one argument. Signals remove the value in time for `save()` and
`delete()`, but not for `update()`, `bulk_create()`, `bulk_update()` and SQL of your own.

## Misses

Values whose making the function does not show. A key that is not spelt out, so that any `delete`
may be meant for it; any call in the project that may remove the value, whatever its circumstances,
unless an `update()` elsewhere changes what the query was conditioned on. Values that a server's
own setting (`TIMEOUT: None`) keeps for ever.

## When to ignore it

Where the rows never change once they are there.

## Source

https://docs.djangoproject.com/en/stable/topics/cache/#basic-usage,
https://docs.python.org/3/library/functools.html#functools.lru_cache
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.caching.kept_values import KEPT_VALUES, Kept, Query, Updated
from praxis.audit.facts.caching.keys import may_meet
from praxis.audit.facts.caching.writes import CACHE_WRITES, Write
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Role

KEPT = (
    "Kept for ever, and nothing removes it when {models} rows change. Give it a time limit, or "
    "delete the key where they are written."
)
BYPASSED = (
    "Kept for ever, and {function}() changes {model}.{field} by update() without removing it: "
    "update() sends no signal. Give it a time limit, or delete the key there as well."
)
KEPT_BY_PROCESS = (
    "Every process keeps its own copy until it restarts, however often {models} rows change. Use "
    "the cache with a time limit, or call cache_clear() in every process."
)

#: Models whose rows come with the code.
_FIXED = frozenset({"ContentType", "Permission", "Site"})
_SILENT = frozenset({Role.TEST, Role.MIGRATION})


@rule(code="CACHE106", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    writes, cleared = _writes(project)
    for path, fact in project.facts(KEPT_VALUES).items():
        for kept in fact.kept:
            models = _models(project, path, kept.queries)
            if not models or project.role(path) in _SILENT:
                continue
            if not kept.shapes:
                if kept.function not in cleared:
                    yield _finding(project, path, kept, KEPT_BY_PROCESS, models)
            elif not _is_removed(kept, path, writes):
                yield _finding(project, path, kept, KEPT, models)
            else:
                yield from _bypassed(project, path, kept, writes)


def _finding(project: Project, path: str, kept: Kept, message: str, models: list[str]) -> Finding:
    query = kept.queries[0]
    return Finding(
        project.place(path, kept.start, kept.end),
        message.format(models=" and ".join(models[:3])),
        steps=(Step(project.place(path, query.start, query.end), "it is made of this query"),),
        confidence=Confidence.LIKELY,
    )


def _models(project: Project, path: str, queries: tuple[Query, ...]) -> list[str]:
    """The names of the project's models that are read; empty where one is not known."""
    index = project.derive(ModelIndex)
    found = [index.named(query.model, path) for query in queries]
    names = [model.name for model in found if model is not None]
    if len(names) < len(found) or set(names) & _FIXED:
        return []
    return list(dict.fromkeys(names))


def _writes(project: Project) -> tuple[list[tuple[str, Write]], set[str]]:
    writes: list[tuple[str, Write]] = []
    cleared: set[str] = set()
    for path, fact in project.facts(CACHE_WRITES).items():
        if project.role(path) is not Role.TEST:
            writes += [(path, write) for write in fact.writes]
            cleared.update(fact.cleared)
    return writes, cleared


def _is_removed(kept: Kept, path: str, writes: list[tuple[str, Write]]) -> bool:
    """Whether some call may remove the value, or put a newer one there from elsewhere."""
    for where, write in writes:
        if where == path and kept.start <= write.start < kept.end:
            continue
        if not _meet(kept, write):
            continue
        if write.deletes or (where, write.function) != (path, kept.function):
            return True
    return False


def _meet(kept: Kept, write: Write) -> bool:
    return any(may_meet(one, other) for one in kept.shapes for other in write.shapes)


# Values that are removed, though not everywhere.


def _bypassed(
    project: Project, path: str, kept: Kept, writes: list[tuple[str, Write]]
) -> Iterator[Finding]:
    if any(None in shape for shape in kept.shapes):
        return
    read = _fields_read(project, path, kept.queries)
    remover_names = {write.function for _, write in writes if _meet(kept, write)}
    for where, fact in project.facts(KEPT_VALUES).items():
        if project.role(where) in _SILENT:
            continue
        for updated in fact.updated:
            if {updated.function, *updated.calls} & remover_names or "cache" in updated.calls:
                continue
            told = _field_changed(project, where, updated, read)
            if told is not None:
                model, field = told
                message = BYPASSED.format(function=updated.function, model=model[1], field=field)
                yield Finding(
                    project.place(path, kept.start, kept.end),
                    message,
                    steps=(
                        Step(
                            project.place(where, updated.start, updated.end),
                            f"changes {field} and leaves the old value in the cache",
                        ),
                    ),
                    confidence=Confidence.LIKELY,
                )
                return


def _field_changed(
    project: Project, path: str, updated: Updated, read: set[tuple[Key, str]]
) -> tuple[Key, str] | None:
    model = project.derive(ModelIndex).named(updated.model, path)
    if model is None:
        return None
    for field in updated.fields:
        if (model.key, field) in read:
            return model.key, field
    return None


def _fields_read(project: Project, path: str, queries: tuple[Query, ...]) -> set[tuple[Key, str]]:
    """The fields, each with its model, that the queries name."""
    index = project.derive(ModelIndex)
    read: set[tuple[Key, str]] = set()
    for query in queries:
        for lookup in query.lookups:
            model = index.named(query.model, path)
            for part in lookup.split("__"):
                if model is None:
                    break
                relation = model.relations.get(part)
                if relation is None:
                    if part in model.columns:
                        read.add((model.key, part))
                    break
                read.add((model.key, part))
                model = index.model(relation.target)
    return read
