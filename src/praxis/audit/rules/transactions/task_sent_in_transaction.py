"""
Flag a task that is sent, or a message that is published, before the transaction is committed.

## Why

The worker may start before the commit: it does not find the row that it was sent for, or reads
the old one. And if the transaction fails afterwards, the task runs for something that never
happened. `transaction.on_commit` sends it when the rows are there, and never otherwise.

## Bad

```python
# file: shop/tasks.py
from celery import shared_task


@shared_task
def send_confirmation(pk):
    print(pk)
# file: shop/views.py
from django.db import transaction

from shop.tasks import send_confirmation


def place(order):
    with transaction.atomic():
        order.save()
        send_confirmation.delay(order.pk)
```

## Good

```python
# file: shop/tasks.py
from celery import shared_task


@shared_task
def send_confirmation(pk):
    print(pk)
# file: shop/views.py
from django.db import transaction

from shop.tasks import send_confirmation


def place(order):
    with transaction.atomic():
        order.save()
        transaction.on_commit(lambda: send_confirmation.delay(order.pk))
```

## Fix

Unsafe: the task is sent later than before, not at all in a `TestCase` (use
`captureOnCommitCallbacks`), and nothing is returned, so a call whose result is used has no fix.
Where a name in the arguments may hold something else by the time of the commit, as in a loop, the
arguments are kept by `functools.partial`.

## Misses

Requests with `ATOMIC_REQUESTS`, tasks sent with a `countdown`, chains of more than three calls,
transactions in which nothing is visibly written, and projects that have a task class of their own
which waits for the commit.

## When to ignore it

Where the task has nothing to do with what the transaction writes, or the queue is a table in the
same database.

## Source

https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit,
https://docs.celeryq.dev/en/stable/userguide/tasks.html#database-transactions
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, rule
from praxis.audit.editing.on_commit import send_at_commit
from praxis.audit.facts.transactions.call_chains import (
    CallChains,
    Function,
    Link,
    opening_of,
    steps_of,
)
from praxis.audit.facts.transactions.side_effects import Act
from praxis.audit.facts.transactions.task_queues import sends


@rule(code="ORM211", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    chains = project.derive(CallChains)
    if chains.defers_tasks:
        return
    told: set[tuple[str, tuple[int, int]]] = set()
    for function in chains.functions():
        for act in function.acts.acts:
            block = function.acts.blocks[act.block] if act.block >= 0 else None
            if block is None or act.handled or not (block.writes or block.how != "with"):
                continue
            chain = _chain_of(project, chains, function, act)
            if chain is None:
                continue
            end = chain[-1]
            if (end.path, end.act.span) not in told:
                told.add((end.path, end.act.span))
                yield _finding(project, function, act, chain)


def _chain_of(
    project: Project, chains: CallChains, function: Function, act: Act
) -> tuple[Link, ...] | None:
    if act.kind == "call":
        # whether it is a task is asked where it stands, once the chain is known
        found = chains.chain(function.path, act, lambda one: one.kind in {"task", "message"})
    else:
        found = (Link(function.path, act),) if act.kind in {"task", "message"} else None
    if found is None or not sends(project, found[-1].path, found[-1].act):
        return None
    return found


def _finding(project: Project, function: Function, act: Act, chain: tuple[Link, ...]) -> Finding:
    block = function.acts.blocks[act.block]
    end = chain[-1]
    what = "publishes a message" if end.act.kind == "message" else "sends a task"
    calls = steps_of(project, chain, what)[:-1] if len(chain) > 1 else ()
    return Finding(
        project.place(end.path, *end.act.span),
        f"{_short(end.act.name)}() {what} before the transaction is committed: whoever gets it may "
        "not find the rows yet, and gets it even if the transaction fails. Send it by "
        "transaction.on_commit().",
        send_at_commit(project, end.path, end.act.span),
        (opening_of(project, function.path, block), *calls),
        Confidence.CERTAIN if len(chain) == 1 else Confidence.LIKELY,
    )


def _short(name: str) -> str:
    """The task and the method, without the module."""
    return ".".join(name.lstrip(".").split(".")[-2:])
