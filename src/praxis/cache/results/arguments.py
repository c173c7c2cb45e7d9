"""Arguments of a call: what tells it from others, and what of them has to be read anew."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model

from praxis.cache.results.naming import plain
from praxis.errors import NotCacheableError


class Signature:
    """
    How a function is called.

    Args:
        function: The one that is kept; its defaults and the order of its names count.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._signature = inspect.signature(function)

    def told(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[object]:
        """
        What tells this call from others, however its arguments were passed.

        Raises:
            TypeError: if the function cannot be called so.
            NotCacheableError: if an argument stands for nothing that could be told.
        """
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        found: list[object] = []
        for name, value in bound.arguments.items():
            try:
                found.append([name, plain(value)])
            except NotCacheableError as error:
                raise NotCacheableError(
                    f"The argument {name!r} of {self._function.__qualname__} cannot name its "
                    f"result: {error}. Pass plain values or a model's instance, or give "
                    "cached(key=…) a function that answers with plain values for the arguments."
                ) from error
        return found


class NotTheRowError(Exception):
    """An instance holds what no row does, or its row is gone; the message says it in words."""


def reread(value: Any) -> Any:
    """
    The same argument, with the instances of models in it read from the database now.

    What the caller holds may be older than what was written since, and a result that is made of
    it would be kept as if it were new.

    Raises:
        NotTheRowError: if that would not be the same, as far as can be seen.
    """
    if isinstance(value, Model):
        return _row_now(value)
    if type(value) in {list, tuple, set, frozenset}:
        return type(value)(map(reread, value))
    if type(value) is dict:
        return {key: reread(one) for key, one in value.items()}
    return value


def _row_now(instance: Model) -> Model:
    model = type(instance)
    label = instance._meta.label  # noqa: SLF001 - public since ever
    more = _more_than_a_row(instance)
    if more is not None:
        raise NotTheRowError(f"the {label} that it is given holds {more} besides its row")
    # the manager that Django itself refreshes instances with
    rows = model._base_manager.using(instance._state.db)  # noqa: SLF001 - documented
    try:
        return rows.get(pk=instance.pk)
    except ObjectDoesNotExist:
        raise NotTheRowError(f"the row of the {label} that it is given is gone") from None


def _more_than_a_row(instance: Model) -> str | None:
    """An annotation or what was prefetched: what is read again by the key would lack it."""
    held = instance.__dict__
    if held.get("_prefetched_objects_cache"):
        return "what was prefetched"
    known = {field.attname for field in instance._meta.concrete_fields}  # noqa: SLF001 - public
    # what the class has, too, is a cached property, which is computed again
    more = (
        name
        for name in held
        if name not in known and name[0] != "_" and not hasattr(type(instance), name)
    )
    return next(more, None)


def holds_rows(value: Any) -> bool:
    """Whether `reread` would ask the database."""
    if isinstance(value, Model):
        return True
    if type(value) in {list, tuple, set, frozenset}:
        return any(map(holds_rows, value))
    return type(value) is dict and any(map(holds_rows, value.values()))
