"""The server, the turns and the table."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from benchmarks.locks.ways import KEEPS_S, SECONDS, WAYS
from benchmarks.machine import SCRATCH, describe, save
from benchmarks.peers import beside, configure
from benchmarks.turns import heading, in_turns_us, ratios
from praxis import embedded

PEERS = ("python-redis-lock==4.0.1",)
PROCESSES = 4
ROOT = SCRATCH.parent.parent


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks locks")
    parser.add_argument("--rounds", type=int, default=40, help="batches of each way, in turns")
    parser.add_argument("--calls", type=int, default=300, help="calls a batch")
    parser.add_argument("--contests", type=int, default=3, help="how often each is contended for")
    typed = parser.parse_args(arguments)
    peers = beside("locks", PEERS)
    sys.path.append(str(peers))
    with embedded.redis() as server:
        configure(server.url)
        acts = {way: _pair(make(server.url)) for way, make in WAYS.items()}
        spent = in_turns_us(acts, rounds=typed.rounds, calls=typed.calls)
        contests: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
        for _ in range(typed.contests):
            for way in WAYS:
                contests[way].append(_contended(server, way, str(peers)))
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "redis", "hiredis")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "rounds": typed.rounds,
        "calls": typed.calls,
        "us": spent,
        "contended": {way: _middle(found) for way, found in contests.items()},
    }
    table = _table(result)
    print(table)
    print(f"written to {save('locks', result, table)}")


def _pair(hold: Any) -> Callable[[], None]:
    def take_and_give_back() -> None:
        with hold():
            pass

    return take_and_give_back


def _contended(server: embedded.RedisServer, way: str, peers: str) -> dict[str, Any]:
    """What several processes make of one lock that all of them want all the time."""
    server.flush()
    paths = [str(ROOT / "src"), str(ROOT), peers]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    start = str(time.time() + 10.0)  # all of them have begun by then
    command = [sys.executable, "-m", "benchmarks.locks.contending", server.url, way, start]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(PROCESSES)
    ]
    had = [json.loads(process.communicate()[0] or "[]") for process in processes]
    holds = sorted((got_s, left_s) for one in had for got_s, left_s in one)
    gaps_ms = [(after[0] - before[1]) * 1000 for before, after in pairwise(holds)]
    shares = [len(one) for one in had]
    return {
        "holds": len(holds),
        "least": min(shares),
        "most": max(shares),
        "hand_over_p50_ms": median(gaps_ms),
        "hand_over_p99_ms": quantiles(gaps_ms, n=100)[98],
        "overlaps": sum(gap < 0 for gap in gaps_ms),
    }


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: round(median(one[name] for one in found), 2) for name in found[0]}


def _table(result: dict[str, Any]) -> str:
    lines = [
        *heading("Locks", result),
        "## To take and give back a lock that nobody else wants",
        "",
        (
            f"{result['rounds']} batches of {result['calls']} pairs, in turns, over loopback. "
            "Microseconds a pair; ratios are of the middle batches, to the first line."
        ),
        "",
        *ratios(result["us"], digits=0),
        "",
        f"## {PROCESSES} processes want it for {SECONDS:.0f} s, {KEEPS_S * 1000:.0f} ms each time",
        "",
        (
            "Handed on: from the moment when one has done with it until the next one has it, in "
            "milliseconds. Fair is who has it as often as the others."
        ),
        "",
        "| way | had it | least often | most often | handed on, p50 | p99 | two had it |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {way} | {one['holds']:.0f} | {one['least']:.0f} | {one['most']:.0f} | "
            f"{one['hand_over_p50_ms']:.2f} | {one['hand_over_p99_ms']:.2f} | "
            f"{one['overlaps']:.0f} |"
            for way, one in result["contended"].items()
        ),
    ]
    return "\n".join([*lines, ""])
