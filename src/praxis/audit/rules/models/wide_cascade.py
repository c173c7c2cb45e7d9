"""
Flag a model of which one deleted row takes rows of ten other models and more with it.

Off by default: how much may go with a row is a decision of the project, which the code does not
tell. Ask for it with `--select MOD104` before a model's `on_delete` is decided or a screen gets a
button that deletes.

## Why

`CASCADE` goes on from table to table. Whoever deletes one row sees a question about that row, and
loses what hangs on it five tables further down. Django fetches all of it first, table by table, so
that the request runs for minutes. `PROTECT` at one link makes somebody decide.

## Bad

```python
from django.db import models


class Client(models.Model):
    name = models.CharField(max_length=100)


class Project(models.Model):
    client = models.ForeignKey(Client, on_delete=models.CASCADE)


class Task(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE)


class Comment(models.Model):
    task = models.ForeignKey(Task, on_delete=models.CASCADE)


class File(models.Model):
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE)


class Download(models.Model):
    file = models.ForeignKey(File, on_delete=models.CASCADE)
```

## Good

```python
from django.db import models


class Client(models.Model):
    name = models.CharField(max_length=100)


class Project(models.Model):
    client = models.ForeignKey(Client, on_delete=models.PROTECT)


class Task(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
```

## Fix

None.

## Misses

What signals and `delete()` methods do besides, links that migrations make by SQL, generic
relations.

## When to ignore it

Where everything below the row really is a part of it.

## Source

https://docs.djangoproject.com/en/stable/ref/models/fields/#django.db.models.ForeignKey.on_delete
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, Severity, Step, rule
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.indexes import Tables

#: As many models, or as many links, no screen shows.
MAX_MODELS, MAX_LINKS = 10, 5


@rule(code="MOD104", visits=Project, severity=Severity.NOTE, default=False)
def check(project: Project) -> Iterator[Finding]:
    tables = project.derive(Tables)
    below: dict[Key, list[tuple[Key, str]]] = {}
    for table in tables:
        if table.model.abstract or table.model.proxy:
            continue
        for relation in tables.cascades(table.model.key):
            if relation.target is not None and relation.target != table.model.key:
                below.setdefault(relation.target, []).append((table.model.key, relation.name))
    hanging = {key for links in below.values() for key, _ in links}
    for table in tables:
        key = table.model.key
        if key in hanging or key not in below:
            continue  # told at the top of what it hangs on
        chains = _chains(below, key)
        longest = max(chains.values(), key=len)
        if len(chains) < MAX_MODELS and len(longest) < MAX_LINKS:
            continue
        depth = "1 link" if len(longest) == 1 else f"{len(longest)} links"
        way = " → ".join((table.model.name, *(name[1] for name, _ in longest)))
        yield Finding(
            project.place(table.path, *table.own.header),
            f"Deleting one {table.model.name} deletes rows of {len(chains)} other models, "
            f"{depth} deep ({way}). Take PROTECT where somebody should decide.",
            steps=tuple(_steps(project, tables, longest)),
        )


def _chains(
    below: dict[Key, list[tuple[Key, str]]], root: Key
) -> dict[Key, tuple[tuple[Key, str], ...]]:
    """The shortest way from *root* to every model whose rows go with it."""
    found: dict[Key, tuple[tuple[Key, str], ...]] = {}
    rows: list[tuple[Key, tuple[tuple[Key, str], ...]]] = [(root, ())]
    for key, way in rows:  # grows while it is walked: breadth first
        for link in below.get(key, ()):
            if link[0] not in found and link[0] != root:
                found[link[0]] = (*way, link)
                rows.append((link[0], found[link[0]]))
    return found


def _steps(project: Project, tables: Tables, way: tuple[tuple[Key, str], ...]) -> Iterator[Step]:
    for key, name in way:
        table = tables.of(key)
        if table is not None and name in table.fields:
            path, found = table.fields[name]
            yield Step(project.place(path, *found.call), f"takes its {key[1]} rows with it")
