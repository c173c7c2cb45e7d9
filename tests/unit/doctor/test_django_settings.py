import secrets

import pytest

from praxis.doctor.django_settings import read_targets
from praxis.errors import ConfigError


@pytest.fixture
def read(tmp_path):
    """The targets of a settings module that says something."""

    def read(text):
        name = f"settings_{secrets.token_hex(8)}"  # imported once each
        (tmp_path / f"{name}.py").write_text(f"SECRET_KEY = 'x'\n{text}")
        return read_targets(name, tmp_path)

    return read


REDIS = "django.core.cache.backends.redis.RedisCache"


def by_server(targets, server):
    return [target for target in targets if target.server == server]


def test_one_postgresql_under_two_names_is_asked_once(read):
    database = {
        "ENGINE": "django.db.backends.postgresql", "NAME": "shop", "USER": "app",
        "PASSWORD": "word", "HOST": "db", "PORT": 5433,
    }  # fmt: skip
    default = {**database, "OPTIONS": {"pool": {"max_size": 7}, "sslmode": "require"}}
    reports = {**database, "CONN_MAX_AGE": 60, "DISABLE_SERVER_SIDE_CURSORS": True}
    targets = read(
        f"DATABASES = {{'default': {default!r}, 'reports': {reports!r}, "
        "'other': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'x'}}"
    )
    [target] = by_server(targets, "postgres")
    assert target.where == "postgresql://app@db:5433/shop"
    assert target.names == ("DATABASES['default']", "DATABASES['reports']")
    assert target.parameters == {
        "host": "db", "port": "5433", "user": "app", "password": "word", "dbname": "shop",
        "sslmode": "require",
    }  # fmt: skip
    assert [alias.pool_size for alias in target.aliases] == [7, None]
    assert [alias.server_side_cursors for alias in target.aliases] == [True, False]


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("", {"cache"}),
        ("SESSION_ENGINE = 'django.contrib.sessions.backends.cache'", {"cache", "sessions"}),
        (
            "SESSION_ENGINE = 'django.contrib.sessions.backends.cached_db'",
            {"cache", "cached sessions"},
        ),
        ("CELERY_BROKER_URL = 'redis://cache:6379/3'", {"cache", "broker"}),
        ("CELERY_RESULT_BACKEND = 'redis://cache/4'", {"cache", "results"}),
        (
            "PRAXIS = {'redis': {'url': 'redis://cache'}, 'locks': {}, 'ratelimit': {}}",
            {"cache", "locks", "rate limits"},
        ),
        (
            (
                "PRAXIS = {'redis': {'default': {'url': 'redis://cache'}, "
                "'lasting': {'url': 'redis://lasting'}}, 'sessions': {'redis': 'lasting'}}"
            ),
            {"cache"},
        ),
    ],
)
def test_databases_of_one_redis_are_one_server(read, text, uses):
    caches = {"default": {"BACKEND": REDIS, "LOCATION": "redis://cache:6379/1"}}
    targets = by_server(read(f"CACHES = {caches!r}\n{text}"), "redis")
    assert targets[0].uses == uses
    if len(targets) > 1:
        assert targets[1].uses == {"sessions"}


def test_a_cache_of_sessions_alone_is_no_cache(read):
    caches = {
        "default": {"BACKEND": REDIS, "LOCATION": "redis://cache"},
        "sessions": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://lasting",
                     "OPTIONS": {"PASSWORD": "w:rd"}},
    }  # fmt: skip
    cache, lasting = read(
        f"CACHES = {caches!r}\nSESSION_ENGINE = 'django.contrib.sessions.backends.cache'\n"
        "SESSION_CACHE_ALIAS = 'sessions'"
    )
    assert (cache.uses, lasting.uses) == ({"cache"}, {"sessions"})
    assert lasting.parameters["url"] == "redis://:w%3Ard@lasting"


def test_several_addresses_of_one_cache(read):
    caches = {"default": {"BACKEND": REDIS, "LOCATION": ["redis://one", "redis://two"]}}
    assert [target.where for target in read(f"CACHES = {caches!r}")] == [
        "redis://one",
        "redis://two",
    ]


def test_a_broker_is_asked_about_its_queues_too(read):
    targets = read("CELERY_BROKER_URL = 'redis://:word@mq/2'")
    assert [target.server for target in targets] == ["redis", "broker"]
    assert read("CELERY_BROKER_URL = 'memory://'") == []


def test_sentinels_and_clusters(read):
    targets = read(
        "PRAXIS = {'redis': {'a': {'url': 'redis+sentinel://:word@s1,s2:5/shop'}, "
        "'b': {'url': 'rediss+cluster://:word@c1:7000,c2:7001'}}}"
    )
    sentinel, *nodes = targets
    assert sentinel.parameters == {
        "url": "redis://s1:26379",
        "service": "shop",
        "login": ":word",
    }
    assert [node.parameters["url"] for node in nodes] == [
        "rediss://:word@c1:7000",
        "rediss://:word@c2:7001",
    ]
    assert "word" not in str([target.where for target in targets])


@pytest.mark.parametrize(
    "text", ["import no_such_library", "SECRET_KEY = 1 / 0", "def", "raise SystemExit(3)"]
)
def test_settings_that_cannot_be_imported_say_why(read, text):
    with pytest.raises(ConfigError, match="not imported"):
        read(text)


def test_a_module_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"--settings nowhere\.settings"):
        read_targets("nowhere.settings", tmp_path)
