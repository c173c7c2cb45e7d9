"""
Writers and readers in processes of their own, as fast as they can: no read is ever too old.

``PRAXIS_STRESS_S`` runs it for so many seconds, with processes that are killed and a Redis that
is restarted meanwhile. ``PRAXIS_CACHE_BREAK`` breaks the cache first: the test has to fail then.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.cache.conftest import APP

ROOT = Path(__file__).parents[3]
WORKER = Path(__file__).with_name("stress_worker.py")
SECONDS = float(os.environ.get("PRAXIS_STRESS_S", "0"))
BROKEN = os.environ.get("PRAXIS_CACHE_BREAK", "")
WRITERS, READERS = 2, 3
KINDS = ("save", "atomic", "update", "move", "list", "join", "kept")


@pytest.fixture
def plan(library, database, servers, tmp_path):
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
    told = {
        "writers": WRITERS,
        "readers": READERS,
        "database": database,
        "apps": ["django.contrib.contenttypes", "praxis", APP],
        "redis": {"url": servers.redis.url, "timeout_s": 5.0, "probe_s": 0.01},
        "keys": keys,
        "sides": [authors["move-0"].pk, authors["move-1"].pk],
        "lists": authors["lists"].pk,
        "broken": BROKEN,
    }
    (tmp_path / "plan.json").write_text(json.dumps(told))
    return tmp_path


def start(folder, role, number):
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error::RuntimeWarning",
            str(WORKER),
            str(folder),
            role,
            str(number),
        ],
        env=environment,
        cwd=ROOT,
    )


def wait_for(paths, processes):
    while not all(path.exists() for path in paths):
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)


def disturb(folder, workers, servers, deadline_s):
    """Kill a process or Redis every now and then; each comes back."""
    turn = 0
    while time.monotonic() < deadline_s:
        time.sleep(2.0)
        turn += 1
        if turn % 3 == 0:
            servers.redis.kill()
            servers.redis.restart()
            continue
        role, number = [("writer", 0), ("reader", 0), ("writer", 1)][turn % 3]
        workers[role, number].kill()
        workers[role, number].wait()
        workers[role, number] = start(folder, role, number)


@pytest.mark.only("postgresql")
@pytest.mark.timeout(SECONDS + 120)
def test_no_read_is_older_than_what_was_acknowledged_or_seen(plan, servers):
    roles = [("writer", n) for n in range(WRITERS)] + [("reader", n) for n in range(READERS)]
    workers = {role: start(plan, *role) for role in roles}
    try:
        wait_for([plan / f"ready-{role}-{number}" for role, number in roles], workers.values())
        (plan / "go").touch()
        if SECONDS and not BROKEN:
            disturb(plan, workers, servers, time.monotonic() + SECONDS)
        else:
            time.sleep(SECONDS or 4.0)  # the work itself: nothing is waited for
        (plan / "stop").touch()
        assert [process.wait(timeout=60) for process in workers.values()] == [0] * len(workers)
    finally:
        for process in workers.values():
            process.kill()
            process.wait()
    answers = {
        role: json.loads((plan / f"answer-{role[0]}-{role[1]}").read_text()) for role in roles
    }
    print(json.dumps({f"{role} {number}": told for (role, number), told in answers.items()}))  # noqa: T201
    readers = [told for (role, _), told in answers.items() if role == "reader"]
    assert sum(told["writes"] for told in answers.values()) > 0
    assert sum(told["sent"] for told in readers) < sum(told["asked"] for told in readers)
    assert [told["examples"] for told in readers] == [[]] * READERS
    assert sum(told["stale"] + told["back"] for told in readers) == 0
