"""``praxis check``: audit a project and print the report."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from praxis.audit.baseline import DEFAULT_NAME, Baseline
from praxis.audit.config import Config, read_config
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import Root, find_root
from praxis.audit.findings import Severity
from praxis.audit.outcome import Outcome, Request, looked_at, settle
from praxis.audit.report.counts import number
from praxis.audit.report.heading import heading
from praxis.audit.report.paths import Paths
from praxis.audit.report.printable import printable
from praxis.cli.progress import progress
from praxis.cli.reports import report_stream, text_console
from praxis.cli.rule_choice import RuleChoice
from praxis.errors import ConfigError, ProjectError

_FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "html")
_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RuleChoice):
    """The options, as typed."""

    report_format: str
    output: Path | None
    floor: Severity
    baseline: Path | None
    write_baseline: bool
    diff: str | None
    group_by: str
    statistics: bool
    exit_zero: bool
    pass_without_files: bool
    no_cache: bool
    jobs: int | None
    quiet: bool
    verbose: bool


@click.command("check")
@click.argument("paths", nargs=-1, type=_FILE, metavar="[PATH]...")
@click.option(
    "--format",
    "report_format",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="How to report.",
)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the report to FILE.")
@click.option("--select", multiple=True, metavar="RULE", help="Run only these rules.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Do not run these rules.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Do not read these paths.")
@click.option(
    "--min-severity",
    "--severity-floor",
    "floor",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.NOTE.value,
    show_default=True,
    help="Leave out what is milder.",
)
@click.option("--baseline", type=_FILE, metavar="FILE", help="Leave out what FILE knows.")
@click.option("--write-baseline", is_flag=True, help="Let the baseline know all there is now.")
@click.option("--diff", metavar="REF", help="Only what touches lines changed since commit REF.")
@click.option(
    "--group-by",
    type=click.Choice(("file", "rule")),
    default="file",
    show_default=True,
    help="What findings stand together by (text).",
)
@click.option("--statistics", is_flag=True, help="Count by rule, list nothing (text, concise).")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever was found.")
@click.option(
    "--pass-without-files", is_flag=True, help="Exit with 0 where PATH holds nothing to check."
)
@click.option("--no-cache", is_flag=True, help="Read every file anew, and keep nothing.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Processes; else one a core.")
@click.option("-q", "--quiet", is_flag=True, help="Print the findings alone.")
@click.option("-v", "--verbose", is_flag=True, help="List what was left out, too.")
@click.pass_context
def command(context: click.Context, /, paths: tuple[Path, ...], floor: str, **typed: Any) -> None:
    """
    Audit the Django project at PATH (else the one here).

    Nothing of it is imported or executed. Naming files or folders of a project narrows the
    report; the whole project is read all the same, since what one file means depends on others.
    RULE is a name, a code or its beginning; several go with commas, or by repeating the option.

    Exit codes: 0 nothing found; 1 findings, or files that could not be read (tests do not count);
    2 nothing could be done; 130 interrupted.
    """
    options = Options(floor=Severity(floor), **typed)
    root = find_root(*paths or (Path(),))
    config = options.applied_to(read_config(root.folder))
    _announce(root, options)
    with progress("Reading files:") as tell:
        result = audit(
            root, config, use_cache=not options.no_cache, processes=options.jobs, progress=tell
        )
    request = _request(result, config, options)
    outcome = settle(result, config, request)
    if not outcome.file_count and not options.pass_without_files:
        raise ProjectError(
            f"{', '.join(map(str, paths))}: no Python file or template to check there (or it is "
            "excluded). Name a folder with code: praxis check PATH"
        )
    if options.write_baseline:
        _write_baseline(result, config, options)
        return
    with report_stream(options.output) as stream:
        _report(outcome, stream, options)
    context.exit(0 if options.exit_zero else outcome.exit_code)


def _announce(root: Root, options: Options) -> None:
    """Say what was taken for the project; where programs read the report, on stderr."""
    if not options.quiet:
        for_people = options.report_format == "text" and options.output is None
        click.echo(printable(heading(root)), err=not for_people)
        if for_people:
            click.echo()


def _baseline_path(config: Config, root: Root, options: Options) -> Path | None:
    if options.baseline is not None:
        return options.baseline
    return root.folder / config.baseline if config.baseline else None


def _request(result: Audit, config: Config, options: Options) -> Request:
    path = _baseline_path(config, result.root, options)
    reads = path is not None and not options.write_baseline
    changes = None
    if options.diff is not None:
        from praxis.audit.changes import Changes  # starts programs, and few runs need it

        changes = Changes(result.root.folder, options.diff, result.project.text)
    return Request(
        floor=options.floor,
        baseline=Baseline.read(path) if path is not None and reads else None,
        changes=changes,
    )


def _write_baseline(result: Audit, config: Config, options: Options) -> None:
    if options.diff is not None or options.floor is not Severity.NOTE:
        raise ConfigError(
            "--write-baseline takes all findings: leave out --diff and --min-severity"
        )
    path = _baseline_path(config, result.root, options) or result.root.folder / DEFAULT_NAME
    old = Baseline.read(path) if path.exists() else Baseline.of(())
    asked = looked_at(config, result.root)
    gone = old.stale(result.findings, asked).total()
    new = old.renewed(result.findings, asked)
    new.write(path)
    click.echo(
        f"{path} knows {number(new.counts.total(), 'finding')} now"
        f"{f'; {gone:,} that no longer occur are out of it' if gone else ''}."
    )
    if not config.baseline and options.baseline is None:
        click.echo(f'Use it with --baseline, or say baseline = "{path.name}" in [tool.praxis].')


def _report(outcome: Outcome, stream: IO[str], options: Options) -> None:
    _WRITERS[options.report_format](outcome, stream, options)


# Each writer imports its format when it is asked for: a report needs one of them.


def _write_text(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import text

    detail = text.Detail(
        grouping=text.Grouping(options.group_by),
        statistics=options.statistics,
        quiet=options.quiet,
        verbose=options.verbose,
    )
    paths = Paths(outcome.audit.root.folder, Path.cwd(), short=True)
    text.write(outcome, text_console(stream), paths, detail)


def _write_concise(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import concise

    paths = Paths(outcome.audit.root.folder, Path.cwd())
    told = [f"{line}\n" for line in concise.lines(outcome, paths, statistics=options.statistics)]
    click.echo("".join(told), stream, nl=False)  # at once: each call empties the buffer
    if not options.quiet:
        for note in concise.notes(outcome, paths):
            click.echo(note, err=True)


def _write_json(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import json

    del options
    click.echo(json.dump(outcome), stream)


def _write_sarif(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import sarif

    del options
    click.echo(sarif.dump(outcome), stream)


def _write_github(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import github

    del options
    here = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())  # what GitHub resolves against
    for line in github.lines(outcome, Paths(outcome.audit.root.folder, here)):
        click.echo(line, stream)


def _write_gitlab(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report import gitlab

    del options
    here = Path(os.environ.get("CI_PROJECT_DIR") or Path.cwd())  # what GitLab resolves against
    click.echo(gitlab.dump(outcome, Paths(outcome.audit.root.folder, here)), stream)


def _write_html(outcome: Outcome, stream: IO[str], options: Options) -> None:
    from praxis.audit.report.html import document

    del options
    click.echo(document.dump(outcome), stream, nl=False)


_WRITERS = {
    "text": _write_text,
    "concise": _write_concise,
    "json": _write_json,
    "sarif": _write_sarif,
    "github": _write_github,
    "gitlab": _write_gitlab,
    "html": _write_html,
}
