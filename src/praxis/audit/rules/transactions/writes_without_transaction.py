"""
Flag writes that belong together, but are committed one by one.

## Why

Without a transaction every statement is committed by itself. If the second one fails, or the
process is killed in between, the first one stays: an order without its lines, money that left
one account and never came to the other, a list that was emptied and not filled again.

## Bad

```python
from shop.models import Order, OrderLine


def place(customer, items):
    order = Order.objects.create(customer=customer)
    for product, quantity in items:
        OrderLine.objects.create(order=order, product=product, quantity=quantity)
    return order
```

```python
def replace_tags(product, names):
    product.tags.all().delete()
    for name in names:
        product.tags.create(name=name)
```

```python
def move(source, target, amount):
    source.balance -= amount
    source.save()
    target.balance += amount
    target.save()
```

## Good

```python
from django.db import transaction

from shop.models import Order, OrderLine


@transaction.atomic
def place(customer, items):
    order = Order.objects.create(customer=customer)
    for product, quantity in items:
        OrderLine.objects.create(order=order, product=product, quantity=quantity)
    return order
```

## Fix

None: where the transaction begins and ends is for you to say. What talks to other servers stays
outside.

## Misses

Writes that hang together by anything else than these: a row and the rows that point at it, made in
a loop; rows deleted and made anew; a row and a number of the row that it points at; an amount that
moves from row to row; what a function writes for a row after the transaction that made it.
Functions that are called inside of a transaction anywhere, projects with `ATOMIC_REQUESTS`,
management commands, and functions that mention a transaction.

The rule has to be asked for: what may stand or fall alone, such as a table that only caches what
others hold, looks the same, and too few findings were read to say that it is right often enough.

## When to ignore it

Where the caller, which is not of this project, opens the transaction; or where half of it is as
good as all of it.

## Source

https://docs.djangoproject.com/en/stable/topics/db/transactions/#controlling-transactions-explicitly
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit import Confidence, File, Finding, Project, Step, rule
from praxis.audit.facts.nodes import walked
from praxis.audit.facts.sources import Role
from praxis.audit.facts.transactions.atomic import ADMIN_METHODS, atomic_of_with, may_be_atomic
from praxis.audit.facts.transactions.atomic_requests import wraps_requests
from praxis.audit.facts.transactions.call_chains import CallChains
from praxis.audit.registry import QUIET_ROLES

MESSAGE = (
    "{what} are committed one by one: if the second fails, the first stays. Put both into one "
    "transaction.atomic()."
)
_WRITES = re.compile(r"\.(?:create|bulk_create|save|delete|update)\(")
_GUARDED = re.compile(r"atomic|transaction|savepoint|commit_on|[lL]ock\b|_lock")
#: So much written after a block is no afterthought, such as a line in a log.
MANY = 2
_SKIPPED = (*QUIET_ROLES, Role.COMMAND, Role.SCRIPT, Role.SETTINGS)


def _may_be_inside(project: Project, finding: Finding) -> bool:
    """Whether a caller, or the settings, may open the transaction."""
    if project.derive(wraps_requests):
        return True
    summary = project.summaries[finding.place.path]
    name = summary.symbol_at(finding.place.line).rpartition(".")[2]
    return name in project.derive(CallChains).called_inside


@rule(
    code="ORM209",
    visits=ast.FunctionDef,
    skips=_SKIPPED,
    default=False,
    unless=_may_be_inside,
)
def check(file: File, node: ast.FunctionDef) -> Iterator[Finding]:
    text = file.source(node)
    if len(_WRITES.findall(text)) < 2 or node.name in ADMIN_METHODS:
        return
    if may_be_atomic(file) or any(_GUARDED.search(file.source(one)) for one in node.decorator_list):
        return
    if _GUARDED.search(text):
        yield from _left_out(file, node)
        return
    writes = list(_writes_of(node))
    for form in (_parent_and_children, _emptied_and_filled, _row_and_its_number, _moved):
        found = form(node, writes)
        if found is not None:
            what, first, second = found
            yield Finding(
                file.place(first.call),
                MESSAGE.format(what=what),
                None,
                (Step(file.place(second.call), "committed by itself"),),
                Confidence.LIKELY,
            )
            return


def _left_out(file: File, function: ast.FunctionDef) -> Iterator[Finding]:
    """A block that creates a row, and more that is written for it after the block."""
    blocks = [node for node in function.body if isinstance(node, ast.With)]
    if len(blocks) != 1 or (atomic := atomic_of_with(file, blocks[0])) is None:
        return
    created = {one.bound for one in _writes_in(blocks[0].body, 0, ()) if one.verb == "create"}
    after = function.body[function.body.index(blocks[0]) + 1 :]
    direct = [one for one in _writes_in(after, 0, ()) if not one.branch]
    helper = after[0] if after else None
    match helper:
        case ast.Expr(ast.Call(ast.Name(name), args) as call) if (
            len(direct) >= MANY
            and any(isinstance(arg, ast.Name) and arg.id in created for arg in args)
            and _writes_itself(file, name)
        ):
            yield Finding(
                file.place(call),
                "Writes for a row whose transaction is committed already: if it fails, the row "
                "stays without it. Put it, and what is written below, into the same "
                "transaction.atomic().",
                None,
                (
                    Step(file.place(atomic.opening), "the transaction that ends before"),
                    *(Step(file.place(one.call), "written after it, too") for one in direct),
                ),
                Confidence.LIKELY,
            )


def _writes_itself(file: File, name: str) -> bool:
    """Whether the file's own function of this name plainly writes."""
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == name
        and _WRITES.search(file.source(node)) is not None
        for node in file.tree.body
    )


