import psycopg
import psycopg_pool
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, ProgrammingError

from praxis.databases.failures import Failure, failure_of


def failed(kind, cause, text=""):
    error = kind(text)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (failed(OperationalError, psycopg.OperationalError("closed")), Failure.GONE),
        (failed(OperationalError, psycopg.errors.AdminShutdown()), Failure.GONE),
        (failed(OperationalError, psycopg.errors.CannotConnectNow()), Failure.GONE),
        (failed(OperationalError, psycopg.errors.ConnectionFailure()), Failure.GONE),
        (failed(InterfaceError, None, "connection already closed"), Failure.GONE),
        (failed(InterfaceError, psycopg.InterfaceError(), "the cursor is closed"),
         Failure.OF_STATEMENT),
        (failed(OperationalError, psycopg.errors.SerializationFailure()), Failure.FOR_NOW),
        (failed(OperationalError, psycopg.errors.TooManyConnections()), Failure.FOR_NOW),
        (failed(OperationalError, psycopg_pool.PoolTimeout()), Failure.FOR_NOW),
        (failed(ProgrammingError, psycopg.errors.UndefinedColumn()), Failure.FOR_NOW),
        (failed(ProgrammingError, psycopg.errors.SyntaxError()), Failure.OF_STATEMENT),
        (failed(OperationalError, psycopg.errors.QueryCanceled()), Failure.OF_STATEMENT),
        (failed(IntegrityError, psycopg.errors.UniqueViolation()), Failure.OF_STATEMENT),
        (ValueError(), Failure.OF_STATEMENT),
    ],
)  # fmt: skip
def test_an_error_says_whether_another_server_can_answer(error, failure):
    assert failure_of(error) is failure
