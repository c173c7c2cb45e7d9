"""Expressions over the project's models, such as people type into a shell."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, NoReturn

from django.apps import apps
from django.db import DatabaseError, connections, models
from django.db.models import functions
from django.utils import timezone

from praxis.announcements import CacheBypass, CacheEvent, CacheHit, CacheMiss, listen
from praxis.cache.statements import Kind, analyse
from praxis.errors import QueryError


class WriteRefusedError(QueryError, DatabaseError):
    """Nothing was written. An error of the database, so that no reader waits for its outcome."""


class _Ambiguous:
    """A name that several models have: using it says so."""

    def __init__(self, name: str, labels: list[str]) -> None:
        self._praxis_message = f"{name} may be {' or '.join(labels)}: write it so."

    def __getattr__(self, name: str) -> NoReturn:
        raise QueryError(self._praxis_message)


def namespace() -> dict[str, Any]:
    """All models by their names and by their labels, and what queries are made of."""
    names: dict[str, Any] = {name: getattr(models, name) for name in models.__all__}
    names |= {name: getattr(functions, name) for name in functions.__all__}
    names["timezone"] = timezone
    found: dict[str, list[type[models.Model]]] = {}
    for model in apps.get_models(include_auto_created=True):
        found.setdefault(model.__name__, []).append(model)
    for name, those in found.items():
        labels = [model._meta.label for model in those]  # noqa: SLF001 - public since ever
        names[name] = those[0] if len(those) == 1 else _Ambiguous(name, labels)
    for app in apps.get_app_configs():
        own = {model.__name__: model for model in app.get_models(include_auto_created=True)}
        if own:
            names.setdefault(app.label, SimpleNamespace(**own))
    return names


def evaluated(expression: str) -> tuple[Any, list[CacheEvent]]:
    """
    What an expression gives, and what the cache told of the queries that it made.

    Raises:
        QueryError: if it fails, or is about to write; nothing was written.
    """
    events: list[CacheEvent] = []
    with ExitStack() as stack:
        for kind in (CacheHit, CacheMiss, CacheBypass):
            stack.callback(listen(kind, events.append))
        stack.enter_context(_reading_only())
        stack.enter_context(failing_as(expression))
        # who can type it here can type it into `manage.py shell`, too
        found = eval(expression, namespace())  # noqa: S307
    return found, events


@contextmanager
def failing_as(expression: str) -> Iterator[None]:
    """Whatever fails inside is said to be the expression's fault, in one line."""
    try:
        yield
    except QueryError:
        raise
    except Exception as error:
        raise QueryError(f"{expression}: {type(error).__name__}: {error}") from error


@contextmanager
def _reading_only() -> Iterator[None]:
    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(_refuse_writes))
        yield


def _refuse_writes(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    database = context["connection"]
    if analyse(str(sql), database.vendor).kind is not Kind.READ:
        raise WriteRefusedError(f"It was about to write, and has not: {sql}")
    return execute(sql, params, many, context)
