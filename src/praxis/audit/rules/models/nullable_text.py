"""
Flag a text field that takes both NULL and "" for *nothing*.

## Why

A `CharField` or `TextField` with `null=True` and `blank=True` has two kinds of empty. A query for
one of them misses the rows that hold the other, `exclude(note="x")` leaves out the NULL rows, and
every reader has to expect both. Django stores "" for what is left empty.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    note = models.TextField(null=True, blank=True)
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    note = models.TextField(blank=True, default="")
```

## Fix

None: rows that hold NULL have to become "" in a migration first.

## Misses

Fields that forms do not let through empty (`blank` is not set). Fields that are unique or part of a
unique constraint, where NULL is what lets several rows be empty. Fields with choices. Names that
any file of the project compares with None or asks for by `__isnull`: there NULL has a meaning of
its own. Names such as `token`, `checksum` or `external_id`, which programs fill in: NULL says there
that it has not happened yet. Field classes of the project.

## When to ignore it

Where NULL says *not known yet* and "" says *known to be empty*, and something tells them apart.

## Source

https://docs.djangoproject.com/en/stable/ref/models/fields/#null
"""

from collections.abc import Iterator

from praxis.audit import Finding, Project, Severity, rule
from praxis.audit.facts.models.indexes import ModelTable, Tables, is_text, may_hold_anything
from praxis.audit.facts.models.null_tests import NULL_TESTS
from praxis.audit.facts.models.tables import TableField

#: Parts of the names of what programs fill in.
_FILLED_IN = frozenset({
    "cache", "cached", "checksum", "data", "digest", "etag", "fingerprint", "hash", "id",
    "identifier", "ids", "json", "key", "md5", "password", "pickled", "pubkey", "raw", "ref",
    "secret", "sha1", "sha256", "signature", "stamp", "token", "uid", "uuid",
})  # fmt: skip


@rule(code="MOD101", visits=Project, severity=Severity.NOTE)
def check(project: Project) -> Iterator[Finding]:
    told: set[tuple[str, int]] = set()
    tables = project.derive(Tables)
    tested = {name for fact in project.facts(NULL_TESTS).values() for name in fact.names}
    for table in tables:
        unique = {name for index in table.indexes() if index.is_unique for name in index.names}
        for name, (path, found) in table.fields.items():
            place = path, found.span[0]
            if place in told or path != table.path or found not in table.own.fields:
                continue
            if not _is_doubly_empty(found) or name in tested or name in unique:
                continue
            if _may_be_unique_elsewhere(table) or _FILLED_IN & set(name.lower().split("_")):
                continue
            told.add(place)
            yield Finding(
                project.place(path, *found.call),
                f"{name} may be NULL or empty text: two kinds of nothing. "
                'Leave out null=True and let "" stand for it (default="").',
            )


def _is_doubly_empty(found: TableField) -> bool:
    options = found.options
    return (
        found.callee.startswith("django.db.models.")
        and is_text(found.callee.rpartition(".")[2])
        and options.get("null") is True
        and options.get("blank") is True
        and "choices" not in options
        and not may_hold_anything(found)
    )


def _may_be_unique_elsewhere(table: ModelTable) -> bool:
    """Whether a constraint that is not written out may be about any field."""
    return table.open or any(
        index.fields is None or index.expressions
        for _, index in table.entries
        if index.kind.endswith("UniqueConstraint")
    )
