"""
``python -m tests.django_suite [MODULE …]``: run Django's tests with the cache, and without.

With ``--mode sessions`` those that make use of sessions, with ours.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

import django

from tests.django_suite.comparison import Comparison, compare
from tests.django_suite.modes import CACHED, MODES, SESSIONS, Mode
from tests.django_suite.modules import MODULES, WITH_SESSIONS
from tests.django_suite.processes import run
from tests.django_suite.run import Run
from tests.django_suite.servers import VENDORS, Place, places
from tests.django_suite.source import fetch
from tests.django_suite.table import details, heading, row


def main() -> int:
    """1 if the tests of any module say something else with the cache, else 0."""
    typed = _parser().parse_args()
    tests = fetch(django.__version__)
    vendors, modes = tuple(typed.vendor or VENDORS), [MODES[m] for m in typed.mode or CACHED]
    labels = tuple(typed.module or (WITH_SESSIONS if modes == [SESSIONS] else MODULES))
    groups = [labels[at : at + typed.group] for at in range(0, len(labels), typed.group)]
    print(heading(), flush=True)
    wrong, logged = [], Counter[str]()
    with places(typed.workers, vendors) as free:
        for one in _comparisons(groups, vendors, modes, tests, free):
            print(row(one), flush=True)
            logged.update(one.run.warnings)
            if not one.is_right:
                wrong.append(one)
                print(details(one), file=sys.stderr, flush=True)
    for message, times in logged.most_common():
        print(f"logged {times} times: {message}")
    print(f"{len(wrong)} differ from the run without it.")
    return min(len(wrong), 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.django_suite", description=__doc__)
    parser.add_argument("module", nargs="*", help="a module of Django's tests, or a longer label")
    parser.add_argument("--vendor", action="append", choices=VENDORS)
    parser.add_argument("--mode", action="append", choices=MODES)
    parser.add_argument("--workers", type=int, default=1, help="so many processes at a time")
    parser.add_argument("--group", type=int, default=8, help="so many modules a process")
    return parser


def _comparisons(
    groups: list[tuple[str, ...]],
    vendors: tuple[str, ...],
    modes: list[Mode],
    tests: Path,
    free: list[Place],
) -> Iterator[Comparison]:
    """As they come."""
    places: SimpleQueue[Place] = SimpleQueue()
    for place in free:
        places.put(place)

    def compared(group: tuple[str, ...], vendor: str) -> list[Comparison]:
        place = places.get()
        try:
            return list(_in_all_modes(vendor, group, modes, tests, place))
        finally:
            places.put(place)

    with ThreadPoolExecutor(len(free)) as pool:
        jobs = [pool.submit(compared, group, vendor) for group in groups for vendor in vendors]
        for job in as_completed(jobs):
            yield from job.result()


def _in_all_modes(
    vendor: str, group: tuple[str, ...], modes: list[Mode], tests: Path, place: Place
) -> Iterator[Comparison]:
    """The runs without the cache are made once for all modes that need them."""
    controls: dict[Mode, dict[str, Run]] = {}

    def made(mode: Mode) -> dict[str, Run]:
        place.redis.flush()
        return run(group, mode, tests, place.databases[vendor], place.redis.url)

    for mode in modes:
        if mode.control not in controls:
            controls[mode.control] = made(mode.control)
        control, found = controls[mode.control], made(mode)
        for module in sorted(control.keys() | found.keys()):
            yield compare(
                vendor, module, mode, control.get(module, Run()), found.get(module, Run())
            )


if __name__ == "__main__":
    sys.exit(main())
