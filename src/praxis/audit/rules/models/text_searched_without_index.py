"""
Flag a search for a part of a text in a table that grows, without an index that can serve it.

## Why

An ordinary index is sorted from the first letter on: `icontains`, `iendswith` and `iregex` cannot
use it, and read every row of the table. With ten thousand rows that is noticed, with a million it
stops the site, and a search box asks for it at every key stroke. A trigram index of PostgreSQL
serves all of them; a full-text search serves whole words, and ranks what it finds.

## Bad

```python
# file: shop/models.py
from django.db import models


class Review(models.Model):
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from shop.models import Review


def search(request):
    return Review.objects.filter(title__icontains=request.GET["q"])[:20]
```

## Good

```python
# file: shop/models.py
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Review(models.Model):
    title = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [GinIndex(fields=["title"], name="review_title", opclasses=["gin_trgm_ops"])]
# file: shop/views.py
from shop.models import Review


def search(request):
    return Review.objects.filter(title__icontains=request.GET["q"])[:20]
```

## Fix

None: the entry of `Meta.indexes` is in the message. Its migration needs `TrigramExtension()` first,
and `AddIndexConcurrently` on a table that is in use. `icontains` compares `UPPER(column)`:
`GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name=…)` serves it, the plain one serves
`contains` and `ILIKE`. Other databases have a full-text index of their own.

## Misses

Conditions that are put together elsewhere; searches of the admin; views of Django REST framework
that take `SearchFilter` from the settings; tables that nothing says of when their rows came or
whose they are.

## When to ignore it

Where the table stays small, which the code does not tell: the rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/ref/contrib/postgres/lookups/#trigram-similarity,
https://www.postgresql.org/docs/current/pgtrgm.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.models.growth import grows
from praxis.audit.facts.models.indexes import ModelTable
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import RowsLookedUp, Span, TextSearched
from praxis.audit.flow.telling.asked import Asked

_TEXTS = frozenset({
    "CharField", "CICharField", "CITextField", "EmailField", "SlugField", "TextField", "URLField",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Search:
    table: ModelTable
    column: str
    lookup: str
    value: Span


@rule(
    code="ORM121",
    visits=TextSearched,
    skips=(Role.TEST, Role.MIGRATION, Role.COMMAND, Role.SCRIPT, Role.TASK),
    default=False,
)
def check(project: Project, event: TextSearched) -> Iterator[Finding]:
    asked = project.derive(Asked)
    narrowing = RowsLookedUp(
        event.path, event.span, event.model, event.equal, (), (), single=False, limited=False
    )
    if asked.is_narrowed(narrowing) or _belongs(project, event):
        return
    searches = sorted(_searches(project, event), key=lambda one: one.value)
    if not searches:
        return
    first = searches[0]
    text = project.text(event.path)
    start = text.rfind(first.lookup, event.span[0], first.value[0])
    columns = ", ".join(f"{one.table.model.name}.{one.column}" for one in searches)
    path, found = first.table.fields[first.column]
    kind = first.lookup.rpartition("__")[2]
    yield Finding(
        project.place(event.path, max(start, event.span[0]), first.value[1]),
        f"{kind} reads every {first.table.model.name} row: no index serves a part of {columns}. "
        f"On PostgreSQL add a trigram index (GinIndex with gin_trgm_ops), or search by full text.",
        steps=(Step(project.place(path, *found.call), "the column, without such an index"),),
        confidence=Confidence.LIKELY,
    )


def _belongs(project: Project, event: TextSearched) -> bool:
    """Whether the rows of one owner alone are looked through."""
    model = project.derive(ModelIndex).model(event.model)
    return model is None or any(
        name.partition("__")[0].removesuffix("_id") in model.relations for name in event.equal
    )


def _searches(project: Project, event: TextSearched) -> Iterator[_Search]:
    """The columns that are searched, of tables that grow, each once."""
    asked, seen = project.derive(Asked), set[tuple[str, str]]()
    for lookup, value in event.lookups:
        column = asked.column(event.model, lookup.rpartition("__")[0])
        if column is None or column.kind not in _TEXTS or column.has_few_values:
            continue
        table, place = column.table, (column.table.model.name, column.name)
        if (
            place not in seen
            and not table.open
            and grows(table, project.derive(ModelIndex))
            and not _is_served(project, table, column.name)
        ):
            seen.add(place)
            yield _Search(table, column.name, lookup, value)


def _is_served(project: Project, table: ModelTable, name: str) -> bool:
    """Whether an index of another kind than a b-tree has the column, or may have it."""
    for _, entry in table.entries:
        if entry.expressions:
            return True
        if entry.fields and name in entry.fields and "opclasses" in entry.more:
            return True
    return any(name in text for text in project.derive(_trigrams))


def _trigrams(project: Project) -> tuple[str, ...]:
    """The migrations that speak of trigrams."""
    paths = [path for path in project.summaries if project.role(path) is Role.MIGRATION]
    texts = [project.text(path) for path in paths if path.endswith(".py")]
    return tuple(text for text in texts if "trgm" in text)
