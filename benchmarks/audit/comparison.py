"""The runs, the table, and the figures that the project holds itself to."""

import argparse
import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import praxis
from benchmarks.audit.generated import generated
from benchmarks.audit.projects import PROJECTS, Project, fetch
from benchmarks.machine import SCRATCH, describe, save
from benchmarks.process import Cost, middle, run
from praxis.audit.facts.sources import Kind, list_sources

HERE = Path(__file__).parent
#: The peers, at the newest versions, in the order in which `_peer_commands` takes them.
PEERS = ("ruff==0.17.5", "djch==0.1.9", "flake8-django==1.4", "pylint-django[with-django]==2.8.0")
#: The messages that pylint-django adds to pylint's own.
PYLINT_MESSAGES = "E5101,E5141,E5142,R5101,R5102,R5103,W5101,W5102,W5103,W5104,W5150,W5151"
#: Lines of the generated projects.
SIZES = (50_000, 100_000, 300_000, 1_000_000)
#: What is changed before a warm run of those, and what is added to it.
CHANGES = (
    ("a view", "app0003/views.py", b"\nADDED = 1\n"),
    ("a method of a model", "app0003/models.py", b"\n    def added(self):\n        return 1\n"),
    ("a template", "app0003/templates/app0003/model0003a_list.html", b"{{ object_list }}\n"),
    ("settings", "config/settings.py", b"\nADDED = 1\n"),
)
CACHE = {"PRAXIS_CACHE_DIR": str(SCRATCH / "cache")}


@dataclass(frozen=True, slots=True)
class Row:
    """One tool on one project."""

    project: str
    tool: str
    cpu_s: float
    wall_s: float
    peak_mb: float


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks audit")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--projects", nargs="*", default=[project.name for project in PROJECTS])
    parser.add_argument(
        "--no-peers", action="store_true", help="praxis alone, written to a table of its own"
    )
    parser.add_argument(
        "--generated",
        nargs="*",
        type=int,
        default=SIZES,
        metavar="LINES",
        help="sizes of made-up projects that show how the cost grows",
    )
    typed = parser.parse_args(arguments)
    if not typed.no_peers:
        _install_peers()
    # as an installer does: else the first run compiles what has changed since the last one
    compileall.compile_dir(praxis.__path__[0], quiet=1)
    rows: list[Row] = []
    sizes: dict[str, dict[str, int]] = {}
    for project in PROJECTS:
        if project.name in typed.projects:
            folder = fetch(project)
            files = _files(folder)
            sizes[project.name] = {
                "files": len(files),
                "lines": sum(path.read_bytes().count(b"\n") for path in files),
            }
            rows += _measure(project, folder, files, typed.rounds, peers=not typed.no_peers)
    for lines in typed.generated:
        name = f"made of {lines}"
        made = Project(name, ())
        folder = generated(lines)
        files = _files(folder)
        sizes[name] = {
            "files": len(files),
            "lines": sum(path.read_bytes().count(b"\n") for path in files),
        }
        rows += _measure(made, folder, files, 1, peers=False)
        rows += _measure_changes(made, folder)
    result = {
        "machine": describe(),
        "rounds": typed.rounds,
        "versions": _versions(peers=not typed.no_peers),
        "projects": sizes,
        "rows": [asdict(row) for row in rows],
    }
    table = _table(rows, result)
    print(table)
    subject = "audit_alone" if typed.no_peers else "audit"
    print(f"written to {save(subject, result, table)}")


def _measure_changes(project: Project, folder: Path) -> list[Row]:
    """Warm runs after one file of each kind was changed."""
    rows: list[Row] = []
    for what, path, added in CHANGES:
        changed = folder / path
        cost = _after(folder, changed, changed.read_bytes() + added)
        tool = f"praxis, warm, {what} changed"
        rows.append(
            Row(
                project.name,
                tool,
                round(cost.cpu_s, 3),
                round(cost.wall_s, 3),
                round(cost.peak_mb, 1),
            )
        )
        print(f"{project.name:8} {tool:28} {cost.cpu_s:8.2f} s CPU {cost.wall_s:8.2f} s wall")
    return rows


def _measure(
    project: Project, folder: Path, files: list[Path], rounds: int, *, peers: bool
) -> list[Row]:
    rows: list[Row] = []

    def add(tool: str, cost: Cost) -> None:
        row = Row(
            project.name,
            tool,
            round(cost.cpu_s, 3),
            round(cost.wall_s, 3),
            round(cost.peak_mb, 1),
        )
        rows.append(row)
        print(
            f"{row.project:8} {row.tool:28} {row.cpu_s:8.2f} s CPU {row.wall_s:8.2f} s wall "
            f"{row.peak_mb:6.0f} MB",
            flush=True,
        )

    add("ast.parse alone", middle([_floor(files) for _ in range(rounds)]))
    add("praxis, cold", middle([_cold(folder) for _ in range(rounds)]))
    add("praxis, cold, one process", middle([_cold(folder, "--jobs=1") for _ in range(rounds)]))
    add("praxis, warm, one changed", middle([_warm(folder, files) for _ in range(rounds)]))
    if peers:
        for tool, command, times in _peer_commands(folder, whole=project.name == "small"):
            add(tool, middle([run(command, folder=folder) for _ in range(min(times, rounds))]))
    return rows


def _files(folder: Path) -> list[Path]:
    """What praxis reads: other people's code and virtual environments are left out."""
    sources = list_sources(folder).sources
    return [folder / source.path for source in sources if source.kind is Kind.PYTHON]


