import pytest

from praxis.audit.facts.settings.values import (
    Choice,
    Constant,
    FromEnvironment,
    Mapping,
    Missing,
    Sequence,
    Spread,
    Unknown,
)
from tests.unit.audit.facts.settings.projects import MANAGE, evaluate, settings_from


def constants(*values):
    return Sequence(tuple(Constant(value) for value in values))


def value_of(source, name="X", **files):
    return evaluate(source, **files).get(name)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("True", Constant(True)),
        ("60 * 60 * 24", Constant(86400)),
        ("-1", Constant(-1)),
        ("not True", Constant(False)),
        ("'a' + 'b'", Constant("ab")),
        ("'%s-key' % 'my'", Constant("my-key")),
        ("f'{1}-{\"b\"}'", Constant("1-b")),
        ("'a, b'.split(', ')", constants("a", "b")),
        ("','.join(['a', 'b'])", Constant("a,b")),
        ("['a'] + ['b']", constants("a", "b")),
        ("[*['a'], 'b']", constants("a", "b")),
        ("tuple(['a'])", constants("a")),
        ("['a', 'b', 'c'][1:]", constants("b", "c")),
        ("{'a': 1}['a']", Constant(1)),
        ("{**{'a': 1}, 'a': 2}['a']", Constant(2)),
        ("dict(a=1).get('b', 3)", Constant(3)),
        ("1 if 'a' in ['a'] else 2", Constant(1)),
        ("[x.upper() for x in 'a,,b'.split(',') if x]", constants("A", "B")),
        ("[x.upper() for x in ''.splitlines() if x]", constants()),
        ("bool(int('0'))", Constant(False)),
        ("None or 'b'", Constant("b")),
        ("'test' in sys.argv", Constant(False)),
    ],
)
def test_evaluates_expressions(expression, expected):
    assert value_of(f"import sys\nX = {expression}\n") == expected


@pytest.mark.parametrize(
    "expression",
    [
        "make()",
        "Path(__file__).parent",
        "os.path.join('a', 'b')",
        "lambda: 1",
        "10 ** 10 ** 10",
        "'a' * 10**9",
        "json.load(open('x'))['y']",
        "[1][5]",
        "{}['gone']",
        "1 / 0",
    ],
)
def test_does_not_guess(expression):
    source = f"import os, json\nfrom pathlib import Path\ndef make(): return 1\nX = {expression}\n"
    assert value_of(source) == Unknown()


def test_keeps_the_known_part_of_a_list():
    assert value_of("X = ['a'] + more() + ['b']\n") == Sequence(
        (Constant("a"), Spread(), Constant("b"))
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("X += ['c']", ("a", "b", "c")),
        ("X = X + ['c']", ("a", "b", "c")),
        ("X.append('c')", ("a", "b", "c")),
        ("X.extend(['c', 'd'])", ("a", "b", "c", "d")),
        ("X.insert(0, 'c')", ("c", "a", "b")),
        ("X.insert(X.index('b'), 'c')", ("a", "c", "b")),
        ("X.remove('a')", ("b",)),
        ("if True:\n    X.append('c')", ("a", "b", "c")),
        ("if False:\n    X.append('c')\nelse:\n    X.append('d')", ("a", "b", "d")),
    ],
)
def test_follows_changes_of_a_list(change, expected):
    assert value_of(f"X = ['a', 'b']\n{change}\n") == constants(*expected)


def test_insertion_at_an_unknown_position_keeps_the_order_of_the_others():
    value = value_of("X = ['a', 'b']\nX.insert(place(), 'c')\n")
    assert [item.value for item in value.items if isinstance(item, Constant)] == ["a", "b"]
    assert not value.is_complete


@pytest.mark.parametrize("change", ["X.sort()", "X.reverse()", "X[0] = 'c'", "X['a']['b'] = 1"])
def test_gives_up_on_what_it_does_not_follow(change):
    assert value_of(f"X = ['a', 'b']\n{change}\n") == Unknown()


def test_follows_changes_of_a_dictionary():
    value = value_of("X = {'a': 1}\nX['b'] = 2\nX.update({'c': 3})\nX.setdefault('d', 4)\n")
    assert isinstance(value, Mapping)
    assert [value.get(key) for key in "abcd"] == [Constant(number) for number in (1, 2, 3, 4)]


def test_joins_the_branches_of_an_unknown_condition():
    value = value_of("if who_knows():\n    X = 1\nelse:\n    X = 2\n")
    assert value == Choice((Constant(1), Constant(2)))


def test_a_name_that_one_branch_binds_may_be_missing():
    assert value_of("if who_knows():\n    X = 1\n") == Choice((Constant(1), Missing()))


def test_a_branch_that_raises_does_not_count():
    assert value_of("X = 1\nif who_knows():\n    X = 2\n    raise ValueError\n") == Constant(1)


def test_follows_both_ends_of_a_try():
    source = "try:\n    import yaml\n    X = 1\nexcept ImportError:\n    X = 2\n"
    assert value_of(source) == Choice((Constant(1), Constant(2)))


@pytest.mark.parametrize(
    "source",
    [
        "for name in names():\n    X = name\n",
        "X = 1\nfor name in names():\n    X = 2\n",
        "X = 1\ndef change():\n    global X\n    X = 2\nchange()\n",
        "X = 1\nwith open('a') as X:\n    pass\n",
    ],
)
def test_what_a_loop_or_function_binds_is_unknown(source):
    assert value_of(source) == Unknown()


