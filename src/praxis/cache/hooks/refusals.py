"""A write that the cache refuses looks to Django as if the database had refused it."""

from django.db import OperationalError

from praxis.cache.protocol.calls import Writing
from praxis.cache.store import Store
from praxis.errors import CacheUnavailableError


class WriteRefusedError(CacheUnavailableError, OperationalError):
    """
    Readers could not be kept off what was about to be written; it was not written.

    An error of the database, too, so that ``atomic`` rolls back as after any failed commit.
    """


def mark(store: Store, writing: Writing) -> None:
    """
    Keep readers off what is about to be written.

    Raises:
        WriteRefusedError: if it is not certain that they keep off.
    """
    try:
        store.mark(writing)
    except CacheUnavailableError as error:
        raise WriteRefusedError(*error.args) from error.__cause__
