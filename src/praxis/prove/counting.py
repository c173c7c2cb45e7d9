"""
The WSGI application that a measured site is served through.

It is the site's own application, and counts the statements of a request that asks for it; the
others, which are timed, run bare. ``gunicorn praxis.prove.counting:application`` serves the one
that ``PRAXIS_PROVE_WSGI`` names, for example ``shop.wsgi:application``.
"""

import importlib
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

VARIABLE = "PRAXIS_PROVE_WSGI"
#: The request header that asks for a count, and the response header that gives it.
ASK_HEADER, COUNT_HEADER = "X-Praxis-Count", "X-Praxis-Queries"

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def load_application() -> Application:
    """
    The application that the environment names.

    Raises:
        KeyError: if it names none; only `praxis.prove.site` starts this module.
    """
    module, _, name = os.environ[VARIABLE].partition(":")
    loaded: Application = getattr(importlib.import_module(module), name or "application")
    return loaded


def counted(inner: Application) -> Application:
    """Wrap *inner* so that a request with the asking header is told its statements."""
    from django.db import connections

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if "HTTP_X_PRAXIS_COUNT" not in environ:
            return inner(environ, start_response)
        count = 0

        def count_statement(execute: Any, *args: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*args)

        told: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
            told[:] = [status, headers, *rest]

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(count_statement))
            response = inner(environ, remember)
            body = b"".join(response)  # a streamed body runs its queries while it is read
            close = getattr(response, "close", None)
            if close is not None:
                close()
        status, headers, *rest = told
        start_response(status, [*headers, (COUNT_HEADER, str(count))], *rest)
        return [body]

    return application


def __getattr__(name: str) -> Application:
    """Make ``application`` when gunicorn asks for it: the settings are needed only then."""
    if name != "application":
        raise AttributeError(name)
    return counted(load_application())