@dataclass(frozen=True, slots=True)
class _Write:
    """
    One call that writes.

    *target* is what it is called on without the query (``Order.objects``, ``order.lines``, or
    ``order`` for ``order.save()``); *bound* the name that holds the new row; *loops* how many
    loops are around it; *branch* the conditions and handlers around it.
    """

    call: ast.Call
    verb: str
    target: str
    bound: str
    loops: int
    branch: tuple[int, ...]
    given: frozenset[str]


Found = tuple[str, _Write, _Write]


def _writes_of(function: ast.FunctionDef) -> Iterator[_Write]:
    """The writes of the function in source order, without those in handlers."""
    yield from _writes_in(function.body, 0, ())


def _writes_in(body: list[ast.stmt], loops: int, branch: tuple[int, ...]) -> Iterator[_Write]:
    for node in body:
        match node:
            case ast.For(body=inner) | ast.While(body=inner):
                yield from _writes_in(inner, loops + 1, branch)
            case ast.If(body=inner, orelse=orelse):
                yield from _writes_in(inner, loops, (*branch, id(inner)))
                yield from _writes_in(orelse, loops, (*branch, id(orelse)))
            case ast.With(body=inner):
                yield from _writes_in(inner, loops, branch)
            case ast.Try(body=inner, orelse=orelse, finalbody=final):
                yield from _writes_in(inner, loops, branch)
                yield from _writes_in(orelse, loops, (*branch, id(orelse)))
                yield from _writes_in(final, loops, branch)
            case ast.Expr(ast.Call() as call) | ast.Return(ast.Call() as call):
                found = _write(call, "", loops, branch)
                if found is not None:
                    yield found
            case ast.Assign([ast.Name(bound)], ast.Call() as call):
                found = _write(call, bound, loops, branch)
                if found is not None:
                    yield found


def _write(call: ast.Call, bound: str, loops: int, branch: tuple[int, ...]) -> _Write | None:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return None
    verb = function.attr
    if verb not in {"create", "bulk_create", "save", "delete"}:
        return None
    receiver = function.value
    while isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        if receiver.func.attr not in {"all", "filter", "exclude"}:
            return None
        receiver = receiver.func.value
    if verb == "save" and not isinstance(receiver, ast.Name):
        return None
    given = frozenset(
        node.id
        for word in call.keywords
        for node in ast.walk(word.value)
        if isinstance(node, ast.Name)
    )
    return _Write(call, verb, ast.unparse(receiver), bound, loops, branch, given)


