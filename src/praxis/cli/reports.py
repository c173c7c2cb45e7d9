"""Where a report goes, and how wide it is: for all verbs that report."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from praxis.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def report_stream(output: Path | None) -> Iterator[IO[str]]:
    """
    What a report is written to: a file, or what the command prints.

    Raises:
        ConfigError: if the file cannot be written.
    """
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise ConfigError(f"{output}: report not written: {error.strerror}") from error


def text_console(stream: IO[str]) -> "Console":
    """A console for text: as wide as the terminal, or as COLUMNS says, or 100 characters."""
    from rich.console import Console  # only where text is wanted

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        columns = os.environ.get("COLUMNS", "")
        console.width = max(int(columns), 40) if columns.isdecimal() else 100
    return console
