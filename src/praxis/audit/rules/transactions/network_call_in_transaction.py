"""
Flag a call to another server, mail, a program or a pause inside of an open transaction.

## Why

An open transaction keeps its locks and its database connection until it ends. If the other side
takes ten seconds to answer, everybody who wants one of the locked rows waits ten seconds, and a
few such requests use up all connections. And what was sent cannot be taken back if the
transaction fails afterwards: the mail is out, the card is charged, the row is gone.

## Bad

```python
import requests
from django.db import transaction


def place(order):
    with transaction.atomic():
        order.save()
        answer = requests.post("https://pay.example/charges", json={"order": order.pk}, timeout=10)
        order.payments.create(reference=answer.json()["id"])
```

```python
from django.core.mail import send_mail
from django.db import transaction


def notify(order):
    send_mail("Your order", order.text, None, [order.email])


@transaction.atomic
def place(order):
    order.save()
    notify(order)
```

## Good

```python
import requests
from django.db import transaction


def place(order):
    with transaction.atomic():
        order.save()
    answer = requests.post("https://pay.example/charges", json={"order": order.pk}, timeout=10)
    order.payments.create(reference=answer.json()["id"])
```

```python
from django.core.mail import send_mail
from django.db import transaction


def notify(order):
    send_mail("Your order", order.text, None, [order.email])


@transaction.atomic
def place(order):
    order.save()
    transaction.on_commit(lambda: notify(order))
```

## Fix

None: what can be done before the transaction, and what only after it, is for you to say. A
message that must not get lost is written into a table in the same transaction, and sent by a
worker.

## Misses

Requests with `ATOMIC_REQUESTS`, clients that come as parameters, methods of instances whose class
is not known, chains of more than three calls, calls in `except` blocks and under conditions on a
parameter. Mail that a backend only puts into a queue. Transactions that lock rows
(`select_for_update`) or take another lock: they may be meant to keep others from the same call.

## When to ignore it

Where the lock is there to keep everybody else from making the same call at the same time.

## Source

https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit
"""

from collections.abc import Iterator

from praxis.audit import Confidence, Finding, Project, rule
from praxis.audit.facts.transactions.call_chains import (
    CallChains,
    Function,
    Link,
    opening_of,
    steps_of,
)
from praxis.audit.facts.transactions.mail import mail_waits
from praxis.audit.facts.transactions.side_effects import Act, Block

_WAITING = {
    "network": "asks another server ({name})",
    "mail": "sends mail ({name})",
    "sleep": "pauses ({name})",
    "program": "waits for a program ({name})",
}


@rule(code="ORM210", visits=Project)
def check(project: Project) -> Iterator[Finding]:
    chains = project.derive(CallChains)
    kinds = set(_WAITING)
    if not project.derive(mail_waits):
        kinds.discard("mail")
    for function in chains.functions():
        told: set[int] = set()
        for act in function.acts.acts:
            if act.block < 0 or act.handled or act.block in told:
                continue
            if function.acts.blocks[act.block].locks:
                continue  # meant to keep others from making the same call
            chain = _chain_of(chains, function, act, kinds)
            if chain is not None:
                told.add(act.block)
                yield _finding(project, function, act, chain)


def _chain_of(
    chains: CallChains, function: Function, act: Act, kinds: set[str]
) -> tuple[Link, ...] | None:
    if act.kind in kinds:
        return (Link(function.path, act),)
    if act.kind != "call":
        return None
    return chains.chain(function.path, act, lambda inner: inner.kind in kinds)


def _finding(project: Project, function: Function, act: Act, chain: tuple[Link, ...]) -> Finding:
    block: Block = function.acts.blocks[act.block]
    end = chain[-1].act
    what = _WAITING[end.kind].format(name=f"{end.name}()")
    steps = (
        opening_of(project, function.path, block),
        *(steps_of(project, chain, what) if len(chain) > 1 else ()),
    )
    by_way = f" by way of {act.name.rpartition('.')[2]}()" if len(chain) > 1 else ""
    return Finding(
        project.place(function.path, *act.span),
        f"This {what}{by_way} while a transaction is open: its locks and its connection are held "
        "until the answer is there. Do it before the transaction, or after it by "
        "transaction.on_commit().",
        None,
        steps,
        Confidence.CERTAIN if len(chain) == 1 else Confidence.LIKELY,
    )
