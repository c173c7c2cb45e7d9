"""The servers, the processes, the turns and the table."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from math import prod
from statistics import median
from typing import Any

from benchmarks.machine import SCRATCH, describe, save
from praxis import embedded

PACKAGES = ("none", "cachalot", "cacheops", "praxis")
PEERS = ("django-cachalot==2.9.1", "django-cacheops==7.2")
ROOT = SCRATCH.parent.parent


class Worker:
    """One package in its process, on a database and a Redis database of its own."""

    def __init__(
        self,
        package: str,
        database: dict[str, Any],
        redis_url: str,
        module: str = "benchmarks.cache.worker",
    ) -> None:
        paths = [str(ROOT / "src"), str(ROOT), str(_peers())]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        command = [
            sys.executable, "-m", module, package, json.dumps(database), redis_url,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __call__(self, *order: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the worker has no pipes")
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended at {order}")
        return json.loads(line)

    def close(self) -> None:
        self._process.communicate(timeout=10)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks cache")
    parser.add_argument("--rounds", type=int, default=15, help="of each figure, in turns")
    parser.add_argument("--calls", type=int, default=200, help="a round")
    parser.add_argument("--dependants", type=int, default=20_000)
    typed = parser.parse_args(arguments)
    with embedded.postgres() as database, embedded.redis() as server:
        workers = {
            package: Worker(
                package,
                database.database(f"shelf_{package}").django_settings(),
                f"{server.url}/{place}",
            )
            for place, package in enumerate(PACKAGES)
        }
        result = _measured(workers, server, typed)
        for worker in workers.values():
            worker.close()
    result |= {"machine": describe(), "peers": PEERS, "rounds": typed.rounds}
    table = _table(result)
    print(table)
    print(f"written to {save('cache', result, table)}")


def _measured(
    workers: dict[str, Worker], server: embedded.RedisServer, typed: argparse.Namespace
) -> dict[str, Any]:
    for worker in workers.values():
        worker("make")
    names = workers["none"]("names")
    figures: dict[str, dict[str, float]] = {}
    for name in names:
        figures[name] = in_turns(workers, typed.rounds, "read", name, typed.calls)
    writes = {"save()": in_turns(workers, typed.rounds, "save", typed.calls // 4)}
    cached = {name: worker for name, worker in workers.items() if name != "none"}
    hits = {
        f"hits, {what}": {name: worker("mix", kind, 4000) for name, worker in cached.items()}
        for kind, what in (("key", "1,000 books by key"), ("author", "the books of one author"))
    }
    server.flush()
    many: dict[str, float] = {}
    memory: dict[str, float] = {}
    with server.client() as client:
        for name, worker in cached.items():
            before = client.info("memory")["used_memory"]
            many[name] = worker("depend", typed.dependants)
            memory[name] = (client.info("memory")["used_memory"] - before) / typed.dependants
    return {
        "reads_us": figures,
        "writes_us": writes,
        "hits": hits,
        "void_all_us": {"dependants": typed.dependants, **many},
        "bytes_a_result": memory,
    }


def in_turns(workers: dict[str, Worker], rounds: int, *order: Any) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in workers}
    for _ in range(rounds):
        for name, worker in workers.items():
            found[name].append(worker(*order))
    return {name: median(values) for name, values in found.items()}


def _table(result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        "# Cached queries",
        "",
        (
            f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}, "
            f"{machine['date']}, load {machine['load_1_min']}; medians of {result['rounds']} "
            f"rounds in turns. {', '.join(result['peers'])}. Microseconds; in brackets the times "
            "of no cache."
        ),
        "",
        f"| | {' | '.join(PACKAGES)} |",
        f"| --- |{' ---: |' * len(PACKAGES)}",
    ]
    for name, figures in (result["reads_us"] | result["writes_us"]).items():
        cells = [f"{figures[one]:.0f} ({figures[one] / figures['none']:.2f})" for one in PACKAGES]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    for name, figures in result["hits"].items():
        cells = ["", *(f"{figures[one]:.1%}" for one in PACKAGES[1:])]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    many = result["void_all_us"]
    cells = ["", *(f"{many[one]:.0f}" for one in PACKAGES[1:])]
    lines.append(f"| a save() that voids {many['dependants']:,} results | {' | '.join(cells)} |")
    cells = ["", *(f"{result['bytes_a_result'][one]:.0f}" for one in PACKAGES[1:])]
    lines.append(f"| bytes a result of these | {' | '.join(cells)} |")
    reads = result["reads_us"].values()
    better = [min(one["cachalot"], one["cacheops"]) / one["praxis"] for one in reads]
    mean = prod(better) ** (1 / len(better))
    lines += ["", f"Hits against the better peer of each row: {mean:.2f} times as fast.", ""]
    return "\n".join(lines)


def _peers() -> Any:
    folder = SCRATCH / "peers" / "cache"
    if not (folder / "installed").exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", folder, "--no-deps"]
        subprocess.run([*command, *PEERS, "funcy"], check=True)
        (folder / "installed").touch()
    return folder
