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
from benchmarks.peers import beside
from praxis import embedded

PACKAGES = ("none", "cachalot", "cacheops", "praxis", "praxis near")
#: What is only measured where it differs.
HOT, ELSEWHERE = "praxis not strict", "praxis elsewhere"
#: Processes that read at once, threads that ask for one thing, and seconds of each round of these.
PROCESSES, THREADS, ROUND_S = 8, 16, 5.0
#: Writes a second of the row that is read all the time.
WRITES_A_SECOND = 20
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
        paths = [str(ROOT / "src"), str(ROOT), str(beside("cache", (*PEERS, "funcy==2.0")))]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        command = [
            sys.executable, "-m", module, package, json.dumps(database), redis_url,
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __call__(self, *order: Any) -> Any:
        self.begin(*order)
        return self.end()

    def begin(self, *order: Any) -> None:
        """Let it work, while others do."""
        stdin = self._process.stdin
        if stdin is None:
            raise RuntimeError("the worker has no pipes")
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()

    def end(self) -> Any:
        """Wait for what it was told to do."""
        stdout = self._process.stdout
        line = stdout.readline() if stdout is not None else ""
        if not line:
            raise RuntimeError("the worker has ended")
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
        places = {
            package: (
                database.database(f"shelf_{package.replace(' ', '_')}").django_settings(),
                f"{server.url}/{place}",
            )
            for place, package in enumerate((*PACKAGES, HOT, ELSEWHERE))
        }
        workers = {package: Worker(package, *place) for package, place in places.items()}
        for worker in workers.values():
            worker("make")
        result = _crowds(workers, places, typed)
        elsewhere, hot = workers.pop(ELSEWHERE), workers.pop(HOT)
        pair = {"none": workers["none"], ELSEWHERE: elsewhere}
        result["not_cached_us"] = in_turns(pair, 4 * typed.rounds, "read", "get by key", 200)
        result |= _measured(workers, server, typed)
        for worker in (*workers.values(), elsewhere, hot):
            worker.close()
    result |= {"machine": describe(), "peers": PEERS, "rounds": typed.rounds}
    table = _table(result)
    print(table)
    print(f"written to {save('cache', result, table)}")


def _measured(
    workers: dict[str, Worker], server: embedded.RedisServer, typed: argparse.Namespace
) -> dict[str, Any]:
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
    blocked: dict[str, float] = {}
    with server.client() as client:
        client.config_set("slowlog-log-slower-than", 50)
        for name, worker in cached.items():
            before = client.info("memory")["used_memory"]
            worker("depend", typed.dependants)
            memory[name] = (client.info("memory")["used_memory"] - before) / typed.dependants
            client.slowlog_reset()
            many[name] = worker("one_more")
            blocked[name] = max((one["duration"] for one in client.slowlog_get()), default=0)
    return {
        "redis_blocked_us": blocked,
        "reads_us": figures,
        "writes_us": writes,
        "hits": hits,
        "void_all_us": {"dependants": typed.dependants, **many},
        "bytes_a_result": memory,
    }


def _crowds(
    workers: dict[str, Worker],
    places: dict[str, tuple[dict[str, Any], str]],
    typed: argparse.Namespace,
) -> dict[str, Any]:
    """What many do at once."""
    stampede = {name: workers[name]("stampede", THREADS) for name in PACKAGES}
    hot: dict[str, float] = {}
    for name in (*PACKAGES[1:], HOT):
        writer = Worker(name, *places[name])
        writer.begin("write_hot", ROUND_S, WRITES_A_SECOND)
        hot[name] = workers[name]("read_hot", ROUND_S)
        writer.end()
        writer.close()
    crowds = {name: [Worker(name, *places[name]) for _ in range(PROCESSES)] for name in PACKAGES}
    rates: dict[str, list[float]] = {name: [] for name in PACKAGES}
    for _ in range(max(typed.rounds // 3, 1)):
        for name, crowd in crowds.items():
            for worker in crowd:
                worker.begin("read_for", ROUND_S, 200)
            rates[name].append(sum(worker.end() for worker in crowd) / ROUND_S)
    for crowd in crowds.values():
        for worker in crowd:
            worker.close()
    return {
        "stampede_queries": stampede,
        "hot_hits": hot,
        "reads_a_second": {name: median(values) for name, values in rates.items()},
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
    cells = ["", *(f"{result['redis_blocked_us'][one]:.0f}" for one in PACKAGES[1:])]
    lines.append(f"| for so long that save() blocked Redis | {' | '.join(cells)} |")
    rates = result["reads_a_second"]
    cells = [f"{rates[one]:.0f}" for one in PACKAGES]
    lines.append(f"| reads by key a second, {PROCESSES} processes | {' | '.join(cells)} |")
    cells = [f"{result['stampede_queries'][one]}" for one in PACKAGES]
    lines.append(f"| one cold query, {THREADS} threads: queries | {' | '.join(cells)} |")
    hot = result["hot_hits"]
    cells = ["", *(f"{hot[one]:.1%}" for one in PACKAGES[1:])]
    what = f"hits of one row that is saved {WRITES_A_SECOND} times a second"
    lines.append(f"| {what} | {' | '.join(cells)} |")
    plain = result["not_cached_us"]
    lines += [
        "",
        f"Not strict, that row: {hot[HOT]:.1%}.",
        "",
        (
            "A query by key of a model that is not cached, beside one that is: "
            f"{plain[ELSEWHERE] / plain['none']:.3f} times one without praxis."
        ),
    ]
    reads = result["reads_us"].values()
    near = prod(one["cacheops"] / one["praxis near"] for one in reads) ** (1 / len(reads))
    better = [min(one["cachalot"], one["cacheops"]) / one["praxis"] for one in reads]
    mean = prod(better) ** (1 / len(better))
    lines += ["", f"Hits against the better peer of each row: {mean:.2f} times as fast.", ""]
    lines += [f"From the memory of the process, against cacheops: {near:.2f} times as fast.", ""]
    return "\n".join(lines)
