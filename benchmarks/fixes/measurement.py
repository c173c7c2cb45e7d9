"""The runs over all projects, and the tables of what the fixes brought."""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.fixes.projects import (
    DEFAULT,
    Project,
    ProjectUnavailableError,
    copy,
    interpreter,
    labels,
    load,
)
from benchmarks.machine import describe, save

_COUNTER = Path(__file__).parent / "inside" / "count_queries.py"
#: So many pages of a project are listed one by one, those that gained most.
_LISTED = 15


@dataclass(frozen=True, slots=True)
class Page:
    """The queries of a page, with some rows and with twice as many."""

    path: str
    before: tuple[int, int]
    after: tuple[int, int]
    same_content: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A project and what the fixes did to it."""

    name: str
    source: str
    findings: int
    mended: int
    taken_back: int
    tests_before: str
    tests_after: str
    pages: tuple[Page, ...]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks fixes")
    parser.add_argument("--projects", nargs="*", help="by name; all if none is named")
    parser.add_argument("--rows", type=int, default=15, help="rows of each model, then doubled")
    parser.add_argument("--folder", type=Path, default=DEFAULT, help="where projects are kept")
    parser.add_argument("--no-save", action="store_true", help="print the tables only")
    typed = parser.parse_args(arguments)
    chosen = [one for one in load() if not typed.projects or one.name in typed.projects]
    typed.folder.mkdir(parents=True, exist_ok=True)
    try:
        rows = [_measure(project, typed.folder, typed.rows) for project in chosen]
    except ProjectUnavailableError as error:
        parser.exit(1, f"{error}\n")
    machine, praxis = describe(), version("django-praxis")
    result = {
        "machine": machine,
        "versions": {"django-praxis": praxis},
        "rows_of_each_model": [typed.rows, 2 * typed.rows],
        "projects": [asdict(row) for row in rows],
    }
    table = table_of(rows, machine, praxis, typed.rows)
    print(table)
    if not typed.no_save and not typed.projects:
        print(f"written to {save('fixes', result, table)}")


def _measure(project: Project, folder: Path, rows: int) -> Row:
    python = interpreter(project, folder)
    before, after = (copy(project, folder, python, name) for name in ("before", "after"))
    print(f"{project.name}: counting", flush=True)
    counted_before = _count(project, python, before, rows)
    print(f"{project.name}: fixing", flush=True)
    findings = _findings(project, before)
    told = _fix(project, python, after)
    print(f"{project.name}: counting again", flush=True)
    counted_after = _count(project, python, after, rows)
    tests = re.findall(r"^ *\|? *Ran (\d+) tests", told, re.MULTILINE)
    passed = re.search(r"Mended (\d+) finding", told)
    if passed is None:
        raise ProjectUnavailableError(f"{project.name} was not mended:\n{told[-3000:]}")
    pages = tuple(
        Page(
            path,
            (one["few"], one["many"]),
            (other["few"], other["many"]),
            one["content"] == other["content"],
        )
        for path, one in counted_before.items()
        if (other := counted_after.get(path)) is not None
    )
    lost = counted_before.keys() - counted_after.keys()
    if lost:
        print(f"{project.name}: no longer answered: {sorted(lost)}")
    return Row(
        project.name,
        project.source,
        findings,
        int(passed[1]),
        told.count("\nTaken back:"),
        tests[0] if tests else "?",
        tests[-1] if tests else "?",
        pages,
    )


def _environment(project: Project) -> dict[str, str]:
    return {
        **os.environ,
        **project.environment,
        "PYTHONPATH": ".",
        "PYTHONWARNINGS": "ignore",
        "DJANGO_SETTINGS_MODULE": project.settings,
    }


def _count(project: Project, python: Path, folder: Path, rows: int) -> dict[str, dict[str, Any]]:
    command = [str(python), str(_COUNTER), project.settings, str(rows), ",".join(project.apps)]
    result = subprocess.run(
        command, cwd=folder, env=_environment(project), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise ProjectUnavailableError(f"{project.name}: {result.stderr.strip()[-1000:]}")
    counted: dict[str, dict[str, Any]] = json.loads(result.stdout)
    return counted


def _praxis(*arguments: str, folder: Path) -> str:
    """What the command prints."""
    source = Path(__file__).parents[2] / "src"
    result = subprocess.run(
        [sys.executable, "-m", "praxis", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stdout + result.stderr


def _findings(project: Project, folder: Path) -> int:
    arguments = ("check", ".", "--select", project.select, "--format", "json", "--exit-zero")
    return len(
        json.loads(_praxis(*arguments, folder=folder).partition("\nProject:")[0])["findings"]
    )


def _fix(project: Project, python: Path, folder: Path) -> str:
    """Mend it; its own tests must pass before, and after."""
    variables = {**project.environment, "PYTHONPATH": ".", "PYTHONWARNINGS": "ignore"}
    words = [f"{name}={value}" for name, value in variables.items()]
    tests = [str(python), "-m", "django", "test", f"--settings={project.settings}"]
    command = shlex.join(["env", *words, *tests, *labels(project, folder)])
    return _praxis(
        "fix", ".", "--unsafe", "-v", "--select", project.select, "--verify", command, folder=folder
    )


# The tables.


def table_of(rows: Sequence[Row], machine: dict[str, Any], praxis: str, count: int) -> str:
    """The figures as Markdown."""
    lines = [
        "# Real projects before and after `praxis fix`",
        "",
        (
            f"praxis {praxis}, Python {machine['python']}, {machine['date']}. "
            "`praxis fix --unsafe --select ORM101,ORM102,ORM103,ORM104,ORM105 --verify` with each "
            "project's own tests, which passed before and after. Then every page that needs no "
            "more than the key of the first row was asked for as a superuser, with "
            f"{count} made-up rows of each model and with {2 * count}, on SQLite; *queries* are "
            f"those of all pages together with {2 * count} rows. *Dearer*: pages that take more "
            "queries than before."
        ),
        "",
        (
            "| project | findings | mended | taken back | tests | pages | queries before | after | "
            "cheaper | dearer |"
        ),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [_line(row) for row in rows]
    for row in rows:
        lines += ["", f"## {row.name}", "", *_pages_of(row, count)]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    before, after = (
        sum(counts)
        for counts in ([p.before[1] for p in row.pages], [p.after[1] for p in row.pages])
    )
    cheaper = sum(page.after[1] < page.before[1] for page in row.pages)
    dearer = sum(page.after[1] > page.before[1] for page in row.pages)
    return (
        f"| {row.source} | {row.findings} | {row.mended} | {row.taken_back} | {row.tests_after} | "
        f"{len(row.pages)} | {before} | {after} | {cheaper} | {dearer} |"
    )


def _pages_of(row: Row, count: int) -> list[str]:
    changed = [page for page in row.pages if page.before != page.after]
    changed.sort(key=lambda page: (page.after[1] - page.before[1], page.path))
    dearer = [page for page in changed[_LISTED:] if page.after[1] > page.before[1]]
    lines = [
        (
            f"| page | before, {count} rows | {2 * count} rows | after, {count} rows | "
            f"{2 * count} rows |"
        ),
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for page in [*changed[:_LISTED], *dearer]:
        figures = " | ".join(map(str, (*page.before, *page.after)))
        lines.append(f"| `{page.path}` | {figures} |")
    left = len(changed) - _LISTED - len(dearer)
    if left > 0:
        lines += ["", f"And {left} pages more that became cheaper; `fixes.json` has all."]
    same = sum(page.same_content for page in row.pages)
    lines += ["", f"{same} of {len(row.pages)} pages show the very same bytes as before."]
    return lines
