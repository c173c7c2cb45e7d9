import ssl

import pytest

from praxis.conf import Secret
from praxis.errors import SettingsError
from praxis.redis.targets import Address, Login, Topology, read_url


@pytest.mark.parametrize(
    ("url", "addresses", "database"),
    [
        ("redis://", [("localhost", 6379)], 0),
        ("redis://cache", [("cache", 6379)], 0),
        ("redis://cache:7000/3", [("cache", 7000)], 3),
        ("valkey://cache/2", [("cache", 6379)], 2),
        ("redis://[::1]:7000", [("::1", 7000)], 0),
        ("redis://[::1]/1", [("::1", 6379)], 1),
        ("redis://cache?db=4", [("cache", 6379)], 4),
        ("unix:///run/redis.sock?db=2", [("/run/redis.sock", 0)], 2),
        ("unix:///run/my%20redis.sock", [("/run/my redis.sock", 0)], 0),
    ],
)
def test_reads_one_server(url, addresses, database):
    target = read_url(url)
    assert target.topology is Topology.STANDALONE
    assert list(target.addresses) == addresses
    assert target.database == database
    assert target.login is None
    assert target.tls is None


@pytest.mark.parametrize(
    ("url", "user", "password"),
    [
        ("redis://:s%40cret@h", "", "s@cret"),
        ("redis://me:a:b@h", "me", "a:b"),
        ("redis://h?username=me&password=pw!", "me", "pw!"),
        ("unix://:pw!@/run/redis.sock", "", "pw!"),
        ("unix:///run/redis.sock?password=pw!", "", "pw!"),
        ("redis+cluster://me:pw!@a,b", "me", "pw!"),
    ],
)
def test_reads_who_connects(url, user, password):
    target = read_url(url)
    assert target.login == Login(user, Secret(password))
    assert password not in repr(target)


def test_reads_a_group_of_sentinels():
    target = read_url(
        "redis+sentinel://me:p@a,b:7001,[::1]:7002/shop/2?sentinel_username=s&sentinel_password=q"
    )
    assert target.topology is Topology.SENTINEL
    assert target.addresses == (("a", 26379), ("b", 7001), ("::1", 7002))
    assert (target.service, target.database) == ("shop", 2)
    assert target.login == Login("me", Secret("p"))
    assert target.sentinel_login == Login("s", Secret("q"))


@pytest.mark.parametrize("scheme", ["redis+cluster", "valkey+cluster"])
def test_reads_the_nodes_of_a_cluster(scheme):
    target = read_url(f"{scheme}://a:7001,b")
    assert target.topology is Topology.CLUSTER
    assert target.addresses == (("a", 7001), ("b", 6379))


@pytest.mark.parametrize("scheme", ["rediss", "valkeys", "rediss+sentinel", "rediss+cluster"])
def test_encrypts_where_the_scheme_says_so(scheme):
    tls = read_url(f"{scheme}://h/service" if "sentinel" in scheme else f"{scheme}://h").tls
    assert tls.requirement is ssl.CERT_REQUIRED
    assert tls.check_hostname


def test_reads_the_options_of_redis_py_for_tls():
    tls = read_url(
        "rediss://h?ssl_cert_reqs=none&ssl_ca_certs=/ca.pem&ssl_keyfile=/k&ssl_certfile=/c"
        "&ssl_password=secret&ssl_check_hostname=false&ssl_min_version=771"
    ).tls
    assert tls.requirement is ssl.CERT_NONE
    assert (tls.ca_file, tls.key, tls.certificate) == ("/ca.pem", "/k", "/c")
    assert not tls.check_hostname
    assert tls.minimum is ssl.TLSVersion.TLSv1_2
    assert "secret" not in repr(tls)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://h", "begins with none of"),
        ("", "begins with none of"),
        ("redis://a,b", "Several servers"),
        ("redis://h:x", "no number from 1 to 65535"),
        ("redis://h:70000", "no number from 1 to 65535"),
        ("redis://h/first", "database that is no number"),
        ("redis+cluster://h/1", "database 0 alone"),
        ("redis+sentinel://h", "lacks the service"),
        ("unix://", "lacks the path"),
        ("redis://h?socket_timeout=3", "'socket_timeout'"),
        ("redis://h?ssl_cert_reqs=none", "rediss://"),
        ("rediss://h?ssl_validate_ocsp=1", "'ssl_validate_ocsp' is not supported"),
        ("rediss://h?ssl_cert_reqs=maybe", "means nothing"),
        ("redis://:hunter2@h?sentinel_password=hunter2", "'sentinel_password'"),
        ("redis://:hunter2@[h", "no URL"),
    ],
)
def test_says_what_is_wrong_and_never_the_password(url, words):
    with pytest.raises(SettingsError) as caught:
        read_url(url)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_addresses_are_shown_as_they_are_typed():
    assert str(Address("h", 1)) == "h:1"
    assert str(Address("::1", 1)) == "[::1]:1"
    assert str(Address("/run/redis.sock", 0)) == "/run/redis.sock"
