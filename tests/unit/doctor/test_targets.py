import pytest

from praxis.doctor.targets import Target, shown
from praxis.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://:word@cache:6379/1", "redis://cache:6379/1"),
        ("redis://user:word@[::1]:6379", "redis://user@[::1]:6379"),
        ("postgresql://app:word@db/shop?sslmode=require", "postgresql://app@db/shop"),
        ("postgresql://app:word@/shop?host=/run/pg&password=word", "postgresql://app@/run/pg/shop"),
        ("unix://:word@/run/redis.sock", "unix:///run/redis.sock"),
        ("https://shop.example/en/", "https://shop.example/en/"),
    ],
)
def test_shows_addresses_without_passwords(url, address):
    assert shown(url) == address


def test_a_target_shows_no_password():
    assert "word" not in repr(Target.at("redis", "redis://:word@cache"))


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("postgres", "mysql://app:word@db/shop"),
        ("redis", "cache:6379"),
        ("redis", "redis://:word@cache:port"),
        ("broker", "amqp://guest:word@mq//"),
        ("web", "shop.example"),
    ],
)
def test_refuses_what_is_no_address_of_that_kind(server, url):
    with pytest.raises(ConfigError, match=server) as caught:
        Target.at(server, url)
    assert "word" not in str(caught.value)
