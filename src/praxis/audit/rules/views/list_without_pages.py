"""
Flag a list that goes to a page or an API as a whole, of a table that grows.

## Why

The page that shows all orders is quick in the first month. With a hundred thousand rows it fetches,
renders and sends them all, takes the memory of a worker and then its time limit, and every robot
that finds it can bring the site down. Pages of fifty cost the same for ever.

## Bad

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from django.core.paginator import Paginator
from django.shortcuts import render

from shop.models import Order


def newest(request):
    orders = Paginator(Order.objects.order_by("-created_at", "pk"), 50)
    return render(request, "newest.html", {"orders": orders.get_page(1)})


def orders(request):
    return render(request, "orders.html", {"orders": Order.objects.order_by("pk")})
# file: shop/templates/orders.html
{% for order in orders %}{{ order.number }}{% endfor %}
```

## Good

```python
# file: shop/models.py
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    created_at = models.DateTimeField(auto_now_add=True)
# file: shop/views.py
from django.core.paginator import Paginator
from django.shortcuts import render

from shop.models import Order


def orders(request):
    pages = Paginator(Order.objects.order_by("pk"), 50)
    return render(request, "orders.html", {"orders": pages.get_page(request.GET.get("page"))})
# file: shop/templates/orders.html
{% for order in orders %}{{ order.number }}{% endfor %}
```

## Fix

None: a page needs links to the next one. `paginate_by = 50` in a `ListView`, `pagination_class` in
a view of Django REST framework, or `DEFAULT_PAGINATION_CLASS` for all of them.

## Misses

Tables that the project pages nowhere else, and views of an API beside which no other one pages its
list; rows of an owner such as a user or an order, which has few; lists that are put together in
Python.

## When to ignore it

Where the table stays small, or the client needs all of it at once, as a select box does. The code
does not tell, which is why the rule has to be asked for.

## Source

https://docs.djangoproject.com/en/stable/topics/pagination/,
https://www.django-rest-framework.org/api-guide/pagination/
"""

import re
from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, Step, rule
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.growth import grows
from praxis.audit.facts.models.indexes import Tables
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import RowsPaged, RowsShown

_PAGES = re.compile(r"paginat|page_obj|has_next|infinite", re.IGNORECASE)
#: Parts of the names of columns by which a few rows are picked: what waits to be done.
_STATE = frozenset({"phase", "stage", "state", "status", "step"})


class Lists:
    """What the project shows, whole and by pages, as it is heard of."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.shown: list[RowsShown] = []
        self.paged: list[RowsPaged] = []

    def add(self, event: RowsShown | RowsPaged) -> None:
        """Remember the event."""
        if isinstance(event, RowsShown):
            self.shown.append(event)
        else:
            self.paged.append(event)


@rule(code="ORM113", visits=(RowsShown, RowsPaged, Project), default=False)
def check(project: Project, event: RowsShown | RowsPaged | None = None) -> Iterator[Finding]:
    lists = project.derive(Lists)
    if event is not None:
        lists.add(event)
        return
    told: set[tuple[str, int]] = set()
    for shown in sorted(lists.shown, key=lambda one: (one.origins[0].spot, one.path, one.span)):
        site = shown.origins[0]
        if (site.path, site.start) in told or project.role(site.path) is not Role.REQUEST:
            continue
        paged = _paged_beside(project, lists, shown)
        judge = _is_api_list if shown.view else _is_long
        if paged is None or not judge(project, shown):
            continue
        told.add((site.path, site.start))
        yield _finding(project, shown, paged)


def _paged_beside(project: Project, lists: Lists, shown: RowsShown) -> RowsPaged | None:
    """Where the same rows are paged, or another view of the API pages its own."""
    for paged in lists.paged:
        same = paged.path == shown.path if shown.view else paged.model == shown.model
        alike = same and bool(paged.view) is bool(shown.view)
        if alike and project.role(paged.path) is Role.REQUEST:
            return paged
    return None


def _is_api_list(project: Project, shown: RowsShown) -> bool:
    return not project.derive(_pages_by_default) and _of_few_owners(project, shown)


def _is_long(project: Project, shown: RowsShown) -> bool:
    return (
        _grows(project, shown.model)
        and not (shown.vague or any(_STATE & set(re.split("_+", name)) for name in shown.equal))
        and _of_few_owners(project, shown)
        and not _PAGES.search(project.text(shown.path))
    )


def _grows(project: Project, key: Key) -> bool:
    table = project.derive(Tables).of(key)
    return table is not None and grows(table, project.derive(ModelIndex))


def _of_few_owners(project: Project, shown: RowsShown) -> bool:
    """
    Whether the rows are all, or those of one owner of a kind that stays few, as brands do.

    Where owners become more as well, each has few: an order's payments, a user's orders.
    """
    user = project.derive(ModelIndex).user
    if user is None:
        return False
    owners = {shown.owner} if shown.owner is not None else set()
    for name in shown.equal:
        found = _owners_by(project, shown.model, name)
        if found is None:
            return False
        owners |= found
    many = {paged.model for paged in project.derive(Lists).paged} | {user.key}
    return not any(owner in many or _grows(project, owner) for owner in owners)


def _owners_by(project: Project, key: Key, lookup: str) -> set[Key] | None:
    """The models that the lookup leads to; None where one of them may be any."""
    index, owners = project.derive(ModelIndex), set[Key]()
    if lookup in {"object_id", "object_pk"}:
        return None  # the other half of a generic foreign key
    for part in lookup.split("__"):
        model = index.model(key)
        relation = model.relations.get(part.removesuffix("_id")) if model is not None else None
        if model is None or relation is None:
            return owners if model is not None else None
        if relation.target is None or not relation.to_one:
            return None
        key = relation.target
        owners.add(key)
    return owners


def _pages_by_default(project: Project) -> bool:
    """Whether some settings name a class that pages every list of the API."""
    return any(
        "DEFAULT_PAGINATION_CLASS" in project.text(path)
        for path in project.summaries
        if path.endswith(".py") and project.role(path) not in {Role.TEST, Role.MIGRATION}
    )


def _finding(project: Project, shown: RowsShown, paged: RowsPaged) -> Finding:
    site = shown.origins[0]
    what = "the API sends" if shown.view else "the page shows"
    cure = "Set pagination_class." if shown.view else "Show them by pages, or the first of them."
    beside = f"{paged.model[1]} rows go by pages here"
    return Finding(
        project.place(site.path, site.start, site.end),
        f"However many {shown.model[1]} rows there come to be, {what} them all. {cure}",
        steps=(
            Step(project.place(shown.path, *shown.span), f"{what} them all"),
            Step(project.place(paged.path, *paged.span), beside),
        ),
        confidence=Confidence.LIKELY,
    )
