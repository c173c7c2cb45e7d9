"""
Flag an export of a table that is put together in memory before the first byte is sent.

## Why

The whole file is in memory at once, and often the rows as well: an export of a few hundred
thousand rows takes a worker's memory and then the worker. The visitor sees nothing until it is
complete, and a proxy gives up on it after a minute. A `StreamingHttpResponse` sends each row as it
is read, and `iterator()` keeps no row once it was sent.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
# file: shop/views.py
import csv

from django.http import HttpResponse

from shop.models import Order


def orders_csv(request):
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    for order in Order.objects.order_by("number"):
        writer.writerow([order.pk, order.number])
    return response
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
# file: shop/views.py
import csv

from django.http import StreamingHttpResponse

from shop.models import Order


class Line:
    def write(self, text):
        return text


def orders_csv(request):
    writer = csv.writer(Line())
    orders = Order.objects.order_by("number").iterator(chunk_size=2000)
    lines = (writer.writerow([order.pk, order.number]) for order in orders)
    return StreamingHttpResponse(lines, content_type="text/csv")
```

## Fix

No fix is made: what is written around the rows has to become a generator.

## Misses

Rows whose query the function does not show, as those of an admin action; rows of one parent, and
rows by their keys, of which there may be few; workbooks other than those of openpyxl; JSON and text
that is joined from a list.

## When to ignore it

Where the table stays small. Under ASGI a generator that asks the database has to be an
asynchronous one.

## Source

https://docs.djangoproject.com/en/stable/howto/outputting-csv/#streaming-large-csv-files,
https://openpyxl.readthedocs.io/en/stable/optimized.html#write-only-mode
"""

import ast
from collections.abc import Iterator

from praxis.audit import Confidence, File, Finding, Project, Step, rule
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.facts.views.export_writers import find_export
from praxis.audit.facts.views.row_limits import is_limited
from praxis.audit.flow.events import RowsTaken, Span

STREAM = (
    "All {model} rows are written into memory before the first byte is sent. Send them as they "
    "are read: StreamingHttpResponse, with iterator()."
)
WORKBOOK = (
    "All {model} rows are kept as cells in memory until the workbook is saved. Make it with "
    "Workbook(write_only=True), and read the rows by iterator()."
)


@rule(
    code="VIEW102",
    visits=RowsTaken,
    skips=(Role.TEST, Role.MIGRATION, Role.COMMAND, Role.SCRIPT, Role.TASK),
)
def check(project: Project, event: RowsTaken) -> Iterator[Finding]:
    if event.bounded or event.relation:
        return
    text = project.text(event.path)
    if "writerow" not in text and "openpyxl" not in text:
        return
    file = project.around(event.path, *event.span)
    index = project.derive(ModelIndex)
    model = index.model(event.model)
    export = find_export(file, event.span) if file is not None else None
    if file is None or model is None or export is None:
        return
    iterated = _node_at(file, export.function, event.iterated)
    if iterated is None or is_limited(index, model, export.function, iterated):
        return
    message = WORKBOOK if export.is_workbook else STREAM
    yield Finding(
        project.place(event.path, *export.sink),
        message.format(model=model.name),
        steps=(
            Step(project.place(event.path, *event.iterated), "the rows come from here"),
            Step(project.place(event.path, *export.writing), "each is written to memory"),
        ),
        confidence=Confidence.LIKELY,
    )


def _node_at(file: File, function: ast.AST, span: Span) -> ast.expr | None:
    for node in ast.walk(function):
        if isinstance(node, ast.expr) and file.span(node) == span:
            return node
    return None
