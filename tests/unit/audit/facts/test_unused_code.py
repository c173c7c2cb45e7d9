import pytest

from tests.audit_cases import audit_files

MODELS = """
from django.db import models
class Author(models.Model):
    name = models.CharField(max_length=9)
class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE)
"""
#: So many functions are in use that one that is not stands out.
USED = "".join(f"def used_{i}():\n    pass\n" for i in range(20))
USES = "from shop import used\n" + "".join(f"used.used_{i}()\n" for i in range(20))
LOOP = "    for book in Book.objects.all():\n        print(book.author.name)\n"
DEEPER = LOOP.replace("    ", "      ")
EXTENDED = "class Other(Plain, View):\n    x = 1\n"
HEAD = "from django.db import models\nfrom shop.models import Book\n"
UNUSED = f"{HEAD}def print_authors():\n{LOOP}"


def told(**files: str) -> list[str]:
    """Where something is told: the names stand for files below ``shop``."""
    paths = {
        f"shop/{name.replace('__', '/')}.py" if "." not in name else name: text
        for name, text in {"models": MODELS, "used": USED, "uses": USES, **files}.items()
    }
    result = audit_files(paths, ("ORM101",))
    assert not result.problems
    return [finding.place.path for finding in result.findings]


@pytest.mark.parametrize(
    "unused",
    [
        UNUSED,
        f"{UNUSED}    print_authors()\n",
        f"{UNUSED}# print_authors()\n",
        UNUSED.replace("def", "@transaction.atomic\ndef"),
        f"{HEAD}class Printer:\n    def print_authors(self):\n{DEEPER}",
        f"{HEAD}class Shelf(models.Model):\n    @property\n    def authors_of(self):\n{DEEPER}",
    ],
)
def test_passes_over_a_function_that_nothing_names(unused):
    assert told(printing=unused) == []


@pytest.mark.parametrize(
    "files",
    [
        {"other": "from shop.printing import print_authors\n"},
        {"urls": "urlpatterns = [path('', 'shop.printing.print_authors')]\n"},
        {"other": "def show(kind):\n    return getattr(printing, f'print_{kind}')()\n"},
        {"other": "def show(kind):\n    return getattr(printing, kind + '_authors')()\n"},
        {"templates__a": "", "shop/templates/a.html": "{{ shelf.print_authors }}"},
        {"README.md": "Call `print_authors()` once a day."},
        {"pyproject.toml": '[project.scripts]\np = "shop.printing:print_authors"\n'},
    ],
)
def test_knows_a_function_by_whatever_names_it(files):
    assert told(printing=UNUSED, **files) == ["shop/printing.py"]


@pytest.mark.parametrize(
    "used",
    [
        UNUSED.replace("def", "@receiver(post_save)\ndef"),
        UNUSED.replace("print_authors", "register_authors"),
        f"{HEAD}class Printer(View):\n    def print_authors(self):\n{DEEPER}",
        f"{HEAD}class PrintMixin:\n    def print_authors(self):\n{DEEPER}",
        f"{HEAD}class Plain:\n    def print_authors(self):\n{DEEPER}{EXTENDED}",
        f"{HEAD}class Printer:\n    def __str__(self):\n{DEEPER}",
    ],
)
def test_leaves_it_to_frameworks_to_call(used):
    assert told(printing=used) == ["shop/printing.py"]


def test_knows_nothing_of_a_library_whose_functions_others_call():
    assert told(printing=UNUSED, uses="") == ["shop/printing.py"]


def test_passes_over_a_file_that_was_put_aside():
    assert told(printing_old=f"{UNUSED}print_authors()\n") == []
    assert told(printing_old=f"{UNUSED}print_authors()\n", other="from . import printing_old\n")


def test_reads_of_middleware_and_settings_what_they_are_for():
    assert told(middleware=UNUSED) == ["shop/middleware.py"]
