"""
Flag a database error that is caught inside of a transaction, which goes on as if nothing was.

## Why

After an error the transaction is broken: Django refuses every further query of the block
(`TransactionManagementError`), and rolls all of it back at the end without a word, also what was
written before the error. Caught around a block of its own, the error takes only that back.

## Bad

```python
from django.db import IntegrityError, transaction

from shop.models import Subscriber


def subscribe(email):
    with transaction.atomic():
        try:
            Subscriber.objects.create(email=email)
        except IntegrityError:
            subscriber = Subscriber.objects.get(email=email)
            subscriber.renew()
```

## Good

```python
from django.db import IntegrityError, transaction

from shop.models import Subscriber


def subscribe(email):
    try:
        with transaction.atomic():
            Subscriber.objects.create(email=email)
    except IntegrityError:
        subscriber = Subscriber.objects.get(email=email)
        subscriber.renew()
```

## Fix

None: a block of its own around the statement that may fail (inside of the `try`) keeps the rest;
to catch the error around the whole block takes all of it back.

## Misses

Blocks that only a caller opens, and requests with `ATOMIC_REQUESTS`; writes by functions of which
nothing is known; `except Exception`, where the code goes on to do nothing with the database;
handlers that leave the function, which is often meant to take everything back.

## When to ignore it

Where the block is meant to be rolled back after such an error: say so with
`transaction.set_rollback(True)`.

## Source

https://docs.djangoproject.com/en/stable/topics/db/transactions/#controlling-transactions-explicitly
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit import Confidence, File, Finding, Place, Step, rule
from praxis.audit.facts.nodes import walked
from praxis.audit.facts.transactions.atomic import Atomic, atomic_around

MESSAGE = (
    "A database error that is caught here has broken the transaction already: no further query of "
    "the block is possible, and all of it is rolled back at the end. Put a transaction.atomic() "
    "of its own around {what} inside of the try."
)
_ERRORS = frozenset({"IntegrityError", "DatabaseError", "OperationalError", "DataError"})
_BROAD = frozenset({"Exception", "BaseException"})
#: Methods that write, without a savepoint of their own (``get_or_create`` has one).
_WRITES = frozenset({
    "save", "create", "bulk_create", "bulk_update", "update", "delete", "create_user",
    "create_superuser",
})  # fmt: skip
_QUERIES = re.compile(
    r"\.objects\b|\.(?:save|get_or_create|update_or_create|bulk_create|refresh_from_db|first"
    r"|filter|exists)\("
)
#: Methods that are told the error, and raise nothing.
_TELLS = frozenset({
    "debug", "info", "warning", "error", "exception", "critical", "log", "append", "format",
    "write", "capture_exception", "success",
})  # fmt: skip
_MENDS = re.compile(r"savepoint|set_rollback|atomic")


@rule(code="ORM213", visits=(ast.Try, ast.With))
def check(file: File, node: ast.Try | ast.With) -> Iterator[Finding]:
    if isinstance(node, ast.With):
        yield from _suppressed(file, node)
        return
    caught = next(
        (handler for handler in node.handlers if _catches(file, handler.type, _ERRORS)), None
    )
    broad = caught is None
    if caught is None:
        caught = next(
            (one for one in node.handlers if _catches(file, one.type, _BROAD | {""})), None
        )
    if caught is None or (write := _write_in(file, node.body)) is None:
        return
    block = atomic_around(file, node)
    if block is None or _leaves(caught.body) or _MENDS.search(_source(file, caught.body)):
        return
    if _may_raise(caught) or _leaves_block(file, caught, block):
        return
    if not _goes_on(file, node, caught, block, write, broad=broad):
        return
    yield _finding(file, caught, write, block)


def _suppressed(file: File, node: ast.With) -> Iterator[Finding]:
    """``with suppress(IntegrityError):`` is the same in another dress."""
    for item in node.items:
        call = item.context_expr
        if (
            isinstance(call, ast.Call)
            and file.qualified(call.func) == "contextlib.suppress"
            and any(_catches(file, arg, _ERRORS) for arg in call.args)
        ):
            write, block = _write_in(file, node.body), atomic_around(file, node)
            if write is not None and block is not None:
                yield _finding(file, call, write, block)


def _finding(file: File, place: ast.AST, write: ast.Call, block: Atomic) -> Finding:
    function = write.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    return Finding(
        _head(file, place),
        MESSAGE.format(what=f"{name}()"),
        None,
        (
            Step(file.place(block.opening), "the transaction that is broken"),
            Step(file.place(write), "what may fail"),
        ),
        Confidence.LIKELY,
    )


def _head(file: File, node: ast.AST) -> Place:
    """The first line of a handler: ``except IntegrityError:``."""
    if not isinstance(node, ast.ExceptHandler):
        return file.place(node)
    start, _ = file.span(node)
    end = file.span(node.type)[1] if node.type is not None else start + len("except")
    return file.place_at(start, end)


def _catches(file: File, node: ast.expr | None, wanted: frozenset[str]) -> bool:
    """Whether the handler is for one of the database's errors."""
    if node is None:
        return "" in wanted
    if isinstance(node, ast.Tuple):
        return any(_catches(file, one, wanted) for one in node.elts)
    name = file.qualified(node) or ""
    if wanted is _ERRORS:
        return name.startswith("django.db.") and name.rpartition(".")[2] in wanted
    return isinstance(node, ast.Name) and node.id in wanted


