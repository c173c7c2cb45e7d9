"""The server, the turns and the table."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.peers import beside, configure
from benchmarks.turns import heading, in_turns_us, ratios
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
            title: in_turns_us(acts, rounds=typed.rounds, calls=typed.calls)
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


def _table(result: dict[str, Any]) -> str:
    lines = [
        *heading("Rankings", result),
        (
            f"{result['members']:,} members on each board. {result['rounds']} batches of "
            f"{result['calls']} calls, in turns, over loopback. Microseconds a call; ratios are of "
            "the middle batches, to the first line."
        ),
    ]
    for title, spent in result["us"].items():
        lines += ["", f"## {title}", "", *ratios(spent)]
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
