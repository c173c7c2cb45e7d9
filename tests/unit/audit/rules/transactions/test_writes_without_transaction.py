# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "writes_without_transaction"

FOUND = {
    "rows of a row": "o = Order.objects.create(a=x)\n    for i in x:\n        Line.objects.create(order=o, item=i)",
    "by its manager": "o = Order.objects.create(a=x)\n    for i in x:\n        o.lines.create(item=i)",
    "at once": "o = Order.objects.create(a=x)\n    o.lines.bulk_create(x)",
    "under a condition": "o = Order.objects.create(a=x)\n    for i in x:\n        if i:\n            o.lines.create(item=i)",
    "made anew": "x.tags.all().delete()\n    for n in x.names:\n        x.tags.create(name=n)",
    "some made anew": "Tag.objects.filter(of=x).delete()\n    Tag.objects.bulk_create(tags)",
    "a number": "Vote.objects.create(review=x)\n    x.votes += 1\n    x.save()",
    "a number, written out": "Vote.objects.create(review=x)\n    x.votes = x.votes + 1\n    x.save(update_fields=['votes'])",
    "moved": "x.n -= 3\n    x.save()\n    y.n += 3\n    y.save()",
    "moved, saved together": "y.n = y.n + 3\n    x.n = x.n - 3\n    x.save()\n    y.save()",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_what_belongs_together(body):
    (finding,) = flags(RULE, f"def f(request, x, y):\n    {body}\n")
    assert finding.steps[-1].note == "committed by itself"


LEFT = {
    "one row": "Order.objects.create(a=x)",
    "one of another": "o = Order.objects.create(a=x)\n    Log.objects.create(order=o)",
    "others": "o = Order.objects.create(a=x)\n    for i in x:\n        Line.objects.create(item=i)",
    "a transaction": "with transaction.atomic():\n        o = Order.objects.create(a=x)\n        o.lines.bulk_create(x)",
    "a lock": "with lock(x):\n        o = Order.objects.create(a=x)\n        o.lines.bulk_create(x)",
    "perhaps": "if x:\n        o = Order.objects.create(a=x)\n    for i in x:\n        o.lines.create(item=i)",
    "at errors": "try:\n        o = Order.objects.create(a=x)\n    except E:\n        o.lines.bulk_create(x)",
    "compared": "for n in old - new:\n        x.tags.filter(name=n).delete()\n    for n in new - old:\n        x.tags.create(name=n)",
    "others deleted": "x.tags.all().delete()\n    for n in x.names:\n        x.names.create(name=n)",
    "a file": "x.image.delete()\n    for n in x.names:\n        x.image.create(name=n)",
    "one made anew": "Token.objects.filter(user=x).delete()\n    Token.objects.create(user=x)",
    "no number": "Vote.objects.create(review=x)\n    x.voted = True\n    x.save()",
    "another number": "Vote.objects.create(review=x)\n    y.votes += 1\n    y.save()",
    "both added": "x.n += 3\n    x.save()\n    y.n += 3\n    y.save()",
    "another field": "x.n -= 3\n    x.save()\n    y.m += 3\n    y.save()",
    "one saved": "x.n -= 3\n    x.save()\n    y.n += 3",
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_leaves_the_rest_alone(body):
    accepts(RULE, f"def f(request, x, y):\n    {body}\n")


CODE = "def f(x):\n    o = Order.objects.create(a=x)\n    o.lines.bulk_create(x)\n"


@pytest.mark.parametrize(
    "source",
    [
        f"@transaction.atomic\n{CODE}",
        f"# file: shop/management/commands/x.py\n{CODE}",
        f"{CODE}\n\nfrom django.db import transaction\n\n\ndef g(x):\n    with transaction.atomic():\n        f(x)\n",
        f"# file: shop/settings.py\nDATABASES = db(ATOMIC_REQUESTS=True)\n# file: shop/views.py\n{CODE}",
        f"# file: shop/test_settings.py\nD = {{'ATOMIC_REQUESTS': True}}\n# file: shop/views.py\n{CODE}",
        CODE.replace("def f", "def save_model"),
    ],
    ids=["decorated", "a command", "called inside", "settings", "settings of tests", "the admin"],
)
def test_says_nothing_where_there_may_be_a_transaction(source):
    accepts(RULE, source)


def test_settings_that_switch_it_off_do_not_count():
    off = "# file: shop/settings.py\nDATABASES = {'default': {'ATOMIC_REQUESTS': False}}\n"
    flags(RULE, f"{off}# file: shop/views.py\n{CODE}")


AFTER = """\
from django.db import transaction


def take(order):
    order.stock.save()


def place(cart):
    with transaction.atomic():
        order = Order.objects.create(cart=cart)
        order.lines.create(a=1)
    {call}
    cart.lines.all().delete()
    cart.save()
    return order
"""


def test_finds_what_is_left_out_of_the_transaction():
    (finding,) = flags(RULE, AFTER.format(call="take(order)"), 12)
    assert [step.place.line for step in finding.steps] == [9, 13, 14]


@pytest.mark.parametrize(
    "source",
    [
        AFTER.format(call="tell(order)"),
        AFTER.format(call="take(cart)"),
        AFTER.format(call="take(order)").replace("    cart.save()\n", ""),
        AFTER.format(call="take(order)").replace("order = Order.objects.create", "order = load"),
    ],
    ids=["no write", "another row", "little", "not made there"],
)
def test_what_follows_a_transaction_may_be_an_afterthought(source):
    accepts(RULE, source)
