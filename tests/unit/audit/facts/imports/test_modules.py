import pytest

from praxis.audit.facts.imports.modules import Modules

MODULES = Modules([
    "manage.py",
    "shop/__init__.py",
    "shop/models.py",
    "shop/views/__init__.py",
    "shop/views/cart.py",
    "src/lib/__init__.py",
    "src/lib/money.py",
    "other/backend/manage.py",
    "other/backend/settings.py",
    "other/backend/accounts/__init__.py",
    "other/backend/accounts/models.py",
    "examples/demo/local_settings.py",
    "plain/folder/module.py",
])  # fmt: skip


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("shop", "shop/__init__.py"),
        ("shop.models", "shop/models.py"),
        ("shop.views.cart", "shop/views/cart.py"),
        ("lib.money", "src/lib/money.py"),
        ("accounts.models", "other/backend/accounts/models.py"),
        ("plain.folder.module", "plain/folder/module.py"),
        ("settings", "other/backend/settings.py"),
        ("shop.orders", None),
        ("django.db", None),
        ("local_settings", None),
    ],
)
def test_absolute_names_are_found_from_every_import_root(name, path):
    assert MODULES.find(name, "shop/views/cart.py") == path


def test_a_lone_script_is_found_from_its_own_folder_alone():
    assert MODULES.find("local_settings", "examples/demo/other.py") == (
        "examples/demo/local_settings.py"
    )


@pytest.mark.parametrize(
    ("name", "level", "path"),
    [
        ("", 1, "shop/views/__init__.py"),
        ("cart", 1, "shop/views/cart.py"),
        ("models", 2, "shop/models.py"),
        ("", 2, "shop/__init__.py"),
        ("models", 5, None),
    ],
)
def test_relative_names_count_dots_from_the_file(name, level, path):
    assert MODULES.find(name, "shop/views/cart.py", level) == path


@pytest.mark.parametrize(
    ("dotted", "found"),
    [
        ("shop.models.Order.objects", ("shop/models.py", "Order.objects")),
        ("shop.views.cart", ("shop/views/cart.py", "")),
        ("shop.missing.Order", ("shop/__init__.py", "missing.Order")),
        ("..models.Order", ("shop/models.py", "Order")),
        ("requests.get", None),
    ],
)
def test_a_dotted_name_is_split_into_module_and_rest(dotted, found):
    assert MODULES.resolve(dotted, "shop/views/cart.py") == found


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop/views/__init__.py", "shop.views"),
        ("shop/views/cart.py", "shop.views.cart"),
        ("src/lib/money.py", "lib.money"),
        ("manage.py", "manage"),
    ],
)
def test_the_name_of_a_file_counts_from_its_own_root(path, name):
    assert MODULES.name_of(path) == name


def test_the_nearest_of_two_roots_with_the_same_name_wins():
    modules = Modules(["a/app/__init__.py", "a/app/x.py", "b/app/__init__.py", "b/app/y.py"])
    assert modules.find("app", "b/app/y.py") == "b/app/__init__.py"
    assert modules.find("app", "a/app/x.py") == "a/app/__init__.py"
