import ast

import pytest

from praxis.audit.facts.imports.statements import list_imports


def imports(source):
    return list_imports(ast.parse(source))


@pytest.mark.parametrize(
    ("source", "bound", "target"),
    [
        ("import requests", "requests", "requests"),
        ("import os.path", "os", "os"),
        ("import os.path as p", "p", "os.path"),
        ("from requests import get", "get", "requests.get"),
        ("from requests import get as fetch", "fetch", "requests.get"),
        ("from . import models", "models", ".models"),
        ("from ..shop.models import Order", "Order", "..shop.models.Order"),
        ("from shop.settings import *", "*", "shop.settings.*"),
    ],
)
def test_each_name_has_the_dotted_name_it_stands_for(source, bound, target):
    (imported,) = imports(source)
    assert (imported.bound, imported.target) == (bound, target)


def test_where_an_import_stands_is_told():
    source = """
import top
if TYPE_CHECKING:
    import typed
else:
    import run
if typing.TYPE_CHECKING:
    import typed_too
try:
    import maybe
except ImportError:
    import instead
def f():
    import inner
class C:
    import member
match x:
    case 1:
        import chosen
"""
    told = {one.bound: (one.local, one.typing, one.guarded) for one in imports(source)}
    assert told == {
        "top": (False, False, False),
        "typed": (False, True, True),
        "run": (False, False, True),
        "typed_too": (False, True, True),
        "maybe": (False, False, True),
        "instead": (False, False, True),
        "inner": (True, False, False),
        "member": (False, False, False),
        "chosen": (False, False, False),
    }


def test_the_order_is_that_of_the_source():
    assert [one.bound for one in imports("import b\nif x:\n  import c\nimport a, d\n")] == list(
        "bcad"
    )
