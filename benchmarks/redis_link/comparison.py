"""One script by its hash, in turns, and the table."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from statistics import median
from typing import Any

import redis
import redis.asyncio
from redis.connection import Connection

from benchmarks.machine import describe, save
from praxis import embedded
from praxis.conf import RedisConfig, Secret
from praxis.redis import AsyncLink, Link, Script

SCRIPT = Script("return redis.call('INCR', KEYS[1])")
KEY = "n"
TASKS = 50

Act = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One way, in microseconds a call: of the quickest batch, of the middle one, and of the CPU."""

    way: str
    best_us: float
    middle_us: float
    cpu_us: float


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks redis_link")
    parser.add_argument("--rounds", type=int, default=40, help="batches of each way, in turns")
    parser.add_argument("--calls", type=int, default=500, help="calls a batch")
    typed = parser.parse_args(arguments)
    with embedded.redis() as server:
        with sync_ways(server) as ways:
            one = measure(ways, typed.rounds, typed.calls)
        many = asyncio.run(measure_tasks(server, typed.rounds // 2, typed.calls))
        with server.client() as client:
            engine = client.info("server")["redis_version"]
    result = {
        "machine": describe(),
        "versions": {"redis server": engine} | dict(versions()),
        "rounds": typed.rounds,
        "calls": typed.calls,
        "threads": [asdict(row) for row in one],
        "tasks": [asdict(row) for row in many],
    }
    table = table_of(one, many, result)
    print(table)
    print(f"written to {save('redis_link', result, table)}")


@contextmanager
def sync_ways(server: embedded.RedisServer) -> Iterator[dict[str, Act]]:
    link = Link(RedisConfig(url=Secret(server.url), timeout_s=5.0))
    client = redis.Redis.from_url(server.url)
    bare = Connection(host=server.host, port=server.port, password=server.password)
    session = link.session()
    sha = client.script_load(SCRIPT.text.decode())

    def on_bare_connection() -> Any:
        bare.send_command("EVALSHA", sha, 1, KEY, check_health=False)
        return bare.read_response(disable_decoding=True)

    ways: dict[str, Act] = {
        "praxis Link.run": lambda: link.run(SCRIPT, [KEY]),
        "praxis link.session(key).run": lambda: link.session(KEY).run(SCRIPT, [KEY]),
        "praxis Session.run": lambda: session.run(SCRIPT, [KEY]),
        "redis-py bare Connection": on_bare_connection,
        "redis-py Redis.evalsha": lambda: client.evalsha(sha, 1, KEY),
    }
    pool = client.connection_pool
    ways["redis-py Redis(connection_pool=…).evalsha"] = lambda: redis.Redis(
        connection_pool=pool
    ).evalsha(sha, 1, KEY)
    if find_spec("django_redis"):
        peer = django_redis_client(server.url)
        ways["django-redis get_client().evalsha"] = lambda: peer.get_client(write=True).evalsha(
            sha, 1, KEY
        )
    ways["praxis Link.run_many of 20, each"] = lambda: link.run_many([(SCRIPT, [KEY], ())] * 20)
    try:
        yield ways
    finally:
        link.close()
        bare.disconnect()
        client.close()


def django_redis_client(url: str) -> Any:
    from django.conf import settings  # noqa: TID251 - the peer asks Django for its own

    if not settings.configured:
        settings.configure()
    from django_redis.cache import RedisCache

    return RedisCache(url, {}).client


def measure(ways: dict[str, Act], rounds: int, calls: int) -> list[Row]:
    batches: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for act in ways.values():
        act()
    for _ in range(rounds):  # in turns: what else the machine does meets all of them
        for way, act in ways.items():
            divisor = 20 if "of 20" in way else 1
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(calls // divisor):
                act()
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            batches[way].append((wall / calls * 1e6, cpu / calls * 1e6))
    return [row_of(way, found) for way, found in batches.items()]


async def measure_tasks(server: embedded.RedisServer, rounds: int, calls: int) -> list[Row]:
    """The same from coroutines: one after the other, and `TASKS` at a time."""
    link = AsyncLink(RedisConfig(url=Secret(server.url), timeout_s=5.0))
    client = redis.asyncio.Redis.from_url(server.url)
    sha = await client.script_load(SCRIPT.text.decode())
    acts: dict[str, Callable[[], Awaitable[Any]]] = {
        "praxis AsyncLink.run": lambda: link.run(SCRIPT, [KEY]),
        "redis.asyncio Redis.evalsha": lambda: client.evalsha(sha, 1, KEY),
    }
    batches: dict[str, list[tuple[float, float]]] = {}
    for act in acts.values():
        await asyncio.gather(*(act() for _ in range(TASKS)))
    for _ in range(rounds):
        for tasks in (1, TASKS):
            for way, act in acts.items():
                name = f"{way}, {tasks} task{'s' if tasks > 1 else ''}"
                spent = await _batch(act, tasks, calls)
                batches.setdefault(name, []).append(spent)
    await client.aclose()
    return [row_of(way, found) for way, found in batches.items()]


async def _batch(act: Callable[[], Awaitable[Any]], tasks: int, calls: int) -> tuple[float, float]:
    async def some() -> None:
        for _ in range(calls // tasks):
            await act()

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(some() for _ in range(tasks)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return wall / calls * 1e6, cpu / calls * 1e6


def row_of(way: str, batches: list[tuple[float, float]]) -> Row:
    walls = [wall for wall, _ in batches]
    cpu = min(cpu for _, cpu in batches)
    return Row(way, round(min(walls), 1), round(median(walls), 1), round(cpu, 1))


def versions() -> Iterator[tuple[str, str]]:
    for name in ("redis", "hiredis", "django-redis", "Django"):
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def table_of(one: list[Row], many: list[Row], result: dict[str, Any]) -> str:
    machine = result["machine"]
    names = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    lines = [
        "# What the way to Redis costs",
        "",
        (
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
            f"Python {machine['python']}, {machine['date']}, load {machine['load_1_min']}; {names}."
        ),
        "",
        (
            f"One script (`INCR`) by its hash, over loopback, {result['rounds']} batches of "
            f"{result['calls']} calls, in turns. Microseconds a call. The machine was shared: the "
            "quickest batch and the CPU say more than the middle one."
        ),
    ]
    for title, rows in (("One thread", one), ("Coroutines on one loop", many)):
        lines += ["", f"## {title}", "", "| way | best | middle | client's CPU |"]
        lines += ["| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {row.way} | {row.best_us:.1f} | {row.middle_us:.1f} | {row.cpu_us:.1f} |"
            for row in rows
        ]
    return "\n".join([*lines, ""])
