"""The server, the turns and the table."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.machine import SCRATCH, describe, save
from benchmarks.peers import beside, configure
from benchmarks.ratelimit.hammering import COUNT, SECONDS, WAYS
from benchmarks.turns import heading, in_turns_us, ratios
from praxis import embedded

PEERS = (
    "django-ratelimit==4.1.0", "django-redis==7.0.0", "limits==5.8.0", "deprecated==1.3.1",
    "wrapt==2.5.2",
)  # fmt: skip
PROCESSES = 8
ROOT = SCRATCH.parent.parent


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks ratelimit")
    parser.add_argument("--rounds", type=int, default=40, help="batches of each way, in turns")
    parser.add_argument("--calls", type=int, default=500, help="calls a batch")
    typed = parser.parse_args(arguments)
    peers = beside("ratelimit", PEERS)
    sys.path.append(str(peers))
    with embedded.redis() as server:
        from benchmarks.ratelimit import ways

        configure(server.url)
        groups = {
            "One decision that allows": ways.decisions(server.url),
            "One request to a view that does nothing": ways.views(),
            "One decision that refuses": ways.refusals(),
        }
        spent = {
            title: in_turns_us(acts, rounds=typed.rounds, calls=typed.calls)
            for title, acts in groups.items()
        }
        memory = _memory(server.url)
        accuracy = {way: _hammered(server, way, str(peers)) for way in WAYS}
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "redis", "hiredis")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "rounds": typed.rounds,
        "calls": typed.calls,
        "us": spent,
        "bytes_a_key": memory,
        "hammered": accuracy,
    }
    table = _table(result)
    print(table)
    print(f"written to {save('ratelimit', result, table)}")


def _memory(url: str) -> dict[str, float]:
    """Bytes of a key in whose period every segment has been used."""
    from praxis.ratelimit import Limiter
    from praxis.redis import link

    del url
    limiter, wide = Limiter("memory", f"{COUNT}/s"), Limiter("memory", "100000/s")
    end = time.monotonic() + 1.1
    while time.monotonic() < end:
        limiter.hit("somebody@example.org"), wide.hit("somebody@example.org")
    return {
        f"praxis, {one.limits[0].rate}": link().call(
            "MEMORY", "USAGE", one.state_key("somebody@example.org")
        )
        for one in (limiter, wide)
    }


def _hammered(server: embedded.RedisServer, way: str, peers: str) -> dict[str, int]:
    """What several processes are let in together, and the most in any second of it."""
    server.flush()
    paths = [str(ROOT / "src"), str(ROOT), peers]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    start = str(time.time() + 8.0)
    command = [sys.executable, "-m", "benchmarks.ratelimit.hammering", server.url, way, start]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(PROCESSES)
    ]
    admitted = sorted(
        at for process in processes for at in json.loads(process.communicate()[0] or "[]")
    )
    worst = max(
        (sum(1 for at in admitted if begin <= at < begin + 1.0) for begin in admitted), default=0
    )
    return {"admitted": len(admitted), "worst": worst}


def _table(result: dict[str, Any]) -> str:
    lines = [
        *heading("Rate limits", result),
        (
            f"{result['rounds']} batches of {result['calls']} calls, in turns, over loopback. "
            "Microseconds a call; ratios are of the middle batches, to the first line."
        ),
    ]
    for title, spent in result["us"].items():
        lines += ["", f"## {title}", "", *ratios(spent)]
    lines += ["", "## Memory of a key", "", "| rate | bytes |", "| --- | ---: |"]
    lines += [f"| {way} | {size} |" for way, size in result["bytes_a_key"].items()]
    lines += [
        "",
        f"## {PROCESSES} processes ask for one key, of which {COUNT} a second are allowed",
        "",
        f"| way | let in within {SECONDS:.0f} s | most in a second |",
        "| --- | ---: | ---: |",
    ]
    lines += [
        f"| {way} | {one['admitted']} | {one['worst']} |" for way, one in result["hammered"].items()
    ]
    return "\n".join([*lines, ""])
