import pytest

from tests.audit_cases import accepts, flags

RULE = "kept_for_ever"

MODELS = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Brand(models.Model):
    name = models.CharField(max_length=100)


class Product(models.Model):
    name = models.CharField(max_length=100)
    status = models.CharField(max_length=10)
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE)
"""
HEAD = """\
# file: shop/views.py
from django.core.cache import cache
from shop.models import Product
FOR_EVER = None
"""

MENU = """
def menu():
    names = cache.get("menu")
    if names is None:
        names = [product.name for product in Product.objects.all()]
        {store}
    return names
"""


@pytest.mark.parametrize(
    "store",
    [
        'cache.set("menu", names, None)',
        'cache.set("menu", names, timeout=None)',
        'cache.set(f"menu:{len(names)}", names, None)',
        'cache.set("menu", sorted(names), FOR_EVER)',
    ],
)
def test_finds_rows_stored_without_a_limit(store):
    (finding,) = flags(RULE, MODELS + HEAD + MENU.format(store=store))
    assert "Product" in finding.message
    assert finding.steps


def test_finds_get_or_set_without_a_limit():
    code = 'names = cache.get_or_set("m", lambda: list(Product.objects.all()), None)\n'
    flags(RULE, f"{MODELS}{HEAD}\ndef menu():\n    {code}    return names\n")


@pytest.mark.parametrize(
    "store",
    [
        'cache.set("menu", names)',
        'cache.set("menu", names, 300)',
        'cache.set("menu", names, timeout=LIMIT)',
        'cache.set("menu", names, None, version=3)',
        'cache.set(f"menu:{names[0].updated_at}", names, None)',
        'cache.set("menu", "fixed", None)',
        'other.set("menu", names, None)',
    ],
)
def test_leaves_what_ends_alone(store):
    accepts(RULE, MODELS + HEAD + MENU.format(store=store))


STORE = MENU.format(store='cache.set("menu", names, None)')


@pytest.mark.parametrize(
    "removal",
    [
        'cache.delete("menu")',
        'cache.delete_many(["menu", "footer"])',
        "cache.clear()",
        "cache.delete(make_key())",
        'for key in ("menu", "footer"):\n        cache.delete(key)',
        'cache.delete("me" + "nu")',
        'cache.delete("%s" % name)',
        'cache.set("menu", [], 10)',
        'on_commit(partial(cache.delete, "menu"))',
        'caches["default"].delete("menu")',
        'cache.delete_pattern("men*")',
    ],
)
def test_leaves_what_is_removed_somewhere_alone(removal):
    elsewhere = (
        "# file: shop/signals.py\nfrom django.core.cache import cache, caches\n\n\n"
        f"def forget(name):\n    {removal}\n"
    )
    accepts(RULE, MODELS + elsewhere + HEAD + STORE)


@pytest.mark.parametrize(
    "removal", ['cache.delete("footer")', 'cache.delete(f"user:{name}")', 'cache.get("menu")']
)
def test_another_key_does_not_count(removal):
    elsewhere = (
        "# file: shop/signals.py\nfrom django.core.cache import cache\n\n\n"
        f"def forget(name):\n    {removal}\n"
    )
    flags(RULE, MODELS + elsewhere + HEAD + STORE, 9)


FILTERED = """
def menu():
    names = list(Product.objects.filter(status="new").values_list("name", "brand__name"))
    cache.set("menu", names, None)
    return names


def forget():
    cache.delete("menu")
"""


def test_finds_an_update_that_leaves_the_value():
    change = "\n\ndef close():\n    Product.objects.filter(pk=1).update(status='old')\n"
    (finding,) = flags(RULE, MODELS + HEAD + FILTERED + change)
    assert "close() changes Product.status" in finding.message


@pytest.mark.parametrize(
    "change",
    [
        "Product.objects.filter(pk=1).update(stock=1)",
        "Product.objects.filter(pk=1).update(status='old')\n    forget()",
        "Product.objects.filter(pk=1).update(status='old')\n    cache.delete('menu')",
        "Other.objects.update(status='old')",
    ],
)
def test_leaves_other_updates_alone(change):
    accepts(RULE, f"{MODELS}{HEAD}{FILTERED}\n\ndef close():\n    {change}\n")


def test_follows_relations_to_the_updated_field():
    change = "\n\ndef rename():\n    Brand.objects.filter(pk=1).update(name='x')\n"
    head = HEAD.replace("import Product", "import Brand, Product")
    (finding,) = flags(RULE, MODELS + head + FILTERED + change)
    assert "Brand.name" in finding.message


KEPT = "\n\n@{keeper}\ndef names():\n    return list(Product.objects.{query})\n"


@pytest.mark.parametrize("keeper", ["lru_cache", "lru_cache(maxsize=1)", "functools.cache"])
def test_finds_functions_that_keep_rows(keeper):
    head = HEAD + "import functools\nfrom functools import lru_cache\n"
    flags(RULE, MODELS + head + KEPT.format(keeper=keeper, query="all()"))


def test_leaves_a_function_that_is_emptied_alone():
    head = HEAD + "from functools import lru_cache\n"
    code = KEPT.format(keeper="lru_cache", query="all()")
    accepts(RULE, f"{MODELS}{head}{code}\n\ndef forget():\n    names.cache_clear()\n")


@pytest.mark.parametrize("query", ["get(pk=1)", "first()"])
def test_leaves_a_single_row_alone(query):
    head = HEAD + "from functools import lru_cache\n"
    accepts(RULE, MODELS + head + KEPT.format(keeper="lru_cache", query=query))
