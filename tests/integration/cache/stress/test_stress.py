"""
Writers and readers in processes of their own, as fast as they can: no read is ever too old.

Meanwhile processes are killed, and PostgreSQL and Redis are restarted, frozen, cut off and
replaced. A few seconds of it, unless the environment says otherwise:

- ``PRAXIS_STRESS_S``: for so many seconds; what was counted is written to ``PRAXIS_STRESS_LOG``
- ``PRAXIS_STRESS_SEED``: of the order of faults; ``PRAXIS_STRESS_FAULTS``: these alone
- ``PRAXIS_CACHE_BREAK``: the cache is broken first, as `sabotage` says: the test has to fail then
"""

import json
import os
import sys
import time
import traceback
from pathlib import Path

import pytest

from praxis import embedded
from praxis.embedded import TcpProxy
from tests.integration.cache.conftest import APP
from tests.integration.cache.stress.board import KINDS
from tests.integration.cache.stress.crew import Crew
from tests.integration.cache.stress.faults import OneServer, SentinelGroup

SECONDS = float(os.environ.get("PRAXIS_STRESS_S", "0"))
LOG = os.environ.get("PRAXIS_STRESS_LOG", "")
SEED = int(os.environ.get("PRAXIS_STRESS_SEED", "1"))
FAULTS = os.environ.get("PRAXIS_STRESS_FAULTS", "").split()
BROKEN = os.environ.get("PRAXIS_CACHE_BREAK", "")
WRITERS, READERS = 2, 8 if SECONDS else 4
#: Of these readers, and what the bound of their memory is.
NEAR_READERS, NEAR_S = READERS // 4, 0.5
#: Each in its own setup; both in both of them for who takes the time.
POLICIES = {"one": ["refuse"], "sentinel": ["bypass"]}
if SECONDS:
    POLICIES = {name: ["refuse", "bypass"] for name in POLICIES}
#: Of work between two faults; the first where there are only a few of them.
SHORT_PAUSE_S = 1.0
PAUSES_S = (0.3, 1.0, 3.0, 10.0, 20.0)


@pytest.fixture
def plan(library, database):
    """Rows for each writer; and what workers have to know."""
    authors = {}
    for name in ("move-0", "move-1", "lists", "rows"):
        authors[name] = library.Author.objects.create(name=name)
    keys = {}
    for writer in range(WRITERS):
        library.Country.objects.filter(pk=writer + 1).update(name="0")
        joined = library.Author.objects.create(name=f"join-{writer}", country_id=writer + 1)
        library.Author.objects.create(name=f"atomic-{writer}")
        for kind in KINDS:
            author = {"move": authors["move-0"], "list": authors["lists"], "join": joined}
            book = library.Book.objects.create(
                title=f"{kind}-{writer}", author=author.get(kind, authors["rows"]), pages=0
            )
            keys[book.title] = book.pk
    return {
        "writers": WRITERS,
        "readers": READERS,
        "near_readers": NEAR_READERS,
        "near_s": NEAR_S,
        "database": database,
        "apps": ["django.contrib.contenttypes", "praxis", "praxis.cache.changes", APP],
        "keys": keys,
        "sides": [authors["move-0"].pk, authors["move-1"].pk],
        "lists": authors["lists"].pk,
        "broken": BROKEN,
    }


def begin(folder, plan, policy, redis, writers_redis):
    plan["cache"] = {"when_unreachable": policy, "look_every_ms": 300}
    plan["redis"] = {"url": redis, "timeout_s": 0.5, "probe_s": 0.02}
    plan["writers_redis"] = plan["redis"] | {"url": writers_redis}
    (folder / "plan.json").write_text(json.dumps(plan))
    return Crew(folder, plan)


def run(crew, faults, name):
    """Let the crew work amid faults, as long as nothing is wrong; return what was counted."""
    crew.go()
    begun_s = time.monotonic()
    for fault in faults.few if not SECONDS else ():
        time.sleep(SHORT_PAUSE_S)
        faults.happens(fault)
    time.sleep(SHORT_PAUSE_S)
    while time.monotonic() < begun_s + SECONDS and not crew.board.total("stale"):
        time.sleep(faults.chance.choice(PAUSES_S))
        try:
            crew.check()
            faults.happen()
        finally:
            log(name, crew, faults, begun_s)
    crew.stop()
    told = log(name, crew, faults, begun_s)
    print(json.dumps(told))  # noqa: T201 - for who runs it for long
    return told


def log(name, crew, faults, begun_s):
    told = {"test": name, "seconds": round(time.monotonic() - begun_s, 1)}
    told |= crew.told() | {"faults": dict(faults.counts)}
    told["error"] = traceback.format_exc() if sys.exc_info()[0] else ""
    if LOG:
        Path(f"{LOG}.{name}").write_text(json.dumps(told, indent=1))
    return told


def judge(told, *, in_order):
    """
    Nothing that was acknowledged is missed; and much was answered without the database.

    Args:
        told: What was counted.
        in_order: Whether reads are to agree on the order of commits.
    """
    assert told["stale"] == told["unwritten"] == 0, told
    if in_order:
        assert told["back"] == 0, told
    assert told["written"] > 0
    if SECONDS:  # in a few of them there may be hardly one without a fault that sends all away
        assert told["sent"] < told["asked"]  # by readers


@pytest.mark.only("postgresql")
@pytest.mark.timeout(SECONDS + 180)
@pytest.mark.parametrize("policy", POLICIES["one"])
def test_one_server(plan, servers, tmp_path, policy):
    redis = servers.redis
    with (
        TcpProxy(redis.host, redis.port) as way,
        begin(tmp_path, plan, policy, redis.url, way.through(redis.url)) as crew,
    ):
        faults = OneServer(crew, servers.postgres, redis, way, seed=SEED, only=FAULTS)
        told = run(crew, faults, f"one-{policy}")
    judge(told, in_order=policy == "refuse")


@pytest.mark.only("postgresql")
@pytest.mark.timeout(SECONDS + 180)
@pytest.mark.parametrize("policy", POLICIES["sentinel"])
def test_sentinel(plan, servers, tmp_path, policy):
    with embedded.redis_sentinel(replicas=2, sentinels=3, down_after_s=1.0) as group:
        hosts = ",".join(f"{host}:{port}" for host, port in group.addresses)
        url = f"redis+sentinel://:{group.password}@{hosts}/{group.service}"
        with begin(tmp_path, plan, policy, url, url) as crew:
            faults = SentinelGroup(crew, servers.postgres, group, seed=SEED, only=FAULTS)
            told = run(crew, faults, f"sentinel-{policy}")
    judge(told, in_order=policy == "refuse")
