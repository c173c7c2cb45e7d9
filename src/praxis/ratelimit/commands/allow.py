"""Let an address or a network in, whatever it does."""

from collections.abc import Callable, Mapping
from typing import Any

from praxis.ratelimit import live
from praxis.ratelimit.commands.listing import add_arguments

__all__ = ["add_arguments", "run"]


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    live.allow(options["network"], options["for_s"])
    write(f"{options['network']} is let in.")
