import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "unbounded_cache_server"
HEAD = """\
# file: manage.py
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
# file: shop/settings.py
SECRET_KEY = "x"
INSTALLED_APPS = []
"""
REDIS = '"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://c/0"'
MEMCACHED = '"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache"'


def settings(cache, alias="default"):
    return f'{HEAD}CACHES = {{"{alias}": {{{cache}}}}}\n'


def test_finds_entries_that_never_expire():
    (finding,) = flags(RULE, settings(f'{REDIS}, "TIMEOUT": None'))
    assert "KEY_PREFIX" in finding.message


def test_does_not_speak_of_a_prefix_that_is_there():
    cache = f'{REDIS}, "TIMEOUT": None, "KEY_PREFIX": "shop"'
    (finding,) = flags(RULE, settings(cache))
    assert "KEY_PREFIX" not in finding.message


def test_finds_it_in_one_of_two_ways():
    flags(
        RULE,
        f"{HEAD}import os\nif os.environ.get('REDIS'):\n"
        f"    CACHES = {{'default': {{{REDIS}, 'TIMEOUT': None}}}}\nelse:\n    CACHES = {{}}\n",
    )


@pytest.mark.parametrize(
    "source",
    [
        settings(REDIS),
        settings(f'{REDIS}, "TIMEOUT": 60'),
        settings(f'{REDIS}, "TIMEOUT": limit'),
        settings(f'{MEMCACHED}, "TIMEOUT": None'),
        settings(f'{REDIS}, "TIMEOUT": None', alias="thumbnails"),
    ],
)
def test_leaves_alone(source):
    accepts(RULE, source)


def test_finds_two_caches_that_overwrite_each_other():
    both = f'{HEAD}CACHES = {{"default": {{{REDIS}}}, "pages": {{{REDIS}}}}}\n'
    (finding,) = flags(RULE, both)
    assert "'default' and 'pages'" in finding.message


@pytest.mark.parametrize(
    "second", [f'{REDIS}, "KEY_PREFIX": "pages"', REDIS.replace("c/0", "c/1"), MEMCACHED]
)
def test_leaves_caches_that_are_kept_apart_alone(second):
    accepts(RULE, f'{HEAD}CACHES = {{"default": {{{REDIS}}}, "pages": {{{second}}}}}\n')


def test_leaves_two_names_of_one_cache_alone():
    accepts(
        RULE,
        f"{HEAD}CACHES = {{'pages': {{{REDIS}}}}}\nCACHES['default'] = CACHES['pages']\n",
    )


def test_writes_an_hour():
    before = settings(f'{REDIS}, "TIMEOUT": None')
    rewrites(RULE, before, before.replace("None", "3600"))
