import shlex
import socket
from pathlib import Path

import pytest
import redis as redis_py

from praxis import embedded
from praxis.audit.findings import Severity
from praxis.doctor import Target
from praxis.embedded import readiness
from tests.integration.doctor.asking import ask

pytestmark = pytest.mark.redis


def apply(client, finding):
    """Say to the server what the remedies say."""
    for remedy in finding.remedies:
        if remedy.kind == "redis-cli":
            for line in remedy.text.splitlines():
                words = shlex.split(line, comments=True)
                if words and words != ["CONFIG", "REWRITE"]:
                    client.execute_command(*words)


def test_a_cache_without_a_bound(client, used_for):
    [finding] = ask("eviction", used_for("cache"))
    assert "has no bound" in finding.message
    apply(client, finding)
    assert ask("eviction", used_for("cache")) == []
    client.config_set("maxmemory-policy", "noeviction")
    [finding] = ask("eviction", used_for("cache"))
    assert "refuses writes when its memory is full" in finding.message
    apply(client, finding)
    assert ask("eviction", used_for("cache")) == []


@pytest.mark.parametrize("use", ["sessions", "locks", "rate limits", "broker"])
def test_what_must_last_on_a_server_that_throws_away(client, used_for, use):
    assert ask("eviction", used_for(use)) == []
    client.config_set("maxmemory-policy", "allkeys-lru")
    [finding] = ask("eviction", used_for(use))
    assert finding.severity is Severity.WARNING  # there is no bound yet
    client.config_set("maxmemory", "100mb")
    [finding] = ask("eviction", used_for(use))
    assert finding.severity is Severity.ERROR
    apply(client, finding)
    assert ask("eviction", used_for(use)) == []


def test_the_cache_and_sessions_on_one_server(client, used_for):
    client.config_set("maxmemory", "100mb")
    client.config_set("maxmemory-policy", "allkeys-lru")
    [finding] = ask("eviction", used_for("cache", "sessions"))
    assert finding.severity is Severity.ERROR
    assert "visitors are logged out" in finding.message
    client.config_set("maxmemory-policy", "noeviction")
    [finding] = ask("eviction", used_for("cache", "sessions"))
    assert "nothing can be written" in finding.message
    assert ask("eviction", used_for("sessions")) == []  # the remedy: the cache went elsewhere


def test_memory_that_is_nearly_full(client, used_for):
    used = int(client.info("memory")["used_memory"])
    client.config_set("maxmemory", str(int(used * 1.05)))
    [finding] = ask("memory", used_for("cache"))
    assert "of the memory that Redis may use is in use" in finding.message
    apply(client, finding)
    assert ask("memory", used_for("cache"), memory_share=0.99) == []


def test_sessions_that_are_not_written_to_disk(client, used_for):
    assert ask("persistence", used_for("cache")) == []
    [finding] = ask("persistence", used_for("sessions"))
    assert "writes nothing to disk" in finding.message
    apply(client, finding)
    assert ask("persistence", used_for("sessions")) == []


def test_tasks_that_are_in_snapshots_alone(client, used_for):
    client.config_set("save", "3600 1")
    assert ask("persistence", used_for("sessions")) == []
    [finding] = ask("persistence", used_for("broker"))
    assert "since the last snapshot" in finding.message


def test_a_snapshot_that_failed(client, used_for, server):
    folder = client.config_get("dir")["dir"]
    name = client.config_get("dbfilename")["dbfilename"]
    client.config_set("save", "3600 1")
    (Path(folder) / name).mkdir()  # a file cannot take a folder's place
    client.set("a", "b")
    try:
        client.bgsave()
        wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err")
        [finding] = ask("persistence", used_for("sessions"))
        assert finding.severity is Severity.ERROR
    finally:
        (Path(folder) / name).rmdir()
    client.bgsave()
    wait_until(lambda: client.info("persistence")["rdb_last_bgsave_status"] == "ok")
    assert ask("persistence", used_for("sessions")) == []


def wait_until(condition):
    readiness.wait_until(condition, what="Redis", timeout_s=30)


def test_a_cache_that_is_asked_in_vain(client, used_for):
    client.config_resetstat()
    client.set("there", 1)
    for _ in range(3):
        client.mget(*[f"nothing{n}" for n in range(200)], *["there"] * 200)
    assert ask("hit_ratio", used_for("cache")) == []
    for _ in range(3):
        client.mget(*[f"nothing{n}" for n in range(400)])
    assert ask("hit_ratio", used_for("sessions")) == []
    [finding] = ask("hit_ratio", used_for("cache"))
    assert finding.message.startswith("25.")
    apply(client, finding)
    assert ask("hit_ratio", used_for("cache")) == []


def test_big_keys(client, used_for):
    client.mset({f"small{n}": "x" for n in range(300)})
    assert ask("big_keys", used_for("cache")) == []
    client.set('a "big" one', "x" * 3_000_000)
    client.hset("wide", mapping={f"field{n}": "y" * 100 for n in range(20_000)})
    [finding] = ask("big_keys", used_for("cache"))
    assert finding.code == "CACHE110"
    assert finding.message.startswith("2 of 302 keys")
    assert dict(finding.evidence)['a "big" one'].endswith("MB, string")
    apply(client, finding)  # it can be pasted
    client.unlink('a "big" one', "wide")
    assert ask("big_keys", used_for("cache")) == []


