"""Let a limit be as the code says."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from praxis.ratelimit import live


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the limiter, as `show` tells it")


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    live.restore(options["name"])
    write(f"{options['name']} is as the code says.")
