"""Show what is changed of limits and lists, and the names of the limiters."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from praxis.ratelimit import live
from praxis.ratelimit.commands.limiters import known_names
from praxis.ratelimit.live import Change


def add_arguments(parser: ArgumentParser) -> None:
    del parser  # nothing can be chosen


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    del options
    found = live.changes()
    for name in sorted({*known_names(), *found.limits}):
        change = found.limits.get(name)
        said = "as the code says" if change is None else ", ".join(_words(change))
        write(f"{name}: {said}")
    for title, listed in (("let in", found.allow), ("not let in", found.deny)):
        for one in listed:
            write(f"{one.network}: {title}{_until(one.ends_s)}")


def _words(change: Change) -> Iterator[str]:
    if change.is_off:
        yield "off"
    if change.rates:
        yield change.rates if change.algorithm == "window" else f"{change.rates} {change.algorithm}"
    if change.is_dry is not None:
        yield "dry" if change.is_dry else "not dry"
    if change.ends_s:
        yield _until(change.ends_s).strip()


def _until(ends_s: float) -> str:
    return f" for {max(0, round(ends_s - time.time()))} s more" if ends_s else ""
