"""
Flag eager loading of a relation that no code reads which the rows can get into.

## Why

`select_related` makes the query join one more table and each row carry its columns;
`prefetch_related` sends one more query and makes an object of each row of it. Where the template or
the loop no longer shows what is loaded, all of that is for nothing.

## Bad

```python
# file: shop/models.py
from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def titles():
    found = []
    for book in Book.objects.select_related("publisher").order_by("title"):
        found.append(book.title)
    return found
```

## Good

```python
# file: shop/models.py
from django.db import models


class Publisher(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    publisher = models.ForeignKey(Publisher, on_delete=models.CASCADE)
# file: shop/views.py
from shop.models import Book


def titles():
    found = []
    for book in Book.objects.order_by("title"):
        found.append(book.title)
    return found
```

## Fix

Safe: the lookup is taken out, or the call with its last one. What reads the relation after all
gets it by a query of its own.

## Misses

Rows that the function hands to other code, but for templates; relations whose name stands anywhere
in the code that gets the rows, be it of something else; the second half of `author__publisher`
where the first is read; models with bases from other packages.

## When to ignore it

Where a template of the project is replaced by another one, which is not in it. The rule has to be
asked for: in the projects that it was tried on it found too little to show how often it is right.

## Source

https://docs.djangoproject.com/en/stable/topics/db/optimization/#retrieve-everything-at-once-if-you-know-you-will-need-it
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, Edit, File, Finding, Fix, Project, Safety, Step, rule
from praxis.audit.editing.arguments import remove_positional
from praxis.audit.editing.chain_links import drop_link, name_of, name_span
from praxis.audit.editing.known_places import node_at
from praxis.audit.facts.models.lookups import problem_with
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.file import has_comment
from praxis.audit.flow.events import EagerLoading, Span
from praxis.audit.flow.telling.mentioned import Mentioned
from praxis.audit.flow.telling.readers import find_readers

_EAGER = frozenset({"select_related", "prefetch_related"})


@rule(code="ORM108", visits=EagerLoading, default=False)
def check(project: Project, event: EagerLoading) -> Iterator[Finding]:
    readers = find_readers(project, event)
    if readers is None:
        return
    mentioned = readers.mentioned
    mentioned.close(event.model)
    if mentioned.lost or _is_wanted_unread(project, event, mentioned):
        return
    index = project.derive(ModelIndex)
    joins = event.method == "select_related"
    unread = tuple(
        (lookup, span)
        for lookup, span in event.lookups
        if problem_with(index, event.model, lookup, joins=joins) is None
        and lookup.partition("__")[0] not in mentioned.names
    )
    if not unread:
        return
    names = ", ".join(f'"{lookup}"' for lookup, _ in unread)
    what = "joins" if joins else "fetches"
    them = "it" if len(unread) == 1 else "them"
    yield Finding(
        project.place(event.path, *unread[0][1]),
        f"{event.method} {what} {names} of each {event.model[1]}, and nothing in {readers.name} "
        f"reads {them}. Remove {them}.",
        _fix(project, event, {span for _, span in unread}),
        (Step(project.place(event.path, *readers.place), "what gets the rows"),),
        Confidence.LIKELY,
    )


def _is_wanted_unread(project: Project, event: EagerLoading, mentioned: Mentioned) -> bool:
    """Whether receivers get a row that is saved, or what is loaded is to be locked."""
    if "select_for_update" in mentioned.names:
        return True
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    writes = {"save", "asave", "delete", "adelete"} & mentioned.names
    return bool(writes) and (model is None or index.has_receivers(model))


def _fix(project: Project, event: EagerLoading, unread: set[Span]) -> Fix | None:
    file = project.file(event.path)
    found = node_at(file, event.span, ast.Call) if file is not None else []
    if file is None or not found or not isinstance(found[0], ast.Call):
        return None
    call = found[0]
    useless = [argument for argument in call.args if file.span(argument) in unread]
    if len(useless) == len(call.args):
        edit = _without_call(file, call, found)
    elif len(useless) == 1:
        edit = remove_positional(file, call, useless[0])
    else:
        return None
    return Fix((edit,), Safety.SAFE, "Remove what nothing reads") if edit else None


def _without_call(file: File, call: ast.Call, found: list[ast.AST]) -> Edit | None:
    around = found[1] if len(found) > 1 else None
    if not isinstance(call.func, ast.Attribute):
        return None
    before = call.func.value
    if isinstance(around, ast.Attribute) or (
        isinstance(before, ast.Call) and name_of(before) not in _EAGER
    ):
        return drop_link(file, call)
    start, end = name_span(file, call)[0], file.span(call)[1]
    if has_comment(file.text[start:end]):
        return None
    return Edit(file.path, start, end, "all()")  # a manager cannot be walked
