# ruff: noqa: E501 - a case of code stays on the line of its name
"""What happens where several things meet: bad input, module code, nested functions, requests."""

import pytest

from tests.audit_cases import audit_files, split_files
from tests.unit.audit.flow.shop import IMPORTS, MODELS, finds, ignores

RULE = "forward_relation_per_row"
READ = "print([b.author.name for b in Book.objects.all()])"


def test_module_code_is_followed():
    finds(RULE, f"\n{READ}\n", 2)


def test_methods_and_inner_functions_are_followed():
    finds(
        RULE,
        f"""
class View:
    def get(self):
        {READ}

        def inner():
            {READ}
""",
        4,
        7,
    )


def test_functions_in_blocks_are_followed():
    finds(
        RULE,
        f"""
try:
    import x
except ImportError:
    def a():
        {READ}
else:
    if x:
        def b():
            {READ}
""",
        6,
        10,
    )


def test_the_user_of_a_request_is_a_row():
    finds(
        RULE, "\ndef f(request):\n    return [b.author.name for b in request.user.book_set.all()]\n"
    )
    finds(
        RULE,
        """
class View:
    def get(self):
        return [b.author.name for b in self.request.user.book_set.filter(pages=1)]
""",
    )


def test_a_models_own_methods_know_self_and_cls():
    source = f"""{MODELS}

class Shelf(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)

    def names(self):
        return [shelf.book.title for shelf in type(self).objects.all()]

    @classmethod
    def all_names(cls):
        return [shelf.book.title for shelf in cls.objects.all()]

    @staticmethod
    def none(cls):
        return [shelf.book.title for shelf in cls.objects.all()]
"""
    result = audit_files(split_files(source), (RULE,))
    starts = [finding.place.line for finding in result.findings]
    lines = split_files(source)["shop/models.py"].splitlines()
    own = [line for line in lines if "type(self)" in line or "in cls." in line][:2]
    assert [lines[start - 1] for start in sorted(starts)] == own


SHADOWED = {
    "a parameter": "def show(Book):\n    {}",
    "a local name": "def show(x):\n    Book = x\n    {}",
    "an outer function's name": "def show(Book):\n    def inner():\n        {}",
    "a name of the module": "Book = Book.wrapped()\ndef show():\n    {}",
    "a loop's name": "def show(x):\n    for Book in x:\n        {}",
    "an import": "def show():\n    from elsewhere import Book\n    {}",
    "with": "def show(x):\n    with x as Book:\n        {}",
    "a handler's name": "def show(x):\n    try:\n        x()\n    except E as Book:\n        {}",
    "a match": "def show(x):\n    match x:\n        case [Book]:\n            {}",
    "global": "def show(x):\n    global Book\n    {}",
    "del": "def show(x):\n    Book = 1\n    del Book\n    {}",
}


@pytest.mark.parametrize("code", SHADOWED.values(), ids=SHADOWED)
def test_a_name_that_means_something_else_is_unknown(code):
    ignores(RULE, f"\n{code.format(READ)}\n")


def test_local_imports_are_known():
    result = audit_files(
        split_files(
            f"{MODELS}# file: shop/pages.py\ndef f():\n    from .models import Book\n    {READ}\n"
        ),
        (RULE,),
    )
    assert [finding.place.line for finding in result.findings] == [3]


ODD = {
    "unresolvable base": "class A(B, *C, metaclass=D, **E):\n    x: int",
    "string relation to nowhere": (
        "from django.db import models\nclass A(models.Model):\n"
        "    b = models.ForeignKey('x.y.z', models.CASCADE)\n"
        "    c = models.ForeignKey(lambda: 1, models.CASCADE)\n    d = models.ForeignKey()"
    ),
    "star everything": "def f(*a, **k):\n    a, *b = k\n    [*a, *b]\n    {**k}\n    f(*a, **k)",
    "walrus and lambda": "f = lambda *a, b=1: (c := a)\nprint([y := 1, y**2])",
    "generators": "def f():\n    x = yield\n    yield from f()\n    return (yield x)",
    "loops without end": "while True:\n    for i in j:\n        continue\n    else:\n        break",
    "odd targets": "a[0].b, (c, [d, *e]) = f()\ng.h[i:j] += 1\ndel a[0], g.h",
    "async": "async def f():\n    async with a as b, c:\n        return [x async for x in await b]",
    "type hints": "x: 'Book'\ny: list[int] = []\ndef f(a: 'QuerySet[Book]', /, *, b=1) -> None: ...",
    "queryset odds": (
        "def f(*a, **k):\n    Book.objects.filter(*a, **k)[1:2:3][-1][a]\n"
        "    Book.objects.prefetch_related(*a).only().defer(None).in_bulk()[1].author\n"
        "    Book.objects.get().author.books.all().get().author.mentor.mentor.pk\n"
        "    sorted(), len(), map(), zip(), enumerate(), next(), getattr(Book), bool(), list()"
    ),
}


@pytest.mark.parametrize("code", ODD.values(), ids=ODD)
def test_odd_code_is_read_without_a_problem(code):
    result = audit_files(split_files(f"{MODELS}{IMPORTS}{code}\n"))
    assert not result.problems
