"""The servers, the faults and the table; visitors and faults are those of the tests."""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.peers import configure
from benchmarks.turns import heading
from tests.integration.outages.faults import DOWN_AFTER_S, FAULTS, NODE_TIMEOUT_S, Scene
from tests.integration.outages.loads import SCARCE, Limited, Load, Locked, Remembered, loads
from tests.integration.outages.story import LASTS_S, Story, Visit

TIMEOUT_S = 0.25  # the default
SUBJECT = "outages"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks outages")
    parser.add_argument("--rounds", type=int, default=3, help="how often each fault strikes")
    names = [fault.__name__ for fault in FAULTS]
    parser.add_argument("--fault", action="append", choices=names, help="this one alone")
    typed = parser.parse_args(arguments)
    configure("redis://127.0.0.1:1")  # each fault brings a server of its own
    rows: dict[str, list[dict[str, Any]]] = {}
    for fault in FAULTS:
        if fault.__name__ not in (typed.fault or names):
            continue
        for _ in range(typed.rounds):
            for waits in (False, True):
                with tempfile.TemporaryDirectory() as folder, fault(Path(folder)) as scene:
                    if waits and not scene.replicas:
                        continue
                    for load, row in _met(scene, scene.replicas if waits else 0):
                        key = f"{fault.__name__}, {load}{', WAIT' if waits else ''}"
                        rows.setdefault(key, []).append(row)
                print(f"{fault.__name__}, waits={waits}", file=sys.stderr)
    result = {
        "machine": describe(),
        "versions": {name: version(name) for name in ("Django", "hiredis")},
        "rounds": typed.rounds,
        "timeout_s": TIMEOUT_S,
        "lasts_s": LASTS_S,
        "down_after_s": DOWN_AFTER_S,
        "node_timeout_s": NODE_TIMEOUT_S,
        "met": {key: _middle(found) for key, found in rows.items()},
    }
    table = _table(result)
    print(table)
    print(f"written to {save(SUBJECT, result, table)}")


def _met(scene: Scene, replicas: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the visitors of each component met."""
    from django.test.utils import override_settings

    praxis = {
        "redis": {"url": scene.url, "timeout_s": TIMEOUT_S},
        "sessions": {"replicas": replicas},
    }
    with override_settings(PRAXIS=praxis):
        story = Story(scene, loads(scene, replicas))
        with _elected(scene) as elected_s:
            story.happen()
        election_s = (elected_s or [story.healed_s])[0] - story.struck_s
        for load in story.loads:
            visits = [
                each
                for visitor in range(load.most_visitors)
                for each in story.visits[load, visitor]
            ]
            outages = [
                _outage_s(story.visits[load, visitor], story.struck_s)
                for visitor in range(load.most_visitors)
            ]
            failed = [each for each in visits if not each.is_served]
            yield (
                load.name,
                {
                    "outage_s": max(outages),
                    "election_s": election_s,
                    "longest_call_s": max(each.took_s for each in visits),
                    "errors": sum(Counter(type(each.error).__name__ for each in failed).values()),
                    "sees": _sees(load, failed),
                    "lost": _lost(load),
                    "acknowledged": _acknowledged(load),
                    "complaints": len(story.complaints()),
                },
            )


@contextmanager
def _elected(scene: Scene) -> Iterator[list[float]]:
    """Note when the servers have elected another master, by `time.monotonic`."""
    seen_s: list[float] = []
    is_over = threading.Event()

    def look() -> None:
        while scene.has_heir and not seen_s and not is_over.wait(0.02):
            with suppress(Exception):  # nobody is there to ask
                if scene.has_heir():
                    seen_s.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen_s
    finally:
        is_over.set()
        thread.join()


def _outage_s(visits: Sequence[Visit], struck_s: float) -> float:
    """From the first call that was not served to the end of the first that was again, for good."""
    bad = [
        at for at, each in enumerate(visits) if not each.is_served and each.began_s > struck_s - 1
    ]
    if not bad:
        return 0.0
    back = visits[bad[-1] + 1]
    return back.began_s + back.took_s - visits[bad[0]].began_s


def _sees(load: Load, failed: Sequence[Visit]) -> str:
    if isinstance(load, Limited):
        says = {"fallback": "counts of the process", "open": "let in", "closed": "503"}
        return says[load.name.partition(" ")[2]] if failed else "nothing"
    kinds = Counter(type(each.error).__name__ for each in failed)
    return ", ".join(f"{name} × {times}" for name, times in kinds.most_common()) or "nothing"


def _lost(load: Load) -> int:
    """Acknowledged writes that are gone; of locks how often two had it, of limits one too many."""
    if isinstance(load, Remembered):
        return sum(one.lost for one in load.visitors)
    if isinstance(load, Locked):
        return load.shared
    return max(0, sum(n for by, n in load.admitted.items() if by.name == "REDIS") - SCARCE)


def _acknowledged(load: Load) -> int:
    if isinstance(load, Remembered):
        return sum(one.acknowledged + one.lost for one in load.visitors)
    return len(load.fences) if isinstance(load, Locked) else SCARCE


def _middle(found: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = ("outage_s", "election_s", "errors", "acknowledged")
    return {
        **{name: round(median(one[name] for one in found), 2) for name in numbers},
        "longest_call_s": round(max(one["longest_call_s"] for one in found), 3),
        "lost": max(one["lost"] for one in found),
        "complaints": sum(one["complaints"] for one in found),
        "sees": found[-1]["sees"],
    }


def _table(result: dict[str, Any]) -> str:
    lines = [
        *heading("A Redis that fails", result),
        (
            f"Three visitors of each component come all the time, {result['rounds']} rounds; "
            f"timeout {result['timeout_s'] * 1000:.0f} ms. Sentinels count a master as gone after "
            f"{result['down_after_s']} s, a cluster after {result['node_timeout_s']} s; what does "
            f"not repair itself is repaired after {result['lasts_s']} s. Outage: from the first "
            "call that is not served to the first that is again, of the visitor who is worst off; "
            "the middle round. Election: from the blow until the first Sentinel names another "
            "master, or the replica in the cluster is one; elsewhere until the repair. Longest "
            "call and losses: of all rounds. A visit to the limits is two calls, one to sessions "
            "two, one to the lock waits 500 ms for its turn besides."
        ),
        "",
        "| fault, component | users see | outage, s | election, s | longest call, ms | lost |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for name, one in result["met"].items():
        lines.append(
            f"| {name} | {one['sees']} | {one['outage_s']:.2f} | {one['election_s']:.2f} | "
            f"{one['longest_call_s'] * 1000:.0f} | {one['lost']} of {one['acknowledged']:.0f} |"
        )
    return "\n".join([*lines, ""])
