"""
Flag `print()` and `except Exception: pass` in code that serves requests: nobody will read either.

## Why
What `print` writes goes to wherever the server's standard output happens to go: without a time, a
level or a module, not to be filtered, and not seen by the error tracker. An error that is caught
whole and dropped is worse: the typing mistake that the next edit brings in is dropped as well,
and the only sign of it is data that is not there. A bare `except:` even stops `SystemExit`.

## Bad
```python
from django.http import HttpResponse


def charge(request):
    print("charging", request.POST["amount"])
    return HttpResponse("ok")
```

```python
from django.http import HttpResponse

from shop.stock import reserve


def order(request):
    try:
        reserve(request.POST["product"])
    except Exception:
        pass
    return HttpResponse("ok")
```

## Good
```python
import logging

from django.http import HttpResponse

from shop.stock import OutOfStock, reserve

logger = logging.getLogger(__name__)


def order(request):
    logger.info("reserving %s", request.POST["product"])
    try:
        reserve(request.POST["product"])
    except OutOfStock:
        pass
    return HttpResponse("ok")
```

```python
from django.http import HttpResponse

from shop.mail import send_receipt


def receipt(request):
    try:
        send_receipt(request.user)
    except Exception:
        pass  # the order stands without its receipt, and the mail server is watched elsewhere
    return HttpResponse("ok")
```

## Fix
`print` becomes `logger.info` (`logger.exception` where an error is being handled) and `pass`
becomes `logger.exception`, with the module's own logger, which is added where there is none.
Where all that is tried is to make a number, the errors that this raises are named instead.
Unsafe: where messages of that level go is for your `LOGGING` setting to say, and a bare
`except:` becomes `except Exception:`.

## Misses
Errors dropped by `contextlib.suppress(Exception)`, or by `continue` and `return None`; errors of
optional imports, of cleaning up, and of writing a log or a measurement; everything in modules
whose names do not say that they work for requests (views, forms, tasks, services and the like),
unless the function takes a `request`. In models, only dropped errors are told.

## When to ignore it
Where dropping the error is what you want: say why in a comment beside the `try` or the `pass`,
and this says no more. Management commands and scripts may print, and so may what they call, a
module that can be run by itself, and code that is called with `verbosity` or under
`if settings.DEBUG`.

## Source
https://docs.djangoproject.com/en/stable/howto/logging/,
https://docs.python.org/3/howto/logging.html#when-to-use-logging
"""

import ast
from collections.abc import Iterator

from praxis.audit import File, Finding, rule
from praxis.audit.facts.sources import Role
from praxis.audit.rules.views.print_or_pass_instead_of_log.dropped_errors import find_dropped
from praxis.audit.rules.views.print_or_pass_instead_of_log.prints import (
    find_print,
    serves_commands,
)

_SKIPS = (Role.TEST, Role.MIGRATION, Role.SCRIPT)


@rule(
    code="VIEW108",
    visits=(ast.Expr, ast.ExceptHandler),
    skips=_SKIPS,
    unless=serves_commands,
)
def check(file: File, node: ast.Expr | ast.ExceptHandler) -> Iterator[Finding]:
    if isinstance(node, ast.Expr):
        yield from find_print(file, node)
    else:
        yield from find_dropped(file, node)