def _together(first: _Write, second: _Write) -> bool:
    """Whether the first one surely has happened where the second one does, and just once."""
    return second.branch[: len(first.branch)] == first.branch


def _is_manager(target: str) -> bool:
    return target.endswith(".objects") or re.fullmatch(r"\w+\.\w+", target) is not None


def _parent_and_children(_: ast.FunctionDef, writes: list[_Write]) -> Found | None:
    """``p = P.objects.create()``, and in a loop ``C.objects.create(parent=p)``."""
    for position, first in enumerate(writes):
        if first.verb != "create" or not first.bound or not first.target.endswith(".objects"):
            continue
        for second in writes[position + 1 :]:
            if second.verb not in {"create", "bulk_create"} or second.target == first.target:
                continue
            of_it = first.bound in second.given or second.target.startswith(f"{first.bound}.")
            many = second.loops > first.loops or second.verb == "bulk_create"
            if of_it and many and _together(first, second):
                return "This row and the rows that belong to it", first, second
    return None


def _emptied_and_filled(_: ast.FunctionDef, writes: list[_Write]) -> Found | None:
    """``x.lines.all().delete()``, then ``x.lines.create()``."""
    for position, first in enumerate(writes):
        if first.verb != "delete" or not _is_manager(first.target):
            continue
        if first.loops or not isinstance(first.call.func, ast.Attribute):
            continue  # one by one, as when two lists are compared
        if not isinstance(first.call.func.value, ast.Call):
            continue  # row.file.delete()
        for second in writes[position + 1 :]:
            many = second.verb == "bulk_create" or (second.verb == "create" and second.loops > 0)
            if many and second.target == first.target and _together(first, second):
                return "That the rows are deleted, and that they are made anew,", first, second
    return None


def _row_and_its_number(function: ast.FunctionDef, writes: list[_Write]) -> Found | None:
    """``C.objects.create(parent=p)``, then ``p.count += 1`` and ``p.save()``."""
    changed = {name for name, _, _ in _changes_of(function)}
    for position, first in enumerate(writes):
        if first.verb != "create" or not first.target.endswith(".objects"):
            continue
        for second in writes[position + 1 :]:
            counts = second.verb == "save" and second.target in first.given & changed
            if counts and _together(first, second):
                return "This row and the number that counts it", first, second
    return None


def _moved(function: ast.FunctionDef, writes: list[_Write]) -> Found | None:
    """``a.n -= x``, ``a.save()``, ``b.n += x``, ``b.save()``."""
    changes = list(_changes_of(function))
    saves = [write for write in writes if write.verb == "save"]
    for name, field, sign in changes:
        for other, its_field, its_sign in changes:
            if name != other and field == its_field and sign < its_sign:
                first = next((one for one in saves if one.target == name), None)
                second = next((one for one in saves if one.target == other), None)
                if first is not None and second is not None and _together(first, second):
                    pair = sorted((first, second), key=lambda one: one.call.lineno)
                    return "What is taken from one row and given to the other", pair[0], pair[1]
    return None


def _changes_of(function: ast.FunctionDef) -> Iterator[tuple[str, str, int]]:
    """Each ``name.field += …`` as the name, the field and 1; -1 where it is taken away."""
    for node in walked(function):
        match node:
            case ast.AugAssign(
                ast.Attribute(ast.Name(name), field), op=ast.Add() | ast.Sub() as op
            ):
                yield name, field, 1 if isinstance(op, ast.Add) else -1
            case ast.Assign(
                [ast.Attribute(ast.Name(name), field)],
                ast.BinOp(ast.Attribute(ast.Name(read), same), ast.Add() | ast.Sub() as op),
            ) if name == read and field == same:
                yield name, field, 1 if isinstance(op, ast.Add) else -1
