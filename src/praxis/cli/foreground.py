"""What the commands share that run until somebody ends them."""

import signal
import threading
from collections.abc import Mapping
from types import FrameType

import click


def announce(addresses: Mapping[str, str], settings: str) -> None:
    """Print where the servers listen and what to paste into the settings."""
    width = max(map(len, addresses))
    for name, address in addresses.items():
        click.echo(f"{name:<{width}}  {address}")
    click.echo(f"\n{settings}\n")
    click.echo("Running. Ctrl-C stops.")


def wait_for_the_end() -> None:
    """Return at Ctrl-C or SIGTERM, so that what is open can be closed in order."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        ended.wait()
        click.echo("Stopping.")
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
