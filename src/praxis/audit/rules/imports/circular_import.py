"""
Flags modules that import each other and load only if the right one of them is imported first.

## Why

While a module is being imported, it holds only the names that it has bound so far. When modules
import each other in a circle, one of them asks another for a name that is not there yet:
`ImportError: cannot import name … (most likely due to a circular import)`. Whether that happens
depends on which of them is imported first: a new import elsewhere, another order of
`INSTALLED_APPS`, a test run by itself or a new command is enough. This rule follows the imports of
each module in the circle in Python's own order, and speaks where one order works and another one
fails; the steps of the finding are that failing order.

## Bad

```python
# file: shop/orders.py
class Order:
    pass

from shop.invoices import Invoice

def invoice_for(order):
    return Invoice(order)
# file: shop/invoices.py
from shop.orders import Order

class Invoice:
    def __init__(self, order: Order):
        self.order = order
```

Importing `shop.orders` works. Importing `shop.invoices` first fails.

## Good

```python
# file: shop/orders.py
class Order:
    pass

def invoice_for(order):
    from shop.invoices import Invoice  # invoices imports this module

    return Invoice(order)
# file: shop/invoices.py
from shop.orders import Order

class Invoice:
    def __init__(self, order: Order):
        self.order = order
```

## Fix

None is made by itself. The finding stands at the import that is cheapest to cut, and says how:

- names that are used only in functions: import them at the top of the function;
- a model that is only the target of a relation: name it by a string, `ForeignKey("shop.Order")`;
- names that serve annotations alone: import them under `if TYPE_CHECKING:`, with
  `from __future__ import annotations`;
- otherwise: move what both sides need to a module that imports neither. Models are also found by
  `django.apps.apps.get_model("shop", "Order")`, at call time.

## Misses

Circles that load in whatever order, such as most between a package and its own modules; circles
through `import a.b` whose attributes are used too early; imports by string; what depends on a
condition. At most one finding for each set of modules that all import each other.

## When to ignore it

Where the package's own `__init__.py`, or Django's loading of apps, always imports the right
module first in a way that this rule cannot see.

## Source

https://docs.python.org/3/faq/programming.html#what-are-the-best-practices-for-using-import-in-a-module,
https://docs.djangoproject.com/en/stable/ref/applications/#how-applications-are-loaded
"""

import ast
from collections.abc import Iterator
from itertools import pairwise

from praxis.audit import File, Finding, Project, Step, rule
from praxis.audit.facts.imports.graph import Failure, ImportGraph, Running, SetUp

#: Events that are followed in one knot: what is larger is told only as far as that goes.
_MAX_STEPS = 300_000


@rule(code="IMP101", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    graph, setup = project.derive(ImportGraph), project.derive(SetUp.of)
    for knot in graph.knots():
        failure = _shortest_failure(setup, knot)
        if failure is not None:
            yield _finding(project, failure, len(knot))


def _shortest_failure(setup: SetUp, knot: list[str]) -> Failure | None:
    """
    The failure with the shortest circle, over all modules of the knot as the first one.

    None also where nothing of the knot can be imported: then what the project does at run time
    was not understood, since it surely runs.
    """
    failures: list[Failure] = []
    works = any(path in setup.after.begun for path in knot)
    steps = 0
    for path in knot:
        if path in setup.models and path not in setup.before.begun:
            state = setup.before
        elif path not in setup.after.begun:
            state = setup.after
        else:
            continue
        first = state.narrowed(knot)
        failure = first.load(path)
        steps += first.steps
        if failure is None:
            works = True
        else:
            failures.append(failure)
        if steps > _MAX_STEPS:
            break
    return min(failures, key=_length, default=None) if works else None


def _length(failure: Failure) -> tuple[int, int, str]:
    return len(failure.cycle), len(failure.chain), failure.entry


def _finding(project: Project, failure: Failure, size: int) -> Finding:
    name_of = project.modules.name_of
    cycle = failure.cycle
    told = [_cut(project, running) for running in cycle]
    cut = min(range(len(told)), key=lambda index: told[index][0])  # the first of the cheapest
    advice = told[cut][1]
    names = [name_of(running.path) for running in cycle]
    circle = " → ".join([*names, names[0]])
    more = f" ({size} modules are tied together)" if size > len(cycle) else ""
    last = name_of(failure.chain[-1].path)
    message = (
        f"Circular import: {circle}{more}. Importing {name_of(failure.entry)} first fails: {last} "
        f"needs {failure.name} before {name_of(failure.partial)} has defined it. {advice}"
    )
    place = project.place(cycle[cut].path, cycle[cut].event.start, cycle[cut].event.end)
    return Finding(place, message, steps=tuple(_steps(project, failure)))


def _steps(project: Project, failure: Failure) -> Iterator[Step]:
    name_of = project.modules.name_of
    for running, following in pairwise(failure.chain):
        place = project.place(running.path, running.event.start, running.event.end)
        yield Step(place, f"importing {name_of(running.path)} runs {name_of(following.path)}")
    last = failure.chain[-1]
    place = project.place(last.path, last.event.start, last.event.end)
    yield Step(place, f"{name_of(failure.partial)} has not defined {failure.name} yet: ImportError")


def _cut(project: Project, running: Running) -> tuple[int, str]:
    """What cutting an import costs (0 is the least), and how to do it."""
    file = project.file(running.path)
    names = running.event.binds
    what = ", ".join(names) or running.event.imports
    line = project.place(running.path, running.event.start, running.event.end).line
    where = f"{running.path}:{line}"
    if file is None or "*" in running.event.wants or running.path.endswith("__init__.py"):
        # what a package imports is often meant for others to import from it
        return 3, f"Move what both need to a module that imports neither ({where})."
    uses = _uses(file, frozenset(names))
    if uses == {"relation"}:
        return 0, f"At {where}, {what} is only the target of relations: name it by a string there."
    if uses == {"function"}:
        return 1, f"At {where}, {what} is used in functions only: import it inside of them."
    if uses and uses <= {"annotation", "function"}:
        also, inside = (
            (" and functions", " and inside of the functions") if "function" in uses else ("", "")
        )
        return 2, (
            f"At {where}, {what} serves only annotations{also}: import it under if TYPE_CHECKING, "
            f"with from __future__ import annotations{inside}."
        )
    return 3, f"Move {what} ({where}) and what needs it to a module that imports neither."


_RELATIONS = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField", "GenericRelation"})


def _uses(file: File, names: frozenset[str]) -> set[str]:
    """How the imported names are used: at import time, in functions, annotations, relations."""
    found: set[str] = set()
    stack: list[tuple[ast.AST, str]] = [(file.tree, "module")]
    while stack:
        node, context = stack.pop()
        if isinstance(node, ast.Name):
            if node.id in names:
                found.add(context)
            continue
        stack += _children(node, context)
    return found


def _children(node: ast.AST, context: str) -> Iterator[tuple[ast.AST, str]]:
    for field, value in ast.iter_fields(node):
        inner = context
        if context == "module":
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inner = "function" if field == "body" else context
            if field in {"annotation", "returns"}:
                inner = "annotation"
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                yield child, "relation" if index == 0 and _is_target(node, field, inner) else inner


def _is_target(node: ast.AST, field: str, context: str) -> bool:
    if context != "module" or field != "args" or not isinstance(node, ast.Call):
        return False
    function = node.func
    return (getattr(function, "attr", None) or getattr(function, "id", "")) in _RELATIONS
