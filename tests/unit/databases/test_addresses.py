import pytest

from praxis.databases import connections_needed, from_url
from praxis.errors import SettingsError

URL = "postgresql://shop:p%40ss@db.example:5433/shop"


def test_an_address_is_read():
    entry = from_url(URL + "?sslmode=require")
    assert entry["ENGINE"] == "django.db.backends.postgresql"
    assert [entry[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "shop", "p@ss", "db.example", "5433", "shop",
    ]  # fmt: skip
    assert entry["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://u@one,two/n", "one,two", "5432"),
        ("postgres://u@one:1,two:2/n", "one,two", "1,2"),
        ("postgres://u@one:1,two/n", "one,two", "1,5432"),
        ("postgis://u@[::1]:6000,[::2]/n", "::1,::2", "6000,5432"),
        ("postgresql://u@/n?host=/run/postgresql", "/run/postgresql", ""),
        ("postgresql://u@/n?host=/run/postgresql&port=1", "/run/postgresql", "1"),
    ],
)
def test_hosts_are_read(url, host, port):
    entry = from_url(url)
    assert (entry["HOST"], entry["PORT"]) == (host, port)


def test_of_several_hosts_the_one_that_takes_writes_is_used():
    url = "postgresql://u@one,two/n"
    assert from_url(url)["OPTIONS"]["target_session_attrs"] == "read-write"
    of_replica = from_url(url, is_replica=True)["OPTIONS"]
    assert of_replica["target_session_attrs"] == "prefer-standby"
    assert of_replica["connect_timeout"] == 2
    said = from_url(url + "?target_session_attrs=any")["OPTIONS"]
    assert said["target_session_attrs"] == "any"
    assert "target_session_attrs" not in from_url(URL)["OPTIONS"]


def test_a_sync_service_keeps_connections_and_an_async_one_has_a_pool():
    sync, shared = from_url(URL), from_url(URL, service="async")
    assert sync["CONN_MAX_AGE"] > 0
    assert "pool" not in sync["OPTIONS"]
    assert shared["CONN_MAX_AGE"] == 0
    assert shared["OPTIONS"]["pool"] == {"min_size": 2, "max_size": 10, "timeout": 5.0}
    assert from_url(URL, pool_size=1)["OPTIONS"]["pool"]["min_size"] == 1
    assert from_url(URL, pool_size=1)["CONN_MAX_AGE"] == 0
    assert "pool" not in from_url(URL, service="async", pool_size=0)["OPTIONS"]
    assert sync["CONN_HEALTH_CHECKS"]
    assert shared["CONN_HEALTH_CHECKS"]


def test_what_hangs_ends():
    options = from_url(URL, statement_timeout_s=1.5, lock_timeout_s=0)["OPTIONS"]["options"]
    assert options.split(" -c ") == [
        "-c statement_timeout=1500",
        "lock_timeout=0",
        "idle_in_transaction_session_timeout=60000",
    ]


def test_behind_a_pooler_nothing_is_kept_in_a_connection():
    entry = from_url(URL, service="async", pooler="transaction")
    assert entry["DISABLE_SERVER_SIDE_CURSORS"]
    assert entry["OPTIONS"]["prepare_threshold"] is None
    assert "options" not in entry["OPTIONS"]
    assert "pool" not in entry["OPTIONS"]
    assert "DISABLE_SERVER_SIDE_CURSORS" not in from_url(URL, pooler="session")


@pytest.mark.parametrize(
    "url",
    ["", "shop", "mysql://u:geheim@h/n", "postgresql://u:geheim@h:x/n", "postgresql://u:geheim@h:1:2/n",
     "postgresql://u:geheim@[::1/n", "postgresql://", "postgresql://h"],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_the_password(url):
    with pytest.raises(SettingsError) as refused:
        from_url(url)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("wrong", [{"service": "wsgi"}, {"pooler": "odyssey"}, {"pool_size": -1}])
def test_what_means_nothing_is_refused(wrong):
    with pytest.raises(SettingsError):
        from_url(URL, **wrong)


def test_connections_are_added_up():
    budget = connections_needed(
        max_connections=100, web_processes=8, per_process=4, task_processes=4, others=5,
        watchers=True,
    )  # fmt: skip
    assert budget.needed == 64 + 8 + 24 + 5
    assert not budget.fits
    assert str(budget) == (
        "64 for the web + 8 for tasks + 24 to watch + 5 others = 101 of 97: is too much"
    )
    assert connections_needed(max_connections=100, web_processes=2, per_process=4).fits


@pytest.mark.parametrize("wrong", [{"web_processes": -1}, {"aliases": 0}, {"deploy_overlap": 0.5}])
def test_numbers_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="or more"):
        connections_needed(**{"max_connections": 9, "web_processes": 1, "per_process": 1} | wrong)
