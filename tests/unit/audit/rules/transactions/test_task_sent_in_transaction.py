# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "task_sent_in_transaction"
TASKS = """\
# file: shop/__init__.py
# file: shop/tasks.py
from celery import shared_task


@shared_task
def confirm(pk, again=False):
    print(pk)
"""
VIEWS = """\
# file: shop/views.py
from django.db import transaction

from shop.tasks import confirm


"""


def inside(body, more=""):
    return (
        f"{TASKS}{more}{VIEWS}def f(x, y, rows):\n    with transaction.atomic():\n"
        f"        x.save()\n        {body}\n"
    )


SENT = {
    "delay": "confirm.delay(x.pk)",
    "apply_async": "confirm.apply_async(args=[x.pk])",
    "a signature": "confirm.s(x.pk).delay()",
    "by name": "app.send_task('shop.tasks.confirm', [x.pk])",
    "a message": "layer.group_send('orders', {'pk': x.pk})",
    "its result": "result = confirm.delay(x.pk)",
}


@pytest.mark.parametrize("body", SENT.values(), ids=SENT)
def test_finds_what_is_sent(body):
    flags(RULE, inside(body))


LEFT = {
    "put off": "transaction.on_commit(lambda: confirm.delay(x.pk))",
    "put off by name": "transaction.on_commit(confirm.delay)",
    "by celery": "confirm.delay_on_commit(x.pk)",
    "much later": "confirm.apply_async(args=[x.pk], countdown=60)",
    "called": "confirm(x.pk)",
    "another pool": "pool.apply_async(x)",
    "at errors": "try:\n            y()\n        except E:\n            confirm.delay(x.pk)",
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_leaves_the_rest_alone(body):
    accepts(RULE, inside(body))


def test_says_nothing_where_nothing_is_written():
    accepts(RULE, inside("confirm.delay(x.pk)").replace("x.save()", "x.load()"))


def test_says_nothing_where_the_project_waits_for_the_commit_by_itself():
    own = "# file: shop/base.py\nclass Task:\n    def apply_async(self):\n        on_commit(super().apply_async)\n"
    accepts(RULE, inside("confirm.delay(x.pk)", own))


def test_says_nothing_where_the_queue_is_in_the_database():
    settings = (
        "# file: shop/settings.py\nROOT_URLCONF = 'x'\nMIDDLEWARE = []\nBROKER_URL = 'django://'\n"
    )
    accepts(RULE, inside("confirm.delay(x.pk)", settings))


def test_follows_calls_and_speaks_where_it_is_sent():
    services = (
        "# file: shop/services.py\nfrom shop.tasks import confirm\n\n\n"
        "def notify(row):\n    confirm.delay(row.pk)\n"
    )
    source = inside("notify(x)", services).replace(
        "import confirm\n\n\ndef f", "import confirm\nfrom shop.services import notify\n\n\ndef f"
    )
    (finding,) = flags(RULE, source)
    assert finding.place.path == "shop/services.py"
    assert [step.note for step in finding.steps] == [
        "the transaction is opened here",
        "calls notify()",
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("confirm.delay(x.pk)", "transaction.on_commit(lambda: confirm.delay(x.pk))"),
        (
            "confirm.delay(x, again=True)",
            "transaction.on_commit(lambda: confirm.delay(x, again=True))",
        ),
        (
            "confirm.delay(\n            x.pk,  # the order\n        )",
            "transaction.on_commit(lambda: confirm.delay(\n            x.pk,  # the order\n        ))",
        ),
    ],
)
def test_sends_at_the_commit(before, after):
    rewrites(RULE, inside(before), inside(after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "for row in rows:\n            confirm.delay(row.pk)",
            "for row in rows:\n            transaction.on_commit(partial(confirm.delay, row.pk))",
        ),
        ("confirm.delay(x.name)", "transaction.on_commit(partial(confirm.delay, x.name))"),
        (
            "confirm.delay(x.pk)\n        x.delete()",
            "transaction.on_commit(partial(confirm.delay, x.pk))\n        x.delete()",
        ),
        (
            "y = x.parent\n        confirm.delay(y.pk, again=True)",
            "y = x.parent\n        transaction.on_commit(partial(confirm.delay, y.pk, again=True))",
        ),
        (
            "confirm.delay(\n            x.name,  # the order\n        )",
            "transaction.on_commit(partial(confirm.delay,\n            x.name,  # the order\n        ))",
        ),
    ],
)
def test_keeps_what_may_change_until_then(before, after):
    expected = inside(after).replace(
        "from django.db import transaction",
        "from functools import partial\nfrom django.db import transaction",
    )
    with_partial = inside(before).replace(
        "from django.db import transaction",
        "from functools import partial\nfrom django.db import transaction",
    )
    rewrites(RULE, with_partial, expected)


def test_imports_what_it_needs():
    before = inside("confirm.delay(x.pk)").replace(
        "import transaction", "import connection, models"
    )
    before = before.replace("with transaction.atomic", "with atomic").replace(
        "from shop.tasks", "from django.db.transaction import atomic\nfrom shop.tasks"
    )
    after = before.replace("import connection, models", "import connection, models, transaction")
    after = after.replace(
        "confirm.delay(x.pk)", "transaction.on_commit(lambda: confirm.delay(x.pk))"
    )
    rewrites(RULE, before, after)


def test_imports_two_names_at_one_place():
    before = (
        "from django.db.transaction import atomic\nfrom shop.tasks import confirm\n\n\n"
        "def f(x):\n    with atomic():\n        x.save()\n        confirm.delay(x.name)\n"
    )
    after = (
        "from functools import partial\n\nfrom django.db import transaction\n"
        "from django.db.transaction import atomic\nfrom shop.tasks import confirm\n\n\n"
        "def f(x):\n    with atomic():\n        x.save()\n"
        "        transaction.on_commit(partial(confirm.delay, x.name))\n"
    )

    rewrites(
        RULE, f"{TASKS}# file: shop/views.py\n{before}", f"{TASKS}# file: shop/views.py\n{after}"
    )


@pytest.mark.parametrize(
    "body",
    ["result = confirm.delay(x.pk)", "return confirm.delay(x.pk)", "y(confirm.delay(x.pk))"],
)
def test_has_no_fix_where_the_result_is_used(body):
    (finding,) = flags(RULE, inside(body))
    assert finding.fix is None


def test_has_no_fix_where_the_name_means_something_else():
    source = inside("confirm.delay(x.pk)").replace("import transaction", "import transaction as tx")
    source = source.replace("transaction.atomic", "tx.atomic").replace("x, y", "x, transaction")
    (finding,) = flags(RULE, source)
    assert finding.fix is not None
    assert "tx.on_commit" in finding.fix.edits[0].text
    source = source.replace("import transaction as tx", "import models").replace(
        "with tx.", "with "
    )
    source = source.replace(
        "from shop.tasks", "from django.db.transaction import atomic\nfrom shop.tasks"
    )
    (finding,) = flags(RULE, source)
    assert finding.fix is None
