"""
Flag `index_together` and `unique_together`: `Meta.indexes` and `UniqueConstraint` say it better.

## Why

Django 5.1 has removed `index_together`: a model that still has it cannot be imported there.
`unique_together` may go the same way. A `UniqueConstraint` has a name, so that an error can be told
apart, a message of its own, and it can hold for some rows only (`condition`) or ignore case.

## Bad

```python
from django.db import models


class Vote(models.Model):
    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE)

    class Meta:
        unique_together = [("review", "customer")]
```

## Good

```python
from django.db import models


class Vote(models.Model):
    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "customer"], name="vote_review_customer_uniq"
            ),
        ]
```

## Fix

Unsafe: it needs a migration, which `makemigrations` writes. For `index_together` that renames the
index (Django 4.2 and newer), for `unique_together` it drops the constraint and makes a new one,
which locks the table for as long as it takes to build. The option is rewritten where nothing else
in `Meta` makes constraints or indexes, and where the class is not a base of others in
its file, whose names would clash.

## Misses

Options that are not written out as strings.

## When to ignore it

`unique_together` of a table that is too large to build the constraint again.

## Source

https://docs.djangoproject.com/en/stable/ref/models/options/#unique-together,
https://docs.djangoproject.com/en/stable/releases/5.1/#features-removed-in-5-1
"""

import ast
import re
from collections.abc import Iterator
from hashlib import blake2b

from praxis.audit import File, Finding, Fix, Safety, Severity, rule
from praxis.audit.file import has_comment

#: The length that Django allows for the name of an index.
_MAX_NAME = 30
_OPTIONS = {"index_together": "indexes", "unique_together": "constraints"}


@rule(code="IDX103", visits=ast.ClassDef, severity=Severity.NOTE)
def check(file: File, node: ast.ClassDef) -> Iterator[Finding]:
    if node.name != "Meta" or not isinstance(file.parent, ast.ClassDef):
        return
    bound = {name for statement in node.body for name in _names(statement)}
    for statement in node.body:
        for name in _names(statement) & _OPTIONS.keys():
            value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
            if value is None or _is_empty(value):
                continue
            fix = None
            if _OPTIONS[name] not in bound and not node.bases and "abstract" not in bound:
                fix = _fix(file, file.parent, statement, name, value)
            yield Finding(file.place(statement), _message(name), fix)


def _message(name: str) -> str:
    if name == "index_together":
        return (
            "index_together is gone since Django 5.1. Name the index in Meta.indexes: "
            "models.Index(fields=[…], name=…)."
        )
    return (
        "unique_together is the old way. A models.UniqueConstraint(fields=[…], name=…) in "
        "Meta.constraints has a name and a message, and can have a condition."
    )


def _names(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Assign):
        return {target.id for target in statement.targets if isinstance(target, ast.Name)}
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return {statement.target.id}
    return set()


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return not value.args
    return isinstance(value, ast.List | ast.Tuple | ast.Set) and not value.elts


def _groups(value: ast.expr) -> list[list[str]] | None:
    """The groups of fields; None where they are not written out."""
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        return None
    if all(isinstance(item, ast.Constant) for item in value.elts):
        groups: list[ast.expr] = [value]
    else:
        groups = list(value.elts)
    found: list[list[str]] = []
    for group in groups:
        if not isinstance(group, ast.List | ast.Tuple):
            return None
        names = [
            item.value
            for item in group.elts
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
        ]
        if len(names) != len(group.elts) or not names:
            return None
        found.append(names)
    return found


def _fix(
    file: File, model: ast.ClassDef, statement: ast.stmt, name: str, value: ast.expr
) -> Fix | None:
    groups = _groups(value)
    prefix = _prefix_of_models(file)
    start, end = file.span(statement)
    line = file.lines.starts[statement.lineno - 1]
    indent = file.text[line:start]
    alone = isinstance(statement, ast.Assign) and len(statement.targets) == 1
    if groups is None or prefix is None or not alone or indent.strip():
        return None
    if has_comment(file.text[start:end]) or file.text[end:].partition("\n")[0].strip()[:1] == ";":
        return None
    if _is_a_base(file, model):
        return None
    unit = "\t" if indent.startswith("\t") else "    "
    kind, suffix = ("UniqueConstraint", "uniq") if name == "unique_together" else ("Index", "idx")
    entries = [
        _entry(f"{prefix}{kind}", group, name_for(model.name, group, suffix), indent + unit, unit)
        for group in groups
    ]
    text = "".join((f"{_OPTIONS[name]} = [\n", *entries, f"{indent}]"))
    edit = file.replace(statement, text)
    return Fix((edit,), Safety.UNSAFE, f"Make it Meta.{_OPTIONS[name]}") if edit else None


def _entry(callee: str, fields: list[str], name: str, indent: str, unit: str) -> str:
    listed = ", ".join(f'"{field}"' for field in fields)
    line = f'{indent}{callee}(fields=[{listed}], name="{name}"),\n'
    if len(line) <= 89:
        return line
    inner = f'{indent}{unit}fields=[{listed}], name="{name}"\n'
    if len(inner) > 89:
        inner = f'{indent}{unit}fields=[{listed}],\n{indent}{unit}name="{name}",\n'
    return f"{indent}{callee}(\n{inner}{indent}),\n"


def name_for(model: str, fields: list[str], suffix: str) -> str:
    """A name of at most 30 characters that says what it is about, the same each time."""
    words = [model.lower(), *(field.removeprefix("-") for field in fields)]
    name = re.sub(r"\W", "_", "_".join(words))
    whole = f"{name}_{suffix}"
    if len(whole) <= _MAX_NAME:
        return whole
    digest = blake2b("|".join((model, *fields)).encode(), digest_size=3).hexdigest()
    kept = name[: _MAX_NAME - len(digest) - len(suffix) - 2].rstrip("_")
    return f"{kept}_{digest}_{suffix}"


def _prefix_of_models(file: File) -> str | None:
    """``models.``, as the file knows Django's module."""
    for imported in file.imports:
        if imported.target == "django.db.models" and not (imported.local or imported.typing):
            return f"{imported.bound}."
    return None


def _is_a_base(file: File, model: ast.ClassDef) -> bool:
    """Whether another class of the file extends the model."""
    return any(
        isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == model.name for base in node.bases)
        for node in file.tree.body
    )
