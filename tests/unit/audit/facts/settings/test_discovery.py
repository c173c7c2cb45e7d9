import pytest

from praxis.audit.facts.settings.values import Constant
from tests.unit.audit.facts.settings.projects import settings_from

BASE = 'INSTALLED_APPS = []\nROOT_URLCONF = "shop.urls"\n'
STAR = "from .base import *\n"


def naming(module):
    return f'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{module}")\n'


def production(**files):
    return [known.module_path for known in settings_from(**files).production]


def test_one_module_is_production_too():
    assert production(manage=naming("shop.settings"), shop__settings=BASE) == ["shop/settings.py"]


def test_what_the_server_names_is_production():
    found = production(
        manage=naming("shop.settings.first"),
        shop__wsgi=naming("shop.settings.second"),
        shop__settings__base=BASE,
        shop__settings__first=STAR,
        shop__settings__second=STAR,
    )
    assert found == ["shop/settings/second.py"]


@pytest.mark.parametrize("name", ["prod", "production", "live", "settings_production", "deploy"])
def test_what_is_called_production_is(name):
    files = {
        "manage": naming("shop.conf.dev"),
        "shop__wsgi": naming("shop.conf.dev"),
        "shop__conf__base": BASE,
        "shop__conf__dev": STAR,
        f"shop__conf__{name}": STAR,
    }
    assert production(**files) == [f"shop/conf/{name}.py"]


@pytest.mark.parametrize("name", ["dev", "local", "ci", "test", "staging", "settings_example"])
def test_what_is_called_otherwise_is_not(name):
    files = {
        "shop__wsgi": naming(f"shop.conf.{name}"),
        "shop__conf__base": BASE,
        f"shop__conf__{name}": STAR,
    }
    assert production(**files) == []


def test_the_base_that_a_server_names_by_default_gives_way_to_production():
    found = production(
        shop__wsgi=naming("shop.settings.base"),
        shop__settings__base=BASE,
        shop__settings__production=STAR,
    )
    assert found == ["shop/settings/production.py"]


def test_several_unnamed_modules_are_not_production():
    assert production(shop__settings__first=BASE, shop__settings__second=BASE) == []


@pytest.mark.parametrize("folder", ["tests", "example", "demo_project", "docs", "dts_test_project"])
def test_a_reusable_app_has_no_production(folder):
    files = {
        f"{folder}__manage": naming("site.settings"),
        f"{folder}__site__settings": BASE,
        f"{folder}__site__wsgi": naming("site.settings"),
        "shop__models": "",
    }
    assert production(**files) == []


def test_a_site_that_tries_out_the_package_beside_it_is_not_production():
    files = {
        "setup": "from setuptools import setup\nsetup()\n",
        "project__manage": naming("project.settings"),
        "project__project__settings": BASE,
        "project__project__wsgi": naming("project.settings"),
    }
    assert production(**files) == ["project/project/settings.py"]
    assert production(**files, library__models="x = 1\n") == []


def test_a_module_that_only_includes_others_is_found_by_its_name():
    found = settings_from(
        shop__wsgi=naming("shop.settings.main"),
        shop__settings__main=(
            "from split_settings.tools import include, optional\n"
            "include('parts/base.py', optional('parts/web.py'))\n"
        ),
        shop__settings__parts__base=BASE,
        shop__settings__parts__web="DEBUG = True\n",
    )
    (environment,) = found.production
    assert environment.module_path == "shop/settings/main.py"
    assert environment.string("ROOT_URLCONF") == "shop.urls"
    assert environment.get("DEBUG") == Constant(True)


def test_a_commented_name_names_nothing():
    source = f"# {naming('shop.settings.first').splitlines()[1]}\n"
    assert production(shop__wsgi=source, shop__settings__first=BASE) == []


def test_a_named_module_that_is_not_there_is_passed_over():
    assert production(manage=naming("shop.settings_local"), shop__settings_base=BASE) == []


def test_an_empty_project_has_no_settings():
    assert settings_from(shop__views="x = 1\n").environments == ()
    assert settings_from(shop__views="x = 1\n").main is None


def test_the_main_environment_is_production():
    found = settings_from(
        shop__settings__base=BASE, shop__settings__dev=STAR, shop__settings__prod=STAR
    )
    assert found.main is not None
    assert found.main.module_path == "shop/settings/prod.py"
