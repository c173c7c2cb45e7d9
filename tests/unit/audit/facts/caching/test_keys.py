import ast

import pytest

from praxis.audit.facts.caching.keys import ANY, Keys, is_constant, may_meet
from praxis.audit.facts.sources import Role
from praxis.audit.file import File

SOURCE = """
PREFIX = "menu"


def key_of(item):
    return f"item:{item.pk}"


class Page:
    prefix = "page"

    def key(self):
        return f"{self.prefix}:{self.pk}"

    def work(self, name, items):
        local = f"local:{name}"
        twice = "a"
        twice = "b"
        for part in ("head", "foot"):
            pass
        return KEY
"""


def shapes(key):
    tree = ast.parse(SOURCE.replace("KEY", key))
    page = tree.body[2]
    work = page.body[2]
    file = File("shop/views.py", Role.REQUEST, SOURCE.replace("KEY", key), tree)
    return Keys(file, work, page).shapes(work.body[-1].value)


@pytest.mark.parametrize(
    ("key", "shape"),
    [
        ('"menu"', ("menu",)),
        ("PREFIX", ("menu",)),
        ('PREFIX + ":x"', ("menu:x",)),
        ('f"{PREFIX}:{name}"', ("menu:", None)),
        ('"%s:%d" % (name, 3)', (None, ":", None)),
        ('"menu:{}".format(name)', ("menu:", None)),
        ('"menu:{name!r:>5}-".format(name=name)', ("menu:", None, "-")),
        ("local", ("local:", None)),
        ("twice", ANY),
        ("name", ANY),
        ("self.prefix", ("page",)),
        ("self.key()", ("page:", None)),
        ("key_of(name)", ("item:", None)),
        ("unknown()", ANY),
        ('f"{name}{items}"', ANY),
        ("name.pk", ANY),
        ("", None),
    ],
)
def test_works_out_the_shape(key, shape):
    if shape is not None:
        assert shapes(key) == (shape,)


def test_a_loop_over_known_keys_has_several():
    assert shapes("part") == (("head",), ("foot",))


def test_what_returns_itself_ends():
    source = "def key():\n    return key()\n"
    tree = ast.parse(source)
    file = File("shop/views.py", Role.REQUEST, source, tree)
    call = tree.body[0].body[0].value
    assert Keys(file, tree.body[0]).shape(call) == ANY


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (("menu",), ("menu",), True),
        (("menu",), ("footer",), False),
        (("menu:", None), ("menu:x",), True),
        (("menu:", None), ("item:", None), False),
        (("menu:", None), ("m", None), True),
        ((None, ":x"), ("a", None, ":y"), False),
        (ANY, ("menu",), True),
    ],
)
def test_may_meet_where_what_is_known_agrees(one, other, meet):
    assert may_meet(one, other) is meet
    assert may_meet(other, one) is meet


def test_is_constant():
    assert is_constant(("menu",))
    assert not is_constant(("menu:", None))
