"""What ``praxis fix`` prints: diffs, what was mended, and what was not and why."""

import difflib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from praxis.audit.facts.parsing import decode
from praxis.audit.findings import Problem
from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.mending import Mended, TakenBack
from praxis.audit.fixing.planning import Applied, Change, Plan
from praxis.audit.fixing.recovery import Restored
from praxis.audit.report.counts import number
from praxis.audit.report.printable import printable

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_NAMED = 3


def print_diff(plan: Plan) -> None:
    """Print a unified diff, such as ``git apply`` and ``patch -p1`` take."""
    coloured = sys.stdout.isatty()
    for change in plan.changes.values():
        for line in diff_lines(change):
            if coloured:
                line = _coloured(line)
            click.echo(line, nl=False)


def diff_lines(change: Change) -> Iterator[str]:
    """The diff of one file, each line with its end."""
    before, after = _lines(change.path, change.before), _lines(change.path, change.after)
    for line in difflib.unified_diff(before, after, f"a/{change.path}", f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(path: str, data: bytes) -> list[str]:
    decoded = decode(path, data)
    text = data.decode("utf-8", "replace") if isinstance(decoded, Problem) else decoded.text
    # not splitlines(): a form feed or a lone \r ends no line of a diff
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]] * (
        not text.endswith("\n")
    )


def _coloured(line: str) -> str:
    text = "\t".join(printable(part) for part in line.rstrip("\r\n").split("\t"))
    bold = line.startswith(("+++", "---"))
    return f"{click.style(text, fg=None if bold else _COLOURS.get(line[:1]), bold=bold)}\n"


def print_uncommitted(paths: list[str]) -> None:
    """Say which files hold changes that git does not have; `--undo` exists, so go on."""
    if paths:
        click.echo(
            f"Note: {number(len(paths), 'file')} about to be changed "
            f"{'hold' if len(paths) > 1 else 'holds'} uncommitted changes ({_some(paths)}).",
            err=True,
        )


def print_problems(plan: Plan) -> None:
    """Say what could not be read, so that nobody takes it for clean."""
    problems = plan.last_audit.problems
    for problem in problems[:_NAMED]:
        click.echo(printable(str(problem)), err=True)
    if len(problems) > _NAMED:
        left = len(problems) - _NAMED
        click.echo(f"{left} more could not be read: praxis check lists them.", err=True)


def print_mended(mended: Mended, *, verified: bool) -> None:
    """Say what was mended, by rule and file, and what was taken back."""
    applied = mended.plan.applied
    if applied:
        files = number(len(mended.plan.changes), "file")
        runs = f", verified in {number(mended.check_count, 'run')}" if verified else ""
        click.echo(f"Mended {number(len(applied), 'finding')} in {files}{runs}:")
        _print_by_rule(applied)
    _print_taken_back(mended.taken_back)
    if applied:
        click.echo("`praxis fix --undo` takes this back.")
    elif not mended.taken_back and not mended.plan.refused:
        click.echo("Nothing to mend.")


def print_failure(command: str, mended: Mended) -> None:
    """Say that the check failed where nothing could be kept."""
    assert mended.failure is not None  # noqa: S101 - the caller looked
    when = (
        "on what was to stay, so everything was taken back"
        if mended.taken_back
        else "before anything was changed, so nothing was: make it pass first"
    )
    click.echo(f"{printable(command)} {mended.failure.ending} {when}.", err=True)
    _print_tail(mended.failure)


def print_left(plan: Plan) -> None:
    """Say which findings could be mended and were not, and why."""
    for refused in plan.refused:
        finding = refused.finding
        click.echo(
            printable(
                f"Not mended: {finding.place} {finding.code} {finding.rule}: {refused.reason}"
            ),
            err=True,
        )
    if plan.unfinished:
        click.echo("There is more to mend: run praxis fix again.", err=True)
    if plan.unsafe_count:
        click.echo(
            f"{number(plan.unsafe_count, 'more finding')} can be mended by edits that may change "
            "what the code does: look at them with --diff --unsafe.",
            err=True,
        )


def print_restored(restored: Restored) -> None:
    """Say what holds its original again, and what does not."""
    if restored.paths:
        click.echo(f"Restored {number(len(restored.paths), 'file')}:")
        for path in restored.paths:
            click.echo(f"  {printable(path)}")
    elif not restored.left:
        click.echo("Every file holds what it held before the run.")
    for reason in restored.left.values():
        click.echo(f"Left: {printable(reason)}", err=True)


def _print_by_rule(applied: Iterable[Applied]) -> None:
    entries = sorted((one.mark.code, one.finding.rule, one.mark.path) for one in applied)
    for (code, rule), group in groupby(entries, key=lambda entry: entry[:2]):
        click.echo(f"  {code} {rule}")
        for path, count in Counter(path for _, _, path in group).items():
            click.echo(f"    {printable(path)}: {count}")


def _print_taken_back(taken_back: list[TakenBack]) -> None:
    """By group: a rule in a file; each with the end of the output that condemned it."""
    ordered = sorted(taken_back, key=lambda one: one.applied.mark)
    for (code, path), group in groupby(
        ordered, key=lambda one: (one.applied.mark.code, one.applied.mark.path)
    ):
        ones = list(group)
        lines = ", ".join(str(line) for line in sorted(one.applied.line for one in ones))
        outcome = next((one.outcome for one in ones if one.outcome is not None), None)
        why = f"the command {outcome.ending}" if outcome else "it needs another that was taken back"
        rule = ones[0].applied.finding.rule
        click.echo(
            f"Taken back: {code} {rule} in {printable(path)} "
            f"(line{'s' if len(ones) > 1 else ''} {lines}): {why}"
        )
        if outcome is not None:
            _print_tail(outcome)


def _print_tail(outcome: Outcome) -> None:
    for line in outcome.tail.splitlines():
        click.echo(f"    | {printable(line)}", err=True)


def _some(paths: list[str]) -> str:
    more = ", …" if len(paths) > _NAMED else ""
    return f"{', '.join(map(printable, paths[:_NAMED]))}{more}"
