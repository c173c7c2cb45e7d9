"""Which errors of a replica are no reason to fail, since another server can answer."""

from enum import Enum

from django.db import Error, InterfaceError, OperationalError


class Failure(Enum):
    """What an error says of the server it came from."""

    OF_STATEMENT = "any server would say so"
    GONE = "the server or the way to it is gone"
    FOR_NOW = "this server cannot answer this now"


#: By the first two characters of SQLSTATE: connection exceptions, lack of resources, and errors of
#: the system and of the server itself.
_GONE_CLASSES = {"08", "58", "XX", "F0"}
_FOR_NOW_CLASSES = {"53"}
#: admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped, idle_session_timeout
_GONE = {"57P01", "57P02", "57P03", "57P04", "57P05"}
#: serialization_failure and deadlock_detected are how a replica says that a query stands in the
#: way of the replay; the others are objects that a migration has made and that it does not show
#: yet: undefined_table, undefined_column, undefined_function, undefined_object, invalid_schema.
_FOR_NOW = {"40001", "40P01", "42P01", "42703", "42883", "42704", "3F000"}
#: What psycopg_pool raises; named, since not everybody has it.
_OF_POOLS = {"PoolTimeout", "PoolClosed", "TooManyRequests"}


def failure_of(error: BaseException) -> Failure:
    """Tell from an error of Django's, with the driver's as its cause."""
    if not isinstance(error, Error):
        return Failure.OF_STATEMENT
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if type(cause).__name__ in _OF_POOLS:
        return Failure.FOR_NOW
    if state is None:  # no answer of the server: the connection broke, or was not made
        is_gone = isinstance(error, OperationalError) or (
            isinstance(error, InterfaceError) and "connection" in str(error)
        )
        return Failure.GONE if is_gone else Failure.OF_STATEMENT
    if state in _GONE or state[:2] in _GONE_CLASSES:
        return Failure.GONE
    if state in _FOR_NOW or state[:2] in _FOR_NOW_CLASSES:
        return Failure.FOR_NOW
    return Failure.OF_STATEMENT
