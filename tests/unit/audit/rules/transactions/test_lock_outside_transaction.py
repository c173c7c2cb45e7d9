# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "lock_outside_transaction"
SETTINGS = """\
# file: shop/settings.py
ROOT_URLCONF = "x"
MIDDLEWARE = []
"""


def view(body):
    return f"{SETTINGS}# file: shop/views.py\ndef show(request, x):\n    {body}\n"


FETCHED = {
    "a loop": "for s in Stock.objects.select_for_update().filter(n=0):\n        s.go()",
    "a comprehension": "return [s.pk for s in Stock.objects.select_for_update()]",
    "get": "s = Stock.objects.select_for_update().get(pk=1)",
    "first": "Stock.objects.filter(n=0).select_for_update(nowait=True).first()",
    "a list": "rows = list(Stock.objects.select_for_update())",
    "or 404": "get_object_or_404(Stock.objects.select_for_update(), pk=1)",
    "a variable": "rows = Stock.objects.select_for_update()\n    for s in rows:\n        s.go()",
}


@pytest.mark.parametrize("body", FETCHED.values(), ids=FETCHED)
def test_finds_locks_that_nothing_holds(body):
    flags(RULE, view(body))


LEFT = {
    "handed on": "return Stock.objects.select_for_update()",
    "given": "go(Stock.objects.select_for_update())",
    "changed": "Stock.objects.select_for_update().update(n=1)",
    "in a transaction": "with transaction.atomic():\n        Stock.objects.select_for_update().get(pk=1)",
    "in another one": "with my_transaction():\n        Stock.objects.select_for_update().get(pk=1)",
    "walked in one": "rows = Stock.objects.select_for_update()\n    with atomic():\n        for s in rows:\n            s.go()",
    "in a function": "def f():\n        return Stock.objects.select_for_update().get(pk=1)",
}


@pytest.mark.parametrize("body", LEFT.values(), ids=LEFT)
def test_leaves_the_rest_alone(body):
    accepts(RULE, view(body))


GET = "Stock.objects.select_for_update().get(pk=1)\n"


@pytest.mark.parametrize(
    "source",
    [
        f"# file: shop/management/commands/x.py\nclass Command(BaseCommand):\n    def handle(self):\n        {GET}",
        f"# file: shop/tasks.py\n@shared_task\ndef clean():\n    {GET}",
        f"{SETTINGS}# file: shop/views.py\nclass StockView(View):\n    def post(self, request):\n        {GET}",
    ],
    ids=["a command", "a task", "a view"],
)
def test_knows_where_django_and_workers_begin(source):
    flags(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        f"# file: shop/services.py\ndef lock(x):\n    {GET}",
        f"# file: shop/models.py\nclass Stock(Model):\n    def lock(self):\n        {GET}",
        f"# file: shop/tasks.py\n@transaction.atomic\n@shared_task\ndef clean():\n    {GET}",
        f"{SETTINGS}# file: shop/views.py\n@in_transaction\ndef show(request):\n    {GET}",
        f"{SETTINGS}# file: shop/views.py\n@method_decorator(atomic, name='post')\nclass V(View):\n    def post(self, request):\n        {GET}",
        f"{SETTINGS}DATABASES = db(ATOMIC_REQUESTS=True)\n# file: shop/views.py\ndef show(request):\n    {GET}",
        f"# file: shop/views.py\ndef show(request):\n    {GET}",
    ],
    ids=[
        "a service",
        "a method",
        "decorated",
        "decorated otherwise",
        "a class",
        "settings",
        "no settings",
    ],
)
def test_says_nothing_where_somebody_may_open_a_transaction(source):
    accepts(RULE, source)
