"""
Flag a default that is made once, when the module is imported, and then shared by all rows.

## Why

`default=timezone.now()` stamps every row with the moment when the process started, and
`default=uuid.uuid4()` gives all of them one value. `default={}` hands the same dictionary to every
new row: what one of them changes in place, the next ones begin with.

## Bad

```python
import uuid

from django.db import models
from django.utils import timezone


class Payment(models.Model):
    reference = models.UUIDField(default=uuid.uuid4())
    details = models.JSONField(default={})
    created_at = models.DateTimeField(default=timezone.now())
```

## Good

```python
import uuid

from django.db import models
from django.utils import timezone


class Payment(models.Model):
    reference = models.UUIDField(default=uuid.uuid4)
    details = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
```

## Fix

`{}` becomes `dict` and `[]` becomes `list`: safe. A call without arguments loses its parentheses:
unsafe, as rows get other values than before. `makemigrations` writes an `AlterField` for either; it
changes nothing in the database. What is not empty, or needs arguments, wants a function of your own
at the top level of the module, since migrations refer to it.

## Misses

Defaults that a function of the project returns, fields of field classes of the project.

## When to ignore it

Never for calls. A shared dictionary does no harm while nobody changes it in place.

## Source

https://docs.djangoproject.com/en/stable/ref/models/fields/#default
"""

import ast
from collections.abc import Iterator

from praxis.audit import File, Finding, Fix, Safety, rule

_PACKAGES = ("django.db.models.", "django.contrib.postgres.", "django.contrib.gis.db.models.")
#: Calls whose result differs from one row to the next.
_CALLS = frozenset({
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.datetime.utcnow", "django.utils.timezone.localdate",
    "django.utils.timezone.localtime", "django.utils.timezone.now",
    "django.utils.crypto.get_random_string", "secrets.token_bytes", "secrets.token_hex",
    "secrets.token_urlsafe", "time.time", "uuid.uuid1", "uuid.uuid4",
})  # fmt: skip
_KINDS = frozenset({"dict", "list", "set"})


@rule(code="MOD102", visits=ast.ClassDef)
def check(file: File, node: ast.ClassDef) -> Iterator[Finding]:
    for item in node.body:
        if not isinstance(item, ast.Assign | ast.AnnAssign) or not isinstance(item.value, ast.Call):
            continue
        field = file.qualified(item.value.func)
        if field is None or not field.startswith(_PACKAGES) or not field.endswith("Field"):
            continue
        for word in item.value.keywords:
            if word.arg == "default":
                yield from _judge(file, word.value)


def _judge(file: File, value: ast.expr) -> Iterator[Finding]:
    called = _called(file, value)
    if called is not None:
        yield from _call(file, value, called)
        return
    kind = _mutable_kind(value)
    if kind is None:
        return
    written = file.source(value)
    edit = file.replace(value, kind) if _is_empty(value) else None
    yield Finding(
        file.place(value),
        f"All new rows share this one {kind}: what is changed in one is changed in all that come "
        f"after. Give a callable: default={kind}"
        + (f" instead of {written}." if _is_empty(value) else ", or a function that returns it."),
        Fix((edit,), Safety.SAFE, f"Make a new {kind} for each row") if edit else None,
    )


def _call(file: File, value: ast.expr, called: ast.Call) -> Iterator[Finding]:
    name = file.source(called.func)
    alone = called is value and not called.args and not called.keywords
    edit = file.replace(value, name) if alone else None
    advice = f"Leave out the parentheses: default={name}." if alone else "Give a function."
    yield Finding(
        file.place(value),
        f"{name}() is called once, when the module is imported: every row gets that same value. "
        f"{advice}",
        Fix((edit,), Safety.UNSAFE, "Call it for each row") if edit else None,
    )


def _called(file: File, value: ast.expr) -> ast.Call | None:
    """The call of a clock or of chance that the default is made of."""
    while True:
        if isinstance(value, ast.BinOp):  # timezone.now() + timedelta(days=7)
            found = _called(file, value.left)
            if found is not None:
                return found
            value = value.right
        elif isinstance(value, ast.Call):
            if file.qualified(value.func) in _CALLS:
                return value
            if isinstance(value.func, ast.Name) and value.func.id in {"str", "int"} and value.args:
                value = value.args[0]
            elif isinstance(value.func, ast.Attribute):  # timezone.now().date()
                value = value.func.value
            else:
                return None
        elif isinstance(value, ast.Attribute):  # uuid.uuid4().hex
            value = value.value
        else:
            return None


def _mutable_kind(value: ast.expr) -> str | None:
    if isinstance(value, ast.Dict):
        return "dict"
    if isinstance(value, ast.List):
        return "list"
    if isinstance(value, ast.Set):
        return "set"
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id if value.func.id in _KINDS else None
    return None


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    return isinstance(value, ast.Call) and not value.args and not value.keywords
