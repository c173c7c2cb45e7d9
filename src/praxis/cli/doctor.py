"""``praxis doctor``: ask running servers what is wrong with them."""

import os
from pathlib import Path
from typing import IO

import click

from praxis.audit.findings import Severity
from praxis.cli.progress import progress
from praxis.cli.reports import report_stream, text_console
from praxis.doctor.django_settings import merged, read_targets
from praxis.doctor.examination import BUDGET_S, Examination, examine
from praxis.doctor.registry import chosen
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.errors import ConfigError

_FILE = click.Path(path_type=Path)


@click.command("doctor")
@click.option("--settings", metavar="MODULE", help="Ask the servers that these settings name.")
@click.option("--postgres", multiple=True, metavar="URL", help="Ask this PostgreSQL database.")
@click.option("--redis", multiple=True, metavar="URL", help="Ask this Redis or Valkey.")
@click.option("--broker", multiple=True, metavar="URL", help="Ask this broker of Celery (Redis).")
@click.option("--web", multiple=True, metavar="URL", help="Ask this page of a running site.")
@click.option("--host", is_flag=True, help="Look at the processes on this machine.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    envvar="WEB_CONCURRENCY",
    help="Processes that serve the site, on all machines.",
)
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="Threads of each."
)
@click.option(
    "--tasks", type=click.IntRange(0), default=0, show_default=True, help="Task processes."
)
@click.option(
    "--timeout",
    "budget_s",
    type=click.FloatRange(0.1),
    default=BUDGET_S,
    show_default=True,
    metavar="SECONDS",
    help="For each question, and for each connection.",
)
@click.option("--select", multiple=True, metavar="CHECK", help="Ask only these.")
@click.option("--ignore", multiple=True, metavar="CHECK", help="Do not ask these.")
@click.option(
    "--min-severity",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.NOTE.value,
    show_default=True,
    help="Leave out what is milder.",
)
@click.option(
    "--format",
    "report_format",
    type=click.Choice(("text", "json", "html")),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the report to FILE.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
@click.option("-q", "--quiet", is_flag=True, help="Print the findings alone.")
@click.pass_context
def command(
    context: click.Context,
    /,
    settings: str | None,
    host: bool,
    workers: int | None,
    threads: int,
    tasks: int,
    budget_s: float,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    min_severity: str,
    report_format: str,
    output: Path | None,
    exit_zero: bool,
    quiet: bool,
    **addresses: tuple[str, ...],
) -> None:
    """
    Ask running servers what is wrong with them, and print what to paste.

    Nothing is written, changed or locked on any of them. MODULE is imported in the folder where
    you are (else DJANGO_SETTINGS_MODULE, if no address is given); CHECK is a name or the beginning
    of a code, such as DB1.

    Exit codes: 0 nothing found; 1 findings, or questions without an answer; 2 no server was
    reached; 130 interrupted.
    """
    targets = _targets(settings, addresses, host=host)
    with progress("Asking:") as tell:
        examination = examine(
            targets,
            site=Site(workers=workers, threads=threads, task_processes=tasks),
            budget_s=budget_s,
            is_wanted=chosen(_split(select), _split(ignore)),
            tell=tell,
        )
    _keep(examination, Severity(min_severity))
    with report_stream(output) as stream:
        _report(examination, stream, report_format, quiet=quiet)
    context.exit(0 if exit_zero else examination.exit_code)


def _targets(
    settings: str | None, addresses: dict[str, tuple[str, ...]], *, host: bool
) -> list[Target]:
    """Everything that was named, each server once."""
    found: list[Target] = []
    if not settings and not host and not any(addresses.values()):
        settings = os.environ.get("DJANGO_SETTINGS_MODULE")
        if not settings:
            raise ConfigError(
                "no server to ask: name settings (praxis doctor --settings shop.settings, in the "
                "folder of manage.py) or addresses (--postgres, --redis, --broker, --web, --host)"
            )
    if settings:
        found += read_targets(settings, Path.cwd())
        if not found:
            raise ConfigError(
                f"--settings {settings}: neither PostgreSQL nor Redis is named in DATABASES, "
                "CACHES, PRAXIS or CELERY_BROKER_URL; what else runs: --web, --host"
            )
    for server, urls in addresses.items():
        found += [Target.at(server, url, name=f"--{server}") for url in urls]
    for url in addresses["broker"]:  # what it must not lose is the server's affair
        found.append(Target.at("redis", url, name="--broker", uses=frozenset({"broker"})))
    if host:
        found.append(Target(server="host", where="this machine", names=("--host",)))
    return merged(found)


def _split(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _keep(examination: Examination, floor: Severity) -> None:
    """Leave out what is milder than *floor*."""
    examination.findings = [
        finding
        for finding in examination.findings
        if (finding.severity or Severity.WARNING).rank <= floor.rank
    ]


def _report(examination: Examination, stream: IO[str], report_format: str, *, quiet: bool) -> None:
    if report_format == "text":
        from praxis.doctor.report import text

        text.write(examination, text_console(stream), quiet=quiet)
    elif report_format == "json":
        from praxis.doctor.report import json

        click.echo(json.dump(examination), stream)
    else:
        from praxis.doctor.report import html

        click.echo(html.dump(examination), stream, nl=False)