@pytest.mark.parametrize(
    "opaque",
    [
        "from local_settings import *",
        "from .local import *",
        "try:\n    from .local import *\nexcept ImportError:\n    pass",
        "exec(open('local.py').read())",
        "django_heroku.settings(locals())",
        "globals().update(read())",
        "for key in keys():\n    globals()[key] = 1",
        "settings = dynaconf.DjangoDynaconf(__name__)",
        "setattr(sys.modules[__name__], 'X', 1)",
    ],
)
def test_what_may_bind_anything_makes_everything_unknown(opaque):
    environment = evaluate(f"import sys, dynaconf, django_heroku\nX = 1\n{opaque}\n")
    assert environment.get("X") == Unknown()
    assert environment.get("NEVER_SET") == Unknown()
    assert environment.written("X") == Constant(1)
    assert not environment.is_complete


def test_what_is_bound_after_an_unknown_star_import_is_known():
    assert value_of("from local_settings import *\nX = 1\n") == Constant(1)


@pytest.mark.parametrize(
    "source", ["locals().update(X=1)", "globals()['X'] = 1", "vars().update({'X': 1})"]
)
def test_follows_the_namespace_as_a_dictionary(source):
    assert value_of(f"{source}\n") == Constant(1)


@pytest.mark.parametrize(
    "source",
    [
        "from .base import *",
        "from shop.base import *",
        "from shop.base import X",
        "from shop import base\nX = base.X",
        "from . import base\nX = base.X",
        "import shop.base as base\nX = base.X",
        "from split_settings.tools import include\ninclude('base.py')",
        "try:\n    from .base import *\nexcept ImportError:\n    X = 2",
    ],
)
def test_takes_values_from_other_modules(source):
    assert value_of(f"{source}\n", shop__base="X = 1\n") == Constant(1)


def test_star_import_leaves_private_names_and_respects_all():
    files = {"shop__base": "__all__ = ['X']\nX = 1\nY = 2\n_Z = 3\n"}
    environment = evaluate("from .base import *\n", **files)
    assert environment.get("X") == Constant(1)
    assert environment.get("Y") == Missing()
    assert evaluate("from .base import *\n", shop__base="_Z = 3\n").get("_Z") == Missing()


def test_a_file_of_that_name_in_another_tree_is_not_imported():
    files = {"packaging__conf__local_settings": "X = 2\n"}
    assert value_of("X = 1\nfrom local_settings import *\n", **files) == Unknown()


def test_values_know_where_they_were_assigned():
    environment = evaluate("from .base import *\n", shop__base="Y = 1\n\nX = [\n  'a'\n]\n")
    value = environment.get("X")
    place = environment.place(value.origin)
    assert (place.path, place.line, place.end_line) == ("shop/base.py", 3, 5)
    assert environment.place(value.items[0].origin).line == 4
    assert [step.place.path for step in environment.steps_to(value.origin)] == ["shop/settings.py"]


def test_star_imports_in_a_circle_end_in_one_circle():
    found = settings_from(
        manage=MANAGE,
        shop__settings="from .other import *\nROOT_URLCONF = 'shop.urls'\nDEBUG = True\n",
        shop__other="from .settings import *\nX = 1\n",
    )
    assert [circle.paths for circle in found.circles] == [
        ("shop/settings.py", "shop/other.py", "shop/settings.py")
    ]


def test_a_module_that_imports_itself_is_a_circle():
    environment = evaluate("from .settings import *\nX = 1\n")
    assert environment.get("X") == Constant(1)
    assert not environment.is_complete


def test_a_module_with_a_syntax_error_is_not_fully_known():
    result = evaluate("X = 1\nfrom .base import *\n", shop__base="Y = 1\nthis is no python\n")
    assert result.get("X") == Unknown()
    assert not result.is_complete


def test_huge_literals_and_deep_expressions_end():
    huge = ", ".join(["'a'"] * 5000)
    assert value_of(f"X = [{huge}]\n") == Unknown()
    assert value_of(f"X = {' + '.join(['1'] * 500)}\n") == Unknown()


def test_a_class_of_settings_inherits():
    found = settings_from(
        manage=MANAGE,
        shop__settings="""
            from configurations import Configuration, values

            class Base(Configuration):
                ROOT_URLCONF = "shop.urls"
                INSTALLED_APPS = ["a"]
                DEBUG = values.BooleanValue(True)

            class Production(Base):
                INSTALLED_APPS = Base.INSTALLED_APPS + ["b"]
                DEBUG = False

            class Test(Base):
                pass
            """,
    )
    by_class = {known.class_name: known for known in found.environments}
    assert set(by_class) == {"Production", "Test"}  # Base is a part of both
    assert by_class["Production"].is_production
    assert not by_class["Test"].is_production
    assert by_class["Production"].get("DEBUG") == Constant(False)
    assert by_class["Production"].get("ROOT_URLCONF") == Constant("shop.urls")
    assert by_class["Test"].get("DEBUG") == FromEnvironment("", Constant(True))


def test_convenience_for_other_rules():
    environment = evaluate("INSTALLED_APPS = ['a', *others()]\n")
    assert environment.strings("INSTALLED_APPS") == ("a",)
    assert environment.strings("MIDDLEWARE") == ()
    assert environment.string("ROOT_URLCONF") == "shop.urls"
    assert environment.string("AUTH_USER_MODEL") == "auth.User"
    assert environment.string("INSTALLED_APPS") is None
