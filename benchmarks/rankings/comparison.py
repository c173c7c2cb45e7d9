"""The server, the turns and the table."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from statistics import median
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.peers import beside, configure
from praxis import embedded

PEERS = ("leaderboard==3.7.3",)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks rankings")
    parser.add_argument("--members", type=int, default=1_000_000, help="on each board")
    parser.add_argument("--rounds", type=int, default=40, help="batches of each way, in turns")
    parser.add_argument("--calls", type=int, default=200, help="calls a batch")
    typed = parser.parse_args(arguments)
    sys.path.append(str(beside("rankings", PEERS)))
    with embedded.redis() as server:
        from benchmarks.rankings.ways import Boards

        configure(server.url)
        boards = Boards(server.url, typed.members)
        filled = boards.fill()
        memory = boards.memory()
        spent = {
            title: _in_turns(acts, typed.rounds, typed.calls)
            for title, acts in boards.groups().items()
        }
        fading = boards.fading()
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "redis", "hiredis")}
        | {name: number for name, _, number in (peer.partition("==") for peer in PEERS)},
        "members": typed.members,
        "rounds": typed.rounds,
        "calls": typed.calls,
        "us": spent,
        "filled_s": filled,
        "bytes_a_member": memory,
        "fading_ms": fading,
    }
    table = _table(result)
    print(table)
    print(f"written to {save('rankings', result, table)}")


def _in_turns(
    acts: dict[str, Callable[[], Any]], rounds: int, calls: int
) -> dict[str, list[float]]:
    """Microseconds a call by each way: of the quickest batch, and of the middle one."""
    batches: dict[str, list[float]] = {way: [] for way in acts}
    for act in acts.values():
        act()
    for _ in range(rounds):  # in turns: what else the machine does meets all of them
        for way, act in acts.items():
            began = time.perf_counter()
            for _ in range(calls):
                act()
            batches[way].append((time.perf_counter() - began) / calls * 1e6)
    return {way: [min(found), median(found)] for way, found in batches.items()}


def _table(result: dict[str, Any]) -> str:
    machine = result["machine"]
    names = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    lines = [
        "# Rankings",
        "",
        (
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
            f"Python {machine['python']}, {machine['date']}, load {machine['load_1_min']}; {names}."
        ),
        "",
        (
            f"{result['members']:,} members on each board. {result['rounds']} batches of "
            f"{result['calls']} calls, in turns, over loopback. Microseconds a call; ratios are of "
            "the middle batches, to the first line."
        ),
    ]
    for title, spent in result["us"].items():
        first = next(iter(spent.values()))[1]
        lines += ["", f"## {title}", "", "| way | best | middle | ratio |"]
        lines += ["| --- | ---: | ---: | ---: |"]
        lines += [
            f"| {way} | {best:.1f} | {middle:.1f} | {middle / first:.2f} |"
            for way, (best, middle) in spent.items()
        ]
    for title, key, unit in (
        ("Filling a board", "filled_s", "seconds"),
        ("Memory of a member", "bytes_a_member", "bytes"),
        ("A board that fades", "fading_ms", "milliseconds"),
    ):
        lines += ["", f"## {title}", "", f"| way | {unit} |", "| --- | ---: |"]
        lines += [f"| {way} | {figure:.1f} |" for way, figure in result[key].items()]
    lines += [
        "",
        (
            "Writes of the package leaderboard fail on redis-py 3 and newer; it reads the board "
            "that redis-py wrote."
        ),
    ]
    return "\n".join([*lines, ""])
