import pytest

from praxis.addresses import Networks, client_address, counted_as, read_address
from praxis.errors import SettingsError

PROXIES = ["10.0.0.0/8", "2001:db8::/32"]


def client(remote, forwarded="", proxies=PROXIES):
    found = client_address(remote, forwarded, Networks(proxies, "here"))
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("9.9.9.9", "", "9.9.9.9"),
        ("9.9.9.9", "1.1.1.1", "9.9.9.9"),  # nobody we trust says so
        ("10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),  # the first was written by the client
        ("10.0.0.1", "1.1.1.1, 10.0.0.2", "1.1.1.1"),
        ("10.0.0.1", "10.9.9.9, 10.0.0.2", "10.9.9.9"),  # a client within
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1, <script>, 10.0.0.2", "10.0.0.2"),
        ("2001:db8::1", "2a00::5", "2a00::5"),
        ("10.0.0.1", "[2a00::5]:443", "2a00::5"),
        ("10.0.0.1", "1.1.1.1:8080", "1.1.1.1"),
        ("::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", ",".join(["6.6.6.6"] * 5000) + ", 1.1.1.1", "1.1.1.1"),
        ("", "1.1.1.1", None),
        ("rubbish", "1.1.1.1", None),
    ],
)
def test_only_proxies_of_ours_are_believed(remote, forwarded, expected):
    assert client(remote, forwarded) == expected


def test_a_proxy_may_come_by_a_socket():
    assert client("", "1.1.1.1", ["unix"]) == "1.1.1.1"


def test_with_no_proxies_the_header_says_nothing():
    assert client("10.0.0.1", "1.1.1.1", []) == "10.0.0.1"


def test_a_slip_in_a_network_is_told():
    with pytest.raises(SettingsError, match=r"here: .*10\.0\.0\.0/8"):
        Networks(["10.0.0.1/8"], "here")


@pytest.mark.parametrize(
    ("address", "prefix", "expected"),
    [
        ("1.2.3.4", 64, "1.2.3.4"),
        ("2a00:1:2:3:4:5:6:7", 64, "2a00:1:2:3::/64"),
        ("2a00:1:2:3:4:5:6:7", 48, "2a00:1:2::/48"),
        ("", 64, "unix"),
    ],
)
def test_who_has_one_address_of_ipv6_has_a_network_of_them(address, prefix, expected):
    assert counted_as(read_address(address), prefix) == expected
