"""
The report as workflow commands, which GitHub shows beside the lines of a pull request.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator

from praxis.audit.findings import Finding, Problem, Severity
from praxis.audit.outcome import Outcome
from praxis.audit.report.paths import Paths
from praxis.audit.report.printable import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def lines(outcome: Outcome, paths: Paths) -> Iterator[str]:
    """One command a finding, then one a problem."""
    for finding in outcome.findings:
        yield _command(
            _COMMANDS[finding.severity], _place_of(finding, paths), _text_of(finding, paths)
        )
    for command, problems in (("error", outcome.problems), ("notice", outcome.comments)):
        for problem in problems:
            yield _command(command, _place_of_problem(problem, paths), problem.message)


def _text_of(finding: Finding, paths: Paths) -> str:
    parts = [finding.message]
    if finding.cost is not None:
        parts.append(f"Cost: {finding.cost}.")
    parts += [f"{paths.place(step.place)}: {step.note}" for step in finding.steps]
    if finding.fix is not None:
        parts.append(f"Fix ({finding.fix.safety.value}): {finding.fix.title}")
    return "\n".join(parts)


def _place_of(finding: Finding, paths: Paths) -> dict[str, object]:
    place = finding.place
    properties: dict[str, object] = {
        "file": paths.path(place.path),
        "line": place.line,
        "endLine": place.end_line,
    }
    if place.line == place.end_line:  # GitHub refuses columns for a span of lines
        properties |= {"col": place.column, "endColumn": place.end_column}
    return properties | {"title": f"{finding.code} {finding.rule}"}


def _place_of_problem(problem: Problem, paths: Paths) -> dict[str, object]:
    properties: dict[str, object] = {"file": paths.path(problem.path)}
    if problem.line:
        properties["line"] = problem.line
    return properties | {"title": "Praxis"}


def _command(name: str, properties: dict[str, object], message: str) -> str:
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {written}::{_data(message)}"


def _data(text: str) -> str:
    # one command a line, and no control character of the audited files in anybody's terminal
    lines = [printable(line) for line in text.split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
