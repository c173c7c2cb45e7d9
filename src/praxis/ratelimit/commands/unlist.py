"""Take an address or a network out of both lists."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from praxis.ratelimit import live


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("network", metavar="ADDRESS", help="as it was written")


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    live.unlist(options["network"])
    write(f"{options['network']} is in no list.")
