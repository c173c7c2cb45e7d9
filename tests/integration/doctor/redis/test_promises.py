"""What the doctor promises of every question to Redis: it reads, in few commands, and ends."""

import os
import signal

import pytest

from praxis.audit.findings import Severity
from praxis.doctor import Check, Target, checks, examine, registry
from praxis.doctor.redis.redis_session import COMMANDS, RIGHTS

pytestmark = pytest.mark.redis


@pytest.fixture
def reader(server):
    """The address of a user who may do what the doctor says and nothing else."""
    with server.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "doctor", "on", ">word", "~*", "-@all", *RIGHTS.split()
        )
        yield server.url.replace(f":{server.password}@", "doctor:word@")
        client.acl_deluser("doctor")


def test_needs_no_more_rights_than_it_says(reader, server, client):
    client.mset({f"key{n}": "x" * 100 for n in range(50)})
    uses = frozenset({"cache", "sessions", "broker", "locks"})
    examination = examine([Target.at("redis", reader, uses=uses)])
    assert examination.unanswered == []
    assert examination.asked_count == len(checks("redis"))


def test_none_of_its_commands_writes(client):
    for command in COMMANDS - {"AUTH", "HELLO", "SELECT", "SENTINEL GET-MASTER-ADDR-BY-NAME"}:
        name = command.split()[0]
        flags = client.execute_command("COMMAND", "INFO", name)
        flags = str(flags[name.lower()]["flags"] if isinstance(flags, dict) else flags[0][2])
        assert "write" not in flags
    assert "KEYS" not in COMMANDS


def test_the_keys_are_as_they_were(client, used_for):
    client.mset({f"key{n}": "x" * 100 for n in range(200)})
    client.hset("hash", mapping={"a": 1})
    digest = client.execute_command("DEBUG", "DIGEST")
    changes = client.info("persistence")["rdb_changes_since_last_save"]
    assert examine([used_for("cache", "sessions")]).unanswered == []
    assert client.execute_command("DEBUG", "DIGEST") == digest
    assert client.info("persistence")["rdb_changes_since_last_save"] == changes


@pytest.mark.parametrize(
    "words", [("SET", "a", 1), ("KEYS", "*"), ("CONFIG", "SET"), ("FLUSHALL",)]
)
def test_a_check_cannot_say_anything_else(used_for, monkeypatch, client, words):
    client.set("a", "0")

    def ask(server):
        server.ask(*words)
        yield from ()

    one = Check("TST1", "writing", "redis", Severity.WARNING, ask, "")
    monkeypatch.setattr(registry, "_loaded", lambda: {"writing": one})
    [unanswered] = examine([used_for("cache")]).unanswered
    assert unanswered.reason.endswith("is no question; nothing was sent")
    assert client.get("a") == "0"


def test_a_server_that_falls_silent_is_given_up_in_time(server, used_for):
    def tell(done, total):
        if done == 2:
            os.kill(server.pid, signal.SIGSTOP)

    try:
        examination = examine([used_for("cache")], budget_s=1.0, tell=tell)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert examination.asked_count == 2
    assert len(examination.unanswered) == 2
    assert examination.unanswered[1].reason.endswith(
        f"{len(checks('redis')) - 3} checks were not asked"
    )


def test_who_is_not_let_in_is_told_in_one_line_without_the_password(server):
    url = server.url.replace(server.password, "wrong-word")
    examination = examine([Target.at("redis", url)])
    assert examination.exit_code == 2
    [unanswered] = examination.unanswered
    assert "wrong-word" not in str(unanswered)
    assert "not let in" in unanswered.reason
    gone = examine([Target.at("redis", "redis://127.0.0.1:1")])
    assert "refused" in gone.unanswered[0].reason


def test_rights_that_lack_are_named(server, client):
    client.execute_command("ACL", "SETUSER", "blind", "on", ">word", "~*", "-@all", "+ping")
    url = server.url.replace(f":{server.password}@", "blind:word@")
    try:
        examination = examine([Target.at("redis", url, uses=frozenset({"cache"}))])
    finally:
        client.acl_deluser("blind")
    assert any("no right to INFO" in one.reason for one in examination.unanswered)
    assert all("bug" not in one.reason for one in examination.unanswered)
