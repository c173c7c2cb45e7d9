import pytest
from django.test import override_settings
from redis.sentinel import Sentinel

from praxis.conf import Secret
from praxis.errors import SettingsError
from praxis.redis.django_caches import read_cache
from praxis.redis.targets import Login, Topology

DJANGO = "django.core.cache.backends.redis.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
VALKEY = "django_valkey.cache.ValkeyCache"
CLUSTER = "django_valkey.cluster_cache.cache.ClusterValkeyCache"


def read(**cache):
    with override_settings(CACHES={"default": cache}):
        return read_cache("default")


@pytest.mark.parametrize(
    "location",
    ["redis://:p@a:7000/1", ["redis://:p@a:7000/1", "redis://b"], "redis://:p@a:7000/1,redis://b"],
)
@pytest.mark.parametrize("backend", [DJANGO, DJANGO_REDIS])
def test_takes_the_server_that_is_written_to(backend, location):
    target = read(BACKEND=backend, LOCATION=location)
    assert target.topology is Topology.STANDALONE
    assert target.addresses == (("a", 7000),)
    assert (target.database, target.login) == (1, Login("", Secret("p")))


def test_takes_database_user_and_password_from_djangos_options():
    options = {"db": "3", "username": "me", "password": "p", "parser_class": "any"}
    target = read(BACKEND=DJANGO, LOCATION="redis://a", OPTIONS=options)
    assert (target.database, target.login) == (3, Login("me", Secret("p")))


def test_takes_the_password_and_tls_of_django_redis():
    options = {"PASSWORD": "p", "CONNECTION_POOL_KWARGS": {"ssl_cert_reqs": None}}
    target = read(BACKEND=DJANGO_REDIS, LOCATION="rediss://a", OPTIONS=options)
    assert target.login == Login("", Secret("p"))
    assert target.tls.requirement == 0


@pytest.mark.parametrize(
    ("backend", "scheme"), [(DJANGO_REDIS, "redis"), (VALKEY, "valkey"), (VALKEY, "redis")]
)
def test_finds_the_sentinels_of_packages(backend, scheme):
    options = {
        "CLIENT_CLASS": "django_redis.client.SentinelClient",
        "SENTINELS": [("s1", 26379), ("s2", 26380)],
        "SENTINEL_KWARGS": {"password": "q"},
        "PASSWORD": "p",
    }
    target = read(BACKEND=backend, LOCATION=f"{scheme}://shop/2", OPTIONS=options)
    assert target.topology is Topology.SENTINEL
    assert target.addresses == (("s1", 26379), ("s2", 26380))
    assert (target.service, target.database) == ("shop", 2)
    assert (target.login, target.sentinel_login) == (
        Login("", Secret("p")),
        Login("", Secret("q")),
    )


def test_finds_the_sentinels_in_djangos_pool_options():
    manager = Sentinel([("s1", 26379)], password="p")
    options = {
        "pool_class": "redis.sentinel.SentinelConnectionPool",
        "service_name": "shop",
        "sentinel_manager": manager,
        "password": "p",
    }
    target = read(BACKEND=DJANGO, LOCATION="redis://shop", OPTIONS=options)
    assert target.topology is Topology.SENTINEL
    assert (target.service, target.addresses) == ("shop", (("s1", 26379),))
    assert target.login == Login("", Secret("p"))


@pytest.mark.parametrize(
    "location", ["valkey://a:7000", ["valkey://a:7000"], "a:7000", "redis+cluster://a:7000"]
)
def test_finds_the_nodes_of_a_cluster(location):
    target = read(BACKEND=CLUSTER, LOCATION=location)
    assert target.topology is Topology.CLUSTER
    assert target.addresses == (("a", 7000),)


@pytest.mark.parametrize(
    ("cache", "words"),
    [
        ({"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}, "server is not known"),
        ({"BACKEND": DJANGO}, "no LOCATION"),
        ({"BACKEND": DJANGO, "LOCATION": "http://:hunter2@a"}, "begins with none of"),
        ({"BACKEND": DJANGO, "LOCATION": "redis://a", "OPTIONS": {"host": "b"}}, "'host'"),
        (
            {
                "BACKEND": DJANGO_REDIS,
                "LOCATION": ["redis://a", "redis://b"],
                "OPTIONS": {"CLIENT_CLASS": "django_redis.client.ShardClient"},
            },
            "use a cluster",
        ),
        ({"BACKEND": CLUSTER, "LOCATION": "valkey://a/1"}, "database 0 alone"),
    ],
)
def test_says_what_is_not_understood(cache, words):
    with pytest.raises(SettingsError, match=words) as caught:
        read(**cache)
    assert "CACHES['default']" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_names_the_caches_that_there_are():
    with (
        override_settings(CACHES={"default": {}}),
        pytest.raises(SettingsError, match="Did you mean 'default'"),
    ):
        read_cache("defualt")
