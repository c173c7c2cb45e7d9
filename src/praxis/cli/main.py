"""The command ``praxis`` itself: finds the verbs, and says errors in one line."""

import gc
import importlib
import io
import os
import sys
from typing import NoReturn

import click

from praxis import __version__
from praxis.errors import PraxisError

#: Verb to what it does; the module of the same name is imported when the verb is used.
VERBS = {
    "check": "Audit a project; nothing of it is imported or executed.",
    "fix": "Mend what can be mended, keeping the formatting.",
    "explain": "Tell all about a rule.",
    "rules": "List the rules.",
    "doctor": "Ask running servers what is wrong with them; nothing is changed.",
    "lsp": "Show findings in the editor, as a language server.",
    "serve-redis": "Run a Redis server of your own until Ctrl-C.",
    "serve-postgres": "Run a PostgreSQL server of your own until Ctrl-C.",
}

#: What a shell reports for a program that Ctrl-C ended.
INTERRUPTED = 130


class Verbs(click.Group):
    """Loads a verb when it is asked for, so that `praxis check` starts without the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(f"praxis.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="praxis")
def praxis() -> None:
    """Django's best practices, made executable."""


def main() -> None:
    """Run the command line; exit code 2 where nothing could be done."""
    _prepare_streams()
    # Most of what an audit makes lives to its end; next to none of it is garbage in circles.
    gc.set_threshold(100_000, 20, 20)
    try:
        code = praxis.main(prog_name="praxis", standalone_mode=False)
        sys.stdout.flush()
        _leave(code or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except PraxisError as error:
        click.echo(f"praxis: {_fit_for_a_terminal(str(error))}", err=True)
        sys.exit(2)
    except BrokenPipeError:  # whoever read the output has seen enough
        _drop_output()
        sys.exit(1)
    except OSError as error:  # such as a full disk behind the output
        _drop_output()
        click.echo(f"praxis: stopped by the system: {_fit_for_a_terminal(str(error))}", err=True)
        sys.exit(2)


def _leave(code: int) -> NoReturn:
    """End at once: to take apart all that an audit holds takes a tenth of an unchanged run."""
    sys.stderr.flush()
    os._exit(code)


def _prepare_streams() -> None:
    """Let neither a closed stream nor a locale of few characters end a report."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere() -> io.TextIOWrapper:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - open to the end


def _drop_output() -> None:
    """Let what is still to be written go nowhere, or the interpreter tries again at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _fit_for_a_terminal(message: str) -> str:
    """Names of files and keys stand in messages, and may hold escape sequences."""
    from praxis.audit.report.printable import printable

    return "\n".join(printable(line) for line in message.split("\n"))