def _write_in(file: File, body: list[ast.stmt]) -> ast.Call | None:
    """The first call in the block that surely writes, if no transaction is opened in it."""
    found: ast.Call | None = None
    for statement in body:
        for node in walked(statement):
            if isinstance(node, ast.With | ast.AsyncWith) and any(
                "atomic" in file.source(item.context_expr) for item in node.items
            ):
                return None
            if isinstance(node, ast.Call) and found is None and _is_write(file, node):
                found = node
    return found


def _is_write(file: File, call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _WRITES:
        return False
    if file.qualified(function) is not None:
        return "objects" in file.source(function)
    match function.attr:
        case "save":
            commits = [word.value for word in call.keywords if word.arg == "commit"]
            return not any(isinstance(one, ast.Constant) and not one.value for one in commits)
        case "update":
            return bool(call.keywords) and not call.args
        case "delete":
            return not (call.args or call.keywords)
        case "create":
            return bool(call.keywords or call.args)
    return True


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether the handler ends by raising, or by leaving the function."""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _leaves(last.body) and _leaves(last.orelse)
    return isinstance(last, ast.Raise | ast.Return)


def _may_raise(handler: ast.ExceptHandler) -> bool:
    """Whether the handler hands the error to a function, which may raise another one."""
    return handler.name is not None and any(
        isinstance(node, ast.Call)
        and not (isinstance(node.func, ast.Name) and node.func.id in {"str", "repr", "print"})
        and not (isinstance(node.func, ast.Attribute) and node.func.attr in _TELLS)
        and any(isinstance(arg, ast.Name) and arg.id == handler.name for arg in node.args)
        for statement in handler.body
        for node in ast.walk(statement)
    )


def _leaves_block(file: File, handler: ast.ExceptHandler, block: Atomic) -> bool:
    """Whether the handler goes on with the next round of a loop around the whole block."""
    if not isinstance(handler.body[-1], ast.Continue | ast.Break):
        return False
    for outer in file.ancestors():
        if outer is block.scope:
            return True
        if isinstance(outer, ast.For | ast.While):
            return False
    return False


def _goes_on(
    file: File,
    node: ast.Try,
    handler: ast.ExceptHandler,
    block: Atomic,
    write: ast.Call,
    *,
    broad: bool,
) -> bool:
    """Whether anything of the block is lost, or refused, because of the error."""
    after = _after(file, node, block)
    asks = _QUERIES.search(_source(file, handler.body)) or _QUERIES.search(after)
    if broad:
        return bool(asks) and _is_alone(node.body, write)
    return bool(asks) or block.how == "with"


def _is_alone(body: list[ast.stmt], write: ast.Call) -> bool:
    """Whether the `try` has hardly anything that could fail but the write."""
    calls = [
        node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)
    ]
    return len(body) == 1 and all(call is write or call in ast.walk(write) for call in calls)


def _after(file: File, node: ast.Try, block: Atomic) -> str:
    """The text of the transaction below the `try`; all of a loop around it, which goes on."""
    scope = block.scope
    start = file.span(node)[1]
    for outer in file.ancestors():
        if outer is scope:
            break
        if isinstance(outer, ast.For | ast.While):
            start = min(start, file.span(outer)[0])
    end = file.span(scope)[1]
    text = file.text[start:end]
    return text.replace(file.source(node), "", 1) if start < file.span(node)[0] else text


def _source(file: File, body: list[ast.stmt]) -> str:
    return "\n".join(file.source(statement) for statement in body)