def _floor(files: list[Path]) -> Cost:
    listing = SCRATCH / "files.txt"
    listing.write_text("".join(f"{path}\n" for path in files), encoding="utf-8")
    command = ["sh", "-c", 'exec "$0" "$1" < "$2"', sys.executable, str(HERE / "floor.py"), listing]
    return run(command, folder=SCRATCH)


def _praxis(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "praxis", "check", str(folder), "--exit-zero",
            "--format=concise", *options]  # fmt: skip


def _cold(folder: Path, *options: str) -> Cost:
    shutil.rmtree(CACHE["PRAXIS_CACHE_DIR"], ignore_errors=True)
    return run(_praxis(folder, *options), folder=folder, environment=CACHE)


def _warm(folder: Path, files: list[Path]) -> Cost:
    """With everything known but one file of the middle, which gains a line."""
    changed = next(path for path in files[len(files) // 2 :] if path.stat().st_size > 2000)
    return _after(folder, changed, changed.read_bytes() + b"\nADDED = 1\n")


def _after(folder: Path, changed: Path, content: bytes) -> Cost:
    """The run after one file has got the *content*, while all else is known."""
    before = changed.read_bytes()
    run(_praxis(folder), folder=folder, environment=CACHE)
    try:
        changed.write_bytes(content)
        return run(_praxis(folder), folder=folder, environment=CACHE)
    finally:
        changed.write_bytes(before)


def _install_peers() -> None:
    for requirement in PEERS:
        folder = _home(requirement)
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin/pip", "install", "--quiet", requirement], check=True)
            (folder / "installed").touch()


def _home(requirement: str) -> Path:
    """A virtualenv each: flake8-django and pylint-django want different versions of astroid."""
    return SCRATCH / "peers" / requirement.partition("==")[0].partition("[")[0]


def _peer_commands(folder: Path, *, whole: bool) -> list[tuple[str, list[str | Path], int]]:
    """
    Tool, command, and how often at the most (the slow ones need no median of many).

    *whole* adds pylint with all its messages, as most projects run it: minutes on a large one.
    """
    ruff, djch, flake8, pylint = (_home(requirement) / "bin" for requirement in PEERS)
    cores = str(len(os.sched_getaffinity(0)))
    with_django = [pylint / "pylint", "--load-plugins", "pylint_django", "--recursive=y", "-j", "1"]
    commands: list[tuple[str, list[str | Path], int]] = [
        (
            "ruff --select DJ",
            [ruff / "ruff", "check", "--select", "DJ", "--no-cache", "--isolated", "-q", "."],
            9,
        ),
        ("djch", [djch / "djch", "check"], 9),
        ("flake8-django", [flake8 / "flake8", "--isolated", "--select=DJ", "-j", cores, "."], 1),
        (
            "pylint-django, its messages",
            [
                *with_django,
                *("--disable=all", f"--enable={PYLINT_MESSAGES}", "--score=n"),
                *_roots(folder),
            ],
            1,
        ),
    ]
    if whole:
        command = [*with_django, "--score=n", *_roots(folder)]
        commands.append(("pylint with pylint-django", command, 1))
    return commands


def _roots(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def _versions(*, peers: bool) -> dict[str, str]:
    versions = {"django-praxis": version("django-praxis")}
    if peers:
        versions |= dict(requirement.split("==") for requirement in PEERS)
    return versions


def _table(rows: list[Row], result: dict[str, Any]) -> str:
    machine = result["machine"]
    lines = [
        "# praxis check against its peers"
        if "ruff" in result["versions"]
        else "# praxis check by itself, as projects grow",
        "",
        (
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, "
            f"Python {machine['python']}, {machine['date']}, load {machine['load_1_min']}; medians "
            f"of {result['rounds']} runs (flake8 and pylint: one). Ratios are to `praxis check` on "
            "an empty cache: above 1 the tool takes longer. The made-up projects are measured "
            "once; they have a mistake in every sixty lines, real ones one in a thousand."
        ),
        "",
    ]
    for project in dict.fromkeys(row.project for row in rows):
        mine = {row.tool: row for row in rows if row.project == project}
        lines += _section(project, result["projects"][project], mine)
    return "\n".join(lines)


def _section(name: str, size: dict[str, int], mine: dict[str, Row]) -> list[str]:
    cold, floor = mine["praxis, cold"], mine["ast.parse alone"]
    lines = [
        f"## {name}: {size['lines']:,} lines in {size['files']:,} files",
        "",
        "| tool | CPU s | ratio | wall s | ratio | memory MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row.tool} | {row.cpu_s:.2f} | {row.cpu_s / cold.cpu_s:.2f} | {row.wall_s:.2f} "
        f"| {row.wall_s / cold.wall_s:.2f} | {row.peak_mb:.0f} |"
        for row in mine.values()
    ]
    peers = [row for tool, row in mine.items() if not tool.startswith(("praxis", "ast."))]
    faster = [
        f"{row.tool} ({cold.cpu_s / row.cpu_s:.0f} times less CPU)"
        for row in peers
        if row.cpu_s < cold.cpu_s
    ]
    lines += ["", f"A cold run takes {cold.cpu_s / floor.cpu_s:.1f} times the CPU of `ast.parse`."]
    if faster:
        lines[-1] += f" Faster than praxis: {', '.join(faster)}."
    return [*lines, ""]