def test_keys_that_are_no_text_are_looked_at_too(client, used_for):
    client.set(b"\xff\xfe\x1b[31m", "x" * 2_000_000)
    [finding] = ask("big_keys", used_for("cache"))
    assert finding.message.startswith("1 of 1 keys")
    assert dict(finding.evidence)["\\xff\\xfe\x1b[31m"].endswith("MB, string")
    assert finding.remedies[0].text.startswith('MEMORY USAGE "\\xff\\xfe')


def test_looks_at_so_many_keys_and_no_more(client, used_for):
    client.mset({f"key{n}": "x" for n in range(5_000)})
    before = client.info("commandstats")
    [finding] = ask("lasting_keys", used_for("cache"), sampled_keys=150)
    assert ("looked at", "150") in finding.evidence
    after = client.info("commandstats")
    weighed = after["cmdstat_memory"]["calls"] - before.get("cmdstat_memory", {"calls": 0})["calls"]
    assert weighed == 150
    assert "cmdstat_keys" not in after


def test_keys_without_an_end(client, used_for):
    client.mset({f"key{n}": "x" for n in range(30)})
    assert ask("lasting_keys", used_for("sessions")) == []
    [finding] = ask("lasting_keys", used_for("cache"))
    assert finding.message.startswith("100.0 % of the keys have no end")
    for n in range(25):
        client.expire(f"key{n}", 100)
    assert ask("lasting_keys", used_for("cache")) == []


def test_commands_that_took_long(client, used_for):
    client.config_set("slowlog-log-slower-than", "0")
    client.keys("*")
    client.config_set("slowlog-log-slower-than", "10000")
    assert ask("slow_commands", used_for("cache")) == []  # quick all the same
    found = ask("slow_commands", used_for("cache"), slow_command_us=0)
    [finding] = [one for one in found if one.message.startswith("KEYS ")]
    assert "Say SCAN instead." in finding.message
    apply(client, finding)
    assert not ask("slow_commands", used_for("cache"), slow_command_us=5_000)


def test_clients_that_were_refused(client, used_for, server):
    assert ask("clients", used_for("cache")) == []
    client.config_set("maxclients", "2")
    with server.client() as second:
        second.ping()
        with server.client() as third, pytest.raises(redis_py.ConnectionError):
            third.ping()
    client.config_set("maxclients", "10")
    [finding] = ask("clients", used_for("cache"))
    assert "connections were refused" in finding.message
    apply(client, finding)
    assert ask("clients", used_for("cache")) == []


def test_no_password(server, used_for):
    assert ask("access", used_for("cache")) == []
    with server.client() as client:
        client.config_set("requirepass", "")
    try:
        target = Target.at("redis", f"redis://127.0.0.1:{server.port}")
        [finding] = ask("access", target)
        assert "asks for no password" in finding.message
        assert finding.severity is Severity.WARNING  # it listens here alone
    finally:
        with _client(server) as client:
            client.config_set("requirepass", server.password)


def _client(server):
    return redis_py.Redis(host="127.0.0.1", port=server.port)


def test_the_way_out_of_this_machine_is_not_encrypted(server, monkeypatch):
    # A name that is this machine's, and that does not look like it.
    known = socket.getaddrinfo

    def getaddrinfo(host, *rest, **options):
        return known("127.0.0.1" if host == "redis.shop.example" else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    url = server.url.replace("127.0.0.1", "redis.shop.example")
    [finding] = ask("access", Target.at("redis", url))
    assert "go to redis.shop.example unencrypted" in finding.message


def test_a_way_that_takes_long(used_for):
    assert ask("round_trips", used_for("cache"), round_trip_ms=10_000.0) == []
    [finding] = ask("round_trips", used_for("cache"), round_trip_ms=0.0)
    assert "ms from here and back" in finding.message


def test_a_version_that_is_past_its_end(client, used_for):
    found = ask("version", used_for("cache"))
    version = tuple(map(int, client.info("server")["redis_version"].split(".")[:2]))
    assert bool(found) is (version < (7, 2))


def test_a_replica_that_lost_its_master_and_a_master_alone():
    with embedded.redis_sentinel(replicas=1, sentinels=1) as group:
        master = Target.at("redis", group.master.url, uses=frozenset({"sessions"}))
        replica = Target.at("redis", group.replicas[0].url)
        assert ask("replication", replica) == []
        [finding] = ask("replication", master)
        assert "goes on taking writes" in finding.message
        with group.master.client() as client:
            apply(client, finding)
        assert ask("replication", master) == []
        host, port = group.addresses[0]
        through = Target(
            server="redis",
            where="it",
            parameters={
                "url": f"redis://{host}:{port}",
                "service": group.service,
                "login": f":{group.password}",
            },
            uses=frozenset({"sessions"}),
        )
        assert ask("replication", through) == []  # the master, which was mended
        old = group.master
        group.sentinels[0].kill()
        old.kill()
        with redis_py.Redis.from_url(replica.parameters["url"], decode_responses=True) as client:
            wait_until(lambda: client.info("replication")["master_link_status"] == "down")
        [finding] = ask("replication", replica)
        assert "has lost its master" in finding.message
