import pytest

from praxis.audit.facts.settings.values import (
    Constant,
    FromEnvironment,
    Missing,
    Sequence,
    Unknown,
    default_of,
)
from tests.unit.audit.facts.settings.projects import evaluate

IMPORTS = """\
import os
import os as system
from os import environ as variables, getenv
import environ
from environs import Env as Environs
from decouple import config, Csv
from distutils.util import strtobool
env = environ.Env(DEBUG=(bool, False), LISTED=(list, []))
other = Environs()
"""


def value_of(expression):
    return evaluate(f"{IMPORTS}X = {expression}\n").get("X")


@pytest.mark.parametrize(
    ("expression", "default"),
    [
        ("os.environ.get('D', 'd')", Constant("d")),
        ("system.environ.get('D', 'd')", Constant("d")),
        ("os.environ.get('D')", Constant(None)),
        ("os.environ['D']", Missing()),
        ("variables['D']", Missing()),
        ("os.getenv('D', default='d')", Constant("d")),
        ("getenv('D', 'd')", Constant("d")),
        ("env('D', default='d')", Constant("d")),
        ("env('D')", Missing()),
        ("env('DEBUG')", Constant(False)),
        ("env.bool('D', True)", Constant(True)),
        ("env.bool('D', default=False)", Constant(False)),
        ("env.list('D', default=['*'])", Sequence((Constant("*"),))),
        ("other.bool('D', True)", Constant(True)),
        ("other('D', 'd')", Constant("d")),
        ("config('D', default='d')", Constant("d")),
        ("config('D', default='False', cast=bool)", Constant(False)),
        ("config('D', default='a, b', cast=Csv())", Unknown()),
        ("config('D')", Missing()),
        ("os.environ.get('D', 'False') == 'True'", Constant(False)),
        ("os.environ.get('D') == 'True'", Constant(False)),
        ("os.environ.get('D', 'true').lower() in ('1', 'true')", Constant(True)),
        ("os.getenv('D', 'a b').split()", Sequence((Constant("a"), Constant("b")))),
        ("bool(int(os.environ.get('D', '1')))", Constant(True)),
        ("strtobool(os.environ.get('D', 'no'))", Constant(False)),
        ("not os.environ.get('D')", Constant(True)),
        ("os.environ.get('D') or 'd'", Constant("d")),
        ("os.environ.get('D', 'd') or 'e'", Constant("d")),
        ("os.environ.get('D') or os.environ.get('E') or 'e'", Constant("e")),
        ("os.environ.get('D', make())", Unknown()),
        ("'D' in os.environ", Constant(False)),
    ],
)
def test_reads_the_default_of_a_variable(expression, default):
    value = value_of(expression)
    if default == Unknown():
        assert default_of(value) == Unknown()
    else:
        assert isinstance(value, FromEnvironment)
        assert default_of(value) == default


def test_does_not_know_a_variable_of_an_unknown_name():
    assert value_of("os.environ.get(name(), 'd')") == Unknown()


def test_a_condition_on_the_environment_is_not_known():
    environment = evaluate(f"{IMPORTS}if env('DEBUG'):\n    X = 1\n")
    assert environment.get("X").alternatives == (Constant(1), Missing())
