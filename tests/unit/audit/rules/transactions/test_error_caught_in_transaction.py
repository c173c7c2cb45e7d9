# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "error_caught_in_transaction"
HEAD = """\
from contextlib import suppress

from django.db import DatabaseError, IntegrityError, transaction, utils


def f(x, rows, errors):
"""


def inside(body):
    return f"{HEAD}    with transaction.atomic():\n        {body}\n"


def caught(kind="IntegrityError", handler="x = None", write="Tag.objects.create(name=x)", after=""):
    text = f"try:\n            {write}\n        except {kind}:\n            {handler}"
    return f"{text}\n        {after}" if after else text


FOUND = {
    "nothing after": caught(),
    "a query after": caught(after="Tag.objects.get(name=x)"),
    "a query at once": caught(handler="Tag.objects.get(name=x)"),
    "of a module": caught("utils.IntegrityError"),
    "one of several": caught("(ValueError, DatabaseError)"),
    "save": caught(write="x.save()"),
    "update": caught(write="Tag.objects.update(name=x)"),
    "delete": caught(write="x.delete()"),
    "all, and a query": caught("Exception", after="x.save()"),
    "whatever, and a query": "try:\n            x.save()\n        except:\n            pass\n        rows.save()",
    "told": caught("IntegrityError as e", "errors.append(str(e))"),
    "one of many": "for x in rows:\n            try:\n                x.save()\n            except IntegrityError:\n                continue",
    "suppressed": "with suppress(IntegrityError):\n            x.save()",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_errors_that_break_the_transaction(body):
    (finding,) = flags(RULE, inside(body))
    assert [step.note for step in finding.steps] == [
        "the transaction that is broken",
        "what may fail",
    ]


LEFT = {
    "raised": caught(handler="raise"),
    "raised as another one": caught(handler="raise Problem(x)"),
    "left": caught(handler="return None"),
    "left or raised": caught(
        handler="if x:\n                raise\n            else:\n                return"
    ),
    "by a function": caught("IntegrityError as e", "handle(e)"),
    "rolled back": caught(handler="transaction.set_rollback(True)"),
    "a savepoint": caught(handler="transaction.savepoint_rollback(sid)"),
    "a block of its own": caught(write="with transaction.atomic():\n                x.save()"),
    "get_or_create": caught(write="Tag.objects.get_or_create(name=x)"),
    "another error": caught("ValueError"),
    "another module's": caught("psycopg.IntegrityError"),
    "no write": caught(write="Tag.objects.get(name=x)"),
    "a form that is not saved": caught(write="x = form.save(commit=False)"),
    "a dictionary": caught(write="x.update(rows)"),
    "all, and no query": caught("Exception"),
    "all, of much": caught("Exception", write="x.load()\n            x.save()", after="x.save()"),
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_leaves_the_rest_alone(body):
    accepts(RULE, inside(body))


def test_the_next_round_of_a_loop_around_the_transaction_is_not_broken():
    accepts(
        RULE,
        f"{HEAD}    for x in rows:\n        with transaction.atomic():\n            try:\n"
        "                x.save()\n            except IntegrityError:\n                continue\n",
    )


def test_an_error_caught_around_the_transaction_is_as_it_should_be():
    accepts(
        RULE,
        f"{HEAD}    try:\n        with transaction.atomic():\n            x.save()\n"
        "    except IntegrityError:\n        x = None\n",
    )


def test_a_decorated_function_is_a_transaction_that_goes_on_if_it_asks_again():
    code = HEAD.replace("def f", "@transaction.atomic\ndef f")
    code += "    try:\n        x.save()\n    except IntegrityError:\n        pass\n"
    accepts(RULE, code)
    flags(RULE, f"{code}    rows.first()\n")
