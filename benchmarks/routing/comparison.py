"""The servers, what befalls them, and the table."""

import argparse
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.machine import SCRATCH, describe, save
from benchmarks.peers import beside
from benchmarks.routing.ways import PEERS, WAYS
from praxis import embedded

ROOT = SCRATCH.parent.parent
LATE_S = 2.0


@dataclass(frozen=True)
class Load:
    """What visitors do, and what befalls replica1 in the second third of the time."""

    title: str
    seconds: float
    think_s: float
    reads: int = 0
    write_every_s: float = 0.0
    fault: str = ""


def loads(scale: float) -> list[Load]:
    return [
        Load("1 write : 10 reads", 20 * scale, 0.01, reads=10),
        Load("A write every 20 s", 60 * scale, 0.02, write_every_s=20 * scale),
        Load("replica1 is killed", 30 * scale, 0.02, write_every_s=5 * scale, fault="kill"),
        Load("replica1 hangs", 30 * scale, 0.02, write_every_s=5 * scale, fault="pause"),
    ]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks routing")
    parser.add_argument("--scale", type=float, default=1.0, help="of all durations")
    parser.add_argument("--ways", nargs="*", choices=list(WAYS), default=list(WAYS))
    typed = parser.parse_args(arguments)
    peers = beside("routing", PEERS)
    found: dict[str, dict[str, Any]] = {}
    with embedded.postgres_replication(replicas=2) as group:
        _make_table(group)
        for load in loads(typed.scale):
            found[load.title] = {way: _run(group, way, load, str(peers)) for way in typed.ways}
    result = {
        "machine": describe(),
        "peers": list(PEERS),
        "late_s": LATE_S,
        "scale": typed.scale,
        "loads": found,
    }
    table = _table(result)
    print(table)
    print(f"written to {save('routing', result, table)}")


def _make_table(group: embedded.PostgresReplication) -> None:
    group.primary.sql(
        "CREATE TABLE auth_group (id int PRIMARY KEY, name varchar(150) UNIQUE NOT NULL)"
    )
    late = group.replicas[1]
    late.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{LATE_S:.0f}s'")
    late.sql("SELECT pg_reload_conf()")


def _run(group: embedded.PostgresReplication, way: str, load: Load, peers: str) -> dict[str, Any]:
    rows = ", ".join(f"({pk}, '{pk}:0')" for pk in range(1, 9))
    group.primary.sql(f"DELETE FROM auth_group; INSERT INTO auth_group VALUES {rows}")
    group.wait_until_replayed()
    wanted = {
        "way": way,
        "databases": group.django_settings(),
        "peers": peers,
        "seconds": load.seconds,
        "think_s": load.think_s,
        "reads": load.reads,
        "write_every_s": load.write_every_s,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.routing.driving", json.dumps(wanted)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    timers = _faults(group.replicas[0], load)
    output, _ = process.communicate()
    for timer in timers:
        timer.join()
    if process.returncode:
        raise SystemExit(f"{way} ended with {process.returncode}")
    met: dict[str, Any] = json.loads(output)
    return met


def _faults(replica: embedded.PostgresServer, load: Load) -> list[threading.Timer]:
    if not load.fault:
        return []
    back: Callable[[], None] = replica.restart if load.fault == "kill" else replica.resume
    timers = [
        threading.Timer(load.seconds / 3, getattr(replica, load.fault)),
        threading.Timer(load.seconds * 2 / 3, back),
    ]
    for timer in timers:
        timer.start()
    return timers


def _table(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        "# Reads from replicas",
        "",
        f"Two replicas, one of them {result['late_s']:.0f} s late; 8 visitors with cookie jars,",
        "each with a row of its own. *Stale*: the visitor's last acknowledged write was not seen.",
        "*Went back*: another's row was seen older than before. *Longest*: a read, in seconds.",
        "",
        f"Measured {machine['date']} on {machine['processor']}, {machine['cores']} cores,",
        f"load {machine['load_1_min']}, Python {machine['python']}; {', '.join(PEERS)}.",
    ]
    for title, ways in result["loads"].items():
        lines += [
            "",
            f"## {title}",
            "",
            "| Router | Reads | Stale | Went back | Errors | On replicas | Longest |",
            "|---|---|---|---|---|---|---|",
        ]
        for way, met in ways.items():
            share = met["on_replicas"] / max(met["reads"], 1)
            lines.append(
                f"| {way} | {met['reads']:,} | {met['stale']:,} | {met['went_back']:,} | "
                f"{met['errors']:,} | {share:.1%} | {met['longest_s']:.1f} |"
            )
    return "\n".join(lines) + "\n"
