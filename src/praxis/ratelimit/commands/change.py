"""Change a limit in all processes: give it other rates, or switch it off, dry, or on again."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from praxis.ratelimit import live
from praxis.ratelimit.commands.limiters import demand_limiter
from praxis.ratelimit.rates import ALGORITHMS


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the limiter, as `show` tells it")
    parser.add_argument("rates", nargs="?", default="", metavar="RATES", help='such as "10/m"')
    parser.add_argument("--algorithm", choices=ALGORITHMS, default="window")
    parser.add_argument("--burst", type=int, default=0)
    parser.add_argument("--off", action="store_true", help="let everything in, count nothing")
    dry = parser.add_mutually_exclusive_group()
    dry.add_argument("--dry", action="store_true", help="only announce what would be refused")
    dry.add_argument("--not-dry", action="store_true", help="refuse what the code only announces")
    parser.add_argument(
        "--for", dest="for_s", type=float, default=0.0, metavar="SECONDS", help="then as before"
    )
    parser.add_argument("--force", action="store_true", help="also if nothing has that name here")


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    name: str = options["name"]
    if not options["force"]:
        demand_limiter(name)
    is_dry = True if options["dry"] else False if options["not_dry"] else None
    live.change(
        name, options["rates"], algorithm=options["algorithm"], burst=options["burst"],
        is_dry=is_dry, is_off=options["off"], for_s=options["for_s"],
    )  # fmt: skip
    write(f"{name} is changed.")
