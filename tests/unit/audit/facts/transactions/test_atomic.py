# ruff: noqa: E501 - a case of code stays on the line of its name
import ast

import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.facts.transactions.atomic import atomic_around, may_be_atomic, signal_around
from praxis.audit.file import File

IMPORTS = """\
from contextlib import contextmanager
from django.contrib import admin
from django.db import transaction
from django.db import transaction as tx
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.db.transaction import atomic
from django.dispatch import receiver
from django.utils.decorators import method_decorator

"""


def at_mark(code):
    """The file, and in it the call of ``mark()``, as if a rule was called with it."""
    source = IMPORTS + code
    file = File("shop/views.py", Role.REQUEST, source, ast.parse(source))

    def find(node, chain):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "mark"
        ):
            return node, chain
        for child in ast.iter_child_nodes(node):
            found = find(child, (node, chain))
            if found is not None:
                return found
        return None

    node, file.chain = find(file.tree, None)
    return file, node


INSIDE = {
    "with": "def f():\n    with transaction.atomic():\n        mark()\n",
    "another name": "def f():\n    with tx.atomic():\n        if x:\n            mark()\n",
    "imported": "def f():\n    with atomic(using='other'):\n        mark()\n",
    "several": "def f():\n    with open(p) as g, atomic(durable=True):\n        mark()\n",
    "decorator": "@transaction.atomic\ndef f():\n    mark()\n",
    "called decorator": "@atomic(savepoint=False)\ndef f():\n    for x in y:\n        mark()\n",
    "method": "class A:\n    @method_decorator(transaction.atomic)\n    def post(self):\n        mark()\n",
    "class": (
        "@method_decorator(transaction.atomic, name='post')\n"
        "class A(View):\n    def post(self):\n        mark()\n"
    ),
    "dispatch of a class": (
        "@method_decorator([atomic, other], name='dispatch')\n"
        "class A(View):\n    def post(self):\n        mark()\n"
    ),
    "admin": "class A(admin.ModelAdmin):\n    def save_model(self, *args):\n        mark()\n",
    "signal": "@receiver(post_delete, sender=X)\ndef f(**kwargs):\n    mark()\n",
    "signals": "@receiver([post_delete, m2m_changed])\ndef f(**kwargs):\n    mark()\n",
    "wrapper": (
        "@contextmanager\ndef lane():\n    with atomic():\n        yield\n"
        "def f():\n    with lane():\n        mark()\n"
    ),
}


@pytest.mark.parametrize("code", INSIDE.values(), ids=INSIDE)
def test_knows_what_is_inside(code):
    file, node = at_mark(code)
    assert atomic_around(file, node) is not None


OUTSIDE = {
    "nothing": "def f():\n    mark()\n",
    "before": "def f():\n    mark()\n    with atomic():\n        pass\n",
    "the context itself": "def f():\n    with mark(), atomic():\n        pass\n",
    "put off": "def f():\n    with atomic():\n        transaction.on_commit(lambda: mark())\n",
    "a function in it": "def f():\n    with atomic():\n        def g():\n            mark()\n",
    "a decorator's argument": "@register(mark())\n@atomic\ndef f():\n    pass\n",
    "another class": "class A(View):\n    def save_model(self, *args):\n        mark()\n",
    "another method": (
        "@method_decorator(atomic, name='post')\nclass A(View):\n    def get(self):\n        mark()\n"
    ),
    "saves": "@receiver(post_save)\ndef f(**kwargs):\n    mark()\n",
    "saves, too": "@receiver([post_delete, post_save])\ndef f(**kwargs):\n    mark()\n",
    "another atomic": "def f():\n    with physics.atomic():\n        mark()\n",
    "not called": "def f():\n    with atomic:\n        mark()\n",
    "a wrapper that ends first": (
        "@contextmanager\ndef lane():\n    with atomic():\n        pass\n    yield\n"
        "def f():\n    with lane():\n        mark()\n"
    ),
}


@pytest.mark.parametrize("code", OUTSIDE.values(), ids=OUTSIDE)
def test_is_not_sure_of_the_rest(code):
    file, node = at_mark(code)
    assert atomic_around(file, node) is None


def test_tells_what_opens_it_and_on_which_database():
    file, node = at_mark(INSIDE["imported"])
    found = atomic_around(file, node)
    assert (found.how, found.using, found.savepoint) == ("with", "other", True)
    file, node = at_mark(INSIDE["called decorator"])
    found = atomic_around(file, node)
    assert (found.how, found.using, found.savepoint) == ("decorator", "", False)
    file, node = at_mark("def f():\n    with atomic(using=name):\n        mark()\n")
    assert atomic_around(file, node).using is None


@pytest.mark.parametrize(
    "code",
    [
        *(
            code
            for name, code in INSIDE.items()
            if name not in {"admin", "signal", "signals", "wrapper"}
        ),
        OUTSIDE["a function in it"],
        "def f():\n    with cache.lock('x'):\n        mark()\n",
        "@in_transaction\ndef f():\n    mark()\n",
        "class A(View):\n    @atomic\n    def dispatch(self):\n        pass\n    def get(self):\n        mark()\n",
    ],
)
def test_what_looks_like_a_transaction_may_be_one(code):
    assert may_be_atomic(at_mark(code)[0])


def test_what_does_not_look_like_one_is_none():
    assert not may_be_atomic(
        at_mark("@login_required\ndef f():\n    with open(p):\n        mark()\n")[0]
    )


@pytest.mark.parametrize(
    ("code", "signal"),
    [
        ("@receiver(post_delete)\ndef f(**k):\n    mark()\n", "post_delete"),
        ("@receiver([post_save, m2m_changed])\ndef f(**k):\n    mark()\n", "m2m_changed"),
        ("@receiver(post_save)\ndef f(**k):\n    mark()\n", ""),
        ("@receiver()\ndef f(**k):\n    mark()\n", ""),
        ("@receiver(post_delete)\ndef f(**k):\n    g = lambda: mark()\n", ""),
        ("@receiver(post_delete)\ndef f(**k):\n    def g():\n        mark()\n", ""),
        ("mark()\n", ""),
    ],
)
def test_names_the_signal_that_is_sent_inside(code, signal):
    file, _ = at_mark(code)
    found = signal_around(file)
    assert (found[0] if found else "") == signal
