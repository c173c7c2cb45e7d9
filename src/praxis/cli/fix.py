"""``praxis fix``: mend what can be mended, show it first, or have it verified."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from praxis.audit.config import Config, read_config
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import Root, find_root
from praxis.audit.fixing.command import Outcome, run_command
from praxis.audit.fixing.commits import list_uncommitted
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.lock import hold_lock
from praxis.audit.fixing.mending import Mended, mend, mend_verified
from praxis.audit.fixing.planning import Auditor, Choice, Plan, make_plan
from praxis.audit.fixing.recovery import demand_no_interrupted_run, keep, undo
from praxis.audit.report.heading import heading
from praxis.audit.report.printable import printable
from praxis.cli import fix_report
from praxis.cli.progress import progress
from praxis.cli.rule_choice import RuleChoice
from praxis.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RuleChoice):
    """The options, as typed."""

    diff: bool
    unsafe: bool
    verify: str | None
    verify_timeout_s: float | None
    undo: bool
    keep: bool
    exit_zero: bool
    no_cache: bool
    verbose: bool


@click.command("fix")
@click.argument("path", default=".", type=click.Path(path_type=Path), metavar="[PATH]")
@click.option("--diff", is_flag=True, help="Show what would be changed, and change nothing.")
@click.option("--unsafe", is_flag=True, help="Also edits that may change what the code does.")
@click.option("--select", multiple=True, metavar="RULE", help="Mend only what these rules find.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Leave what these rules find.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Do not read these paths.")
@click.option("--verify", metavar="CMD", help="Keep only what CMD (your tests) passes with.")
@click.option(
    "--verify-timeout",
    "verify_timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="A run of CMD that takes longer has failed.",
)
@click.option("--undo", is_flag=True, help="Take back what the last run changed.")
@click.option("--keep", is_flag=True, help="Keep what an interrupted run left.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 where it would be 1.")
@click.option("--no-cache", is_flag=True, help="Read every file anew, and keep no summaries.")
@click.option("-v", "--verbose", is_flag=True, help="Show the output of CMD as it comes.")
@click.pass_context
def command(context: click.Context, /, path: Path, **typed: Any) -> None:
    """
    Mend what the audit finds in the Django project at PATH (else the one here).

    Edits keep comments and formatting. Only those that surely keep what the code does are made,
    unless --unsafe is given. Where the edits of one finding reach into files outside of PATH,
    they are made there too. The originals are kept: --undo brings them back.

    With --verify, CMD runs in the project's folder before anything is changed and again on the
    result; where it fails, the fixes that break it are searched for and taken back.

    Exit codes: 0 done, or nothing to do; 1 something was refused or taken back, or --diff has
    something to show; 2 nothing could be done; 130 interrupted.
    """
    options = Options(**typed)
    _demand_sense(options)
    root = find_root(path)
    if options.undo:
        code = _undo(root)
    elif options.keep:
        code = _keep(root)
    else:
        code = _fix(root, options)
    context.exit(0 if options.exit_zero and code == 1 else code)


def _demand_sense(options: Options) -> None:
    modes = [
        name
        for name, given in (
            ("--diff", options.diff),
            ("--verify", options.verify is not None),
            ("--undo", options.undo),
            ("--keep", options.keep),
        )
        if given
    ]
    if len(modes) > 1:
        raise ConfigError(f"{' and '.join(modes)} do not go together: give one of them")
    if options.verify_timeout_s is not None and options.verify is None:
        raise ConfigError("--verify-timeout goes with --verify CMD")
    if options.verify is not None and not options.verify.strip():
        raise ConfigError('--verify needs a command, such as --verify "python manage.py test"')
    if options.verify is not None and not hasattr(os, "fork"):
        raise ConfigError(
            "--verify ends what CMD leaves running, which Praxis can on Linux and macOS only. "
            "Here, run praxis fix, then your tests, and praxis fix --undo where they fail"
        )


def _undo(root: Root) -> int:
    with hold_lock(root.folder):
        restored = undo(Journal(root.folder))
    fix_report.print_restored(restored)
    return 1 if restored.left else 0


def _keep(root: Root) -> int:
    with hold_lock(root.folder):
        paths = keep(Journal(root.folder))
    click.echo(f"Kept: {', '.join(map(printable, paths))}. `praxis fix --undo` takes it back.")
    return 0


def _fix(root: Root, options: Options) -> int:
    config = options.applied_to(read_config(root.folder))
    auditor = _auditor(root, config, options)
    choice = Choice(unsafe=options.unsafe)
    click.echo(printable(heading(root)), err=options.diff)
    if options.diff:
        plan = make_plan(auditor, choice)
        fix_report.print_diff(plan)
        fix_report.print_problems(plan)
        fix_report.print_left(plan)
        return 1 if plan.changes or plan.refused else 0
    with hold_lock(root.folder), _ended_like_ctrl_c():
        journal = Journal(root.folder)
        demand_no_interrupted_run(journal)
        mended = _mend(root, auditor, choice, journal, options)
    return _report(mended, options)


def _auditor(root: Root, config: Config, options: Options) -> Auditor:
    def look(overlay: Mapping[str, bytes]) -> Audit:
        with progress("Reading files:") as tell:
            return audit(
                root, config, use_cache=not options.no_cache, progress=tell, overlay=overlay
            )

    return look


def _mend(
    root: Root, auditor: Auditor, choice: Choice, journal: Journal, options: Options
) -> Mended:
    def announce(plan: Plan) -> None:
        before = ((change.path, change.before) for change in plan.changes.values())
        fix_report.print_uncommitted(list_uncommitted(root.folder, before))

    def check(purpose: str) -> Outcome:
        return _check(root, purpose, options)

    if options.verify is None:
        return mend(auditor, choice, journal, announce)
    return mend_verified(auditor, choice, journal, options.verify, check, announce)


def _check(root: Root, purpose: str, options: Options) -> Outcome:
    click.echo(f"Running the command {purpose} … ", nl=options.verbose)
    outcome = run_command(
        options.verify or "",
        root.folder,
        timeout_s=options.verify_timeout_s,
        stream=_stream if options.verbose else None,
    )
    click.echo(f"{'passed' if outcome.passed else outcome.ending} ({outcome.duration_s:.1f} s)")
    return outcome


def _stream(text: str) -> None:
    click.echo(text, nl=False)
    sys.stdout.flush()


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Let whoever asks this process to end get what Ctrl-C gets: nothing unverified stays."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = [signal.SIGTERM] + ([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])
    before = [signal.signal(number, interrupt) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _report(mended: Mended, options: Options) -> int:
    plan = mended.plan
    fix_report.print_problems(plan)
    if mended.failure is not None:
        fix_report.print_failure(options.verify or "", mended)
        return 1 if mended.taken_back else 2
    fix_report.print_mended(mended, verified=options.verify is not None)
    fix_report.print_left(plan)
    return 1 if plan.refused or mended.taken_back else 0
