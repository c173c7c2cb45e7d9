"""The servers, the crowds and the table."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.peers import beside
from benchmarks.realtime.reconnecting import Reader, measure
from benchmarks.realtime.ways import PATHS, PEERS, WAYS
from benchmarks.turns import heading
from praxis import embedded

ROOT = Path(__file__).parents[2]


#: More take these minutes to be let in.
MOST_CLIENTS = {"eventstream": 1000, "channels": 1000}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks realtime")
    parser.add_argument("--clients", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--messages", type=int, default=20, help="to each crowd, one a second")
    parser.add_argument("--events", type=int, default=2000, help="published while readers are cut")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    typed = parser.parse_args(arguments)
    folder = beside("realtime", PEERS)
    crowds: dict[str, dict[str, Any]] = {}
    losses: dict[str, Any] = {}
    with embedded.redis() as server:
        for way in typed.ways:
            environment = _environment(way, server.url, folder)
            crowds[way] = {
                str(count): _crowd(way, environment, count, typed.messages)
                for count in typed.clients
                if count <= MOST_CLIENTS.get(way, count)
            }
            server.flush()
            losses[way] = _losses(way, environment, server, typed.events)
            server.flush()
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "redis", "hiredis")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "messages": typed.messages,
        "crowds": crowds,
        "losses": losses,
    }
    table = _table(result)
    print(table)
    print(f"written to {save('realtime', result, table)}")


def _environment(way: str, url: str, folder: Path) -> dict[str, str]:
    paths = [str(ROOT), str(ROOT / "src"), str(folder)]
    return os.environ | {
        "BENCH_WAY": way,
        "BENCH_REDIS": url,
        "PYTHONPATH": os.pathsep.join(paths),
    }


@contextmanager
def _served(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A server's process id and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.realtime.served:application"]
    command += ["--port", str(port), "--log-level", "error", "--backlog", "4096"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        end_s = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end_s:
                    raise
                time.sleep(0.1)
        yield process.pid, port
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _crowd(way: str, environment: dict[str, str], count: int, messages: int) -> dict[str, Any]:
    """Connect a crowd, publish to it, and read what the server weighs."""
    with _served(environment) as (pid, port):
        command = [sys.executable, "-m", "benchmarks.realtime.crowd"]
        # one first, so that what the server loads once is not counted as a client's
        warm = _Crowd([*command, str(port), PATHS[way], "20"], environment)
        warm.ask("connect")
        _publish(environment, 3, 0.1)
        before = _rss_kb(pid)
        crowd = _Crowd([*command, str(port), PATHS[way], str(count)], environment)
        try:
            opened = crowd.ask("connect")
            time.sleep(2)
            after = _rss_kb(pid)
            rounds = []
            for _ in range(messages):
                _publish(environment, 1, 0.0)
                time.sleep(1.0 + count / 5000)
                rounds.append(crowd.ask("report"))
        finally:
            crowd.end()
            warm.end()
    heard = [each for each in rounds if each["heard"]]
    return {
        "open": opened["open"],
        "connects_per_s": round(opened["open"] / opened["seconds"]),
        "kb_per_client": round((after - before) / max(1, opened["open"]), 1),
        "rss_mb": round(after / 1024),
        "heard_share": sum(each["heard"] for each in rounds) / (messages * count),
        "p50_ms": round(median(each["p50_ms"] for each in heard), 1) if heard else None,
        "p99_ms": round(median(each["p99_ms"] for each in heard), 1) if heard else None,
        "best_p99_ms": round(min(each["p99_ms"] for each in heard), 1) if heard else None,
    }


class _Crowd:
    """A process of `benchmarks.realtime.crowd`."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, env=environment, cwd=ROOT, **pipes)

    def ask(self, question: str) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{question}\n")
        process.stdin.flush()
        found: dict[str, Any] = json.loads(process.stdout.readline())
        return found

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def _publish(environment: dict[str, str], count: int, pause_s: float) -> None:
    command = [sys.executable, "-m", "benchmarks.realtime.told", str(count), str(pause_s)]
    subprocess.run(command, env=environment, cwd=ROOT, check=True)


def _losses(
    way: str, environment: dict[str, str], server: embedded.RedisServer, count: int
) -> dict[str, Any]:
    """Cut ten readers off a hundred times each, and kill what listens to Redis all the time."""
    with _served(environment) as (_, port), server.client() as client:
        readers = [Reader(port, PATHS[way], cuts=100, until=count - 1) for _ in range(10)]
        threads = [threading.Thread(target=reader.run, daemon=True) for reader in readers]
        for thread in threads:
            thread.start()
        for reader in readers:
            reader.is_ready.wait(30)
        time.sleep(1)
        command = [sys.executable, "-m", "benchmarks.realtime.told", str(count), "0.005"]
        publishing = subprocess.Popen(command, env=environment, cwd=ROOT)
        kills = 0
        while publishing.poll() is None:
            time.sleep(0.5)
            kills += client.client_kill_filter(_type="pubsub")
        found = measure(readers, count, wait_s=20.0)
    return asdict(found) | {"kills": kills}


def _rss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _table(result: dict[str, Any]) -> str:
    lines = [
        *heading("Realtime", result),
        (
            "One uvicorn process, with its clients on the same cores, over loopback. Memory is the "
            "server's. A message goes to all clients; the times are from its publication to when "
            f"a client read it: of the middle one of {result['messages']} messages, and the best."
        ),
        "",
        "| | clients | connects/s | kB a client | heard | p50 ms | p99 ms | best p99 ms |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, crowds in result["crowds"].items():
        for found in crowds.values():
            cells = [WAYS[way], f"{found['open']:,}", f"{found['connects_per_s']:,}"]
            cells += [found["kb_per_client"], f"{100 * found['heard_share']:.1f} %"]
            cells += [found["p50_ms"], found["p99_ms"], found["best_p99_ms"]]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += [
        "",
        (
            "Ten readers who are cut off a hundred times each and come back with their last id, "
            "while every half second the connections that listen to Redis are killed:"
        ),
        "",
        "| | events to read | lost | doubled | out of order | announced | reconnects | kills |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, found in result["losses"].items():
        keys = ("published", "lost", "doubled", "disordered", "announced", "reconnects", "kills")
        lines.append(f"| {WAYS[way]} | {' | '.join(f'{found[key]:,}' for key in keys)} |")
    return "\n".join([*lines, ""])
