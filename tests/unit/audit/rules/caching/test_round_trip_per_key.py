# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "round_trip_per_key"
HEAD = """\
import redis
from django.core.cache import cache, caches
from django_redis import get_redis_connection


def work(keys, rows):
    {body}
"""

FOUND = {
    "get": "for key in keys:\n        rows[key] = cache.get(key)",
    "get with a made key": "for row in rows:\n        x = f'row:{row.pk}'\n        row.n = cache.get(x)",
    "comprehension": "return [cache.get(f'row:{key}') for key in keys]",
    "mapping": "return {key: cache.get(key) for key in keys}",
    "set": "for row in rows:\n        cache.set(row.key, str(row.value), 60)",
    "delete": "for key in keys:\n        cache.delete(key)",
    "another cache": "other = caches['x']\n    for key in keys:\n        other.delete(key)",
    "computed where missing": (
        "for key in keys:\n        value = cache.get(key)\n        if value is None:\n"
        "            value = rows.get_value(key)\n        rows[key] = value"
    ),
    "gathered": "all = []\n    for row in rows:\n        all.append(row.key)\n    for key in all:\n        cache.delete(key)",
    "redis": "client = redis.Redis()\n    for key in keys:\n        client.incr(key)",
    "two commands, told once": (
        "client = get_redis_connection()\n    for key in keys:\n        client.hset(key, 'a', 1)\n"
        "        client.expire(key, 60)"
    ),
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_a_command_for_every_round(body):
    flags(RULE, HEAD.format(body=body))


ACCEPTED = {
    "many": "return cache.get_many(keys)",
    "once": "return cache.get('x')",
    "the same key": "for row in rows:\n        row.n = cache.get('x')",
    "left early": (
        "for key in keys:\n        value = cache.get(key)\n        if value:\n            break"
    ),
    "returned early": "for key in keys:\n        if cache.get(key):\n            return key",
    "any": "return any(cache.get(key) for key in keys)",
    "few": "for key in ('a', 'b'):\n        cache.delete(key)",
    "before the loop": "for row in cache.get(keys):\n        print(row)",
    "key from the value before": (
        "for key in keys:\n        found = cache.get(key)\n        rows.append(cache.get(found))"
    ),
    "stored as it is worked out": (
        "for row in rows:\n        row.save()\n        cache.set(row.key, row.value)"
    ),
    "a pipeline": (
        "client = redis.Redis()\n    pipe = client.pipeline()\n    for key in keys:\n"
        "        pipe.incr(key)\n    pipe.execute()"
    ),
    "each for its own time": "for row in rows:\n        cache.set(row.key, row.value, row.seconds)",
    "each worked out at length": "for row in rows:\n        cache.set(row.key, row.render())",
    "errors caught one by one": "for key in keys:\n        try:\n            cache.delete(key)\n        except KeyError:\n            pass",
    "something else each round": "for key in keys:\n        publish(key)\n        rows[key] = cache.get(key)",
    "languages": "for code, _ in rows.LANGUAGES:\n        cache.delete(f'menu:{code}')",
    "one or two": "all = {'a'}\n    if rows:\n        all.add('b')\n    for key in all:\n        cache.delete(key)",
    "no cache": "for key in keys:\n        rows.get(key)",
    "inner function": "for key in keys:\n        def later():\n            cache.get(key)",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_leaves_alone(body):
    if body == ACCEPTED["key from the value before"]:
        flags(RULE, HEAD.format(body=body))  # the first one alone
    else:
        accepts(RULE, HEAD.format(body=body))


def test_says_nothing_where_the_cache_is_in_the_process():
    settings = (
        "# file: manage.py\nimport os\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
        "# file: shop/settings.py\nSECRET_KEY = 'x'\nINSTALLED_APPS = []\n"
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n"
    )
    accepts(RULE, f"{settings}# file: shop/views.py\n{HEAD.format(body=FOUND['get'])}")


def test_deletes_all_at_once():
    rewrites(
        RULE,
        HEAD.format(body="for row in rows.all():\n        cache.delete(f'row:{row.pk}')"),
        HEAD.format(body="cache.delete_many([f'row:{row.pk}' for row in rows.all()])"),
    )


@pytest.mark.parametrize(
    "loop",
    [
        "for key in keys:\n        cache.delete(key, version=2)",
        "for key in keys:\n        print(key)\n        cache.delete(key)",
        "for key in keys:\n        cache.delete(key)\n    else:\n        print(1)",
        "for key in keys:  # all\n        cache.delete(key)",
    ],
)
def test_only_a_plain_loop_is_edited(loop):
    (finding,) = flags(RULE, HEAD.format(body=loop))
    assert finding.fix is None


def test_leaves_commands_alone():
    path = "shop/management/commands/warm.py"
    accepts(RULE, HEAD.format(body=FOUND["get"]), path=path)
