"""The runs over all cases, and the table of what was found."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.machine import describe, save
from benchmarks.recall.cases import Case, load
from benchmarks.recall.judging import CODES, Spot, Told, Verdict, judge, told
from benchmarks.recall.releases import DEFAULT, ReleaseUnavailableError, fetch
from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import find_root


@dataclass(frozen=True, slots=True)
class Row:
    """A case and how the audit did on it."""

    case: Case
    verdict: Verdict


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks recall")
    parser.add_argument("--cases", nargs="*", help="ids, or projects; all if none is named")
    parser.add_argument("--folder", type=Path, default=DEFAULT, help="where releases are kept")
    parser.add_argument("--no-cache", action="store_true", help="read every file anew")
    parser.add_argument("--no-save", action="store_true", help="print the table only")
    typed = parser.parse_args(arguments)
    wanted = set(typed.cases or ())
    cases = [case for case in load() if not wanted or wanted & {case.id, case.project}]
    try:
        rows = list(_judge_all(cases, typed.folder, use_cache=not typed.no_cache))
    except ReleaseUnavailableError as error:
        parser.exit(1, f"{error}\n")
    machine, praxis = describe(), version("django-praxis")
    result = {
        "machine": machine,
        "versions": {"django-praxis": praxis},
        "rows": [_as_data(row) for row in rows],
    }
    table = table_of(rows, machine, praxis)
    print(table)
    if not typed.no_save and not wanted:
        print(f"written to {save('recall', result, table)}")


def _judge_all(cases: Iterable[Case], folder: Path, *, use_cache: bool) -> Iterable[Row]:
    """Releases that several cases share are audited once."""
    audited: dict[tuple[str, str], list[Told]] = {}

    def told_of(project: str, release: str) -> list[Told]:
        key = project, release
        if key not in audited:
            audited[key] = _audit(fetch(project, release, folder), use_cache=use_cache)
        return audited[key]

    for case in cases:
        before, after = (told_of(case.project, release) for release in (case.before, case.after))
        verdict = judge(case, before, after)
        print(f"{case.id:36} {_word(verdict)}", flush=True)
        yield Row(case, verdict)


def _audit(folder: Path, *, use_cache: bool) -> list[Told]:
    """What the rules about relations read per row say of the project in *folder*."""
    result = audit(find_root(folder), Config(select=("ORM10",)), use_cache=use_cache)
    summaries = result.project.summaries

    def spot(path: str, line: int) -> Spot:
        return Spot(path, line, summaries[path].symbol_at(line) if path in summaries else "")

    return [
        told(finding, [spot(place.path, place.line) for place in places])
        for finding in result.findings
        if finding.code in CODES
        for places in [[finding.place, *(step.place for step in finding.steps)]]
    ]


def _word(verdict: Verdict) -> str:
    if not verdict.found:
        return "missed"
    words = [f"found {', '.join(verdict.lookups)} ({', '.join(verdict.codes)})"]
    words += [] if verdict.same_place else ["by another query"]
    words += ["told after the fix as well"] if verdict.remaining else []
    return ", ".join(words)


# The table.


def table_of(rows: Sequence[Row], machine: dict[str, Any], praxis: str) -> str:
    """The figures as Markdown."""
    lookups = sum(len(row.case.lookups) for row in rows)
    found = sum(len(row.verdict.lookups) for row in rows)
    lines = [
        "# Recall on real N+1 fixes",
        "",
        (
            f"praxis {praxis}, Python {machine['python']}, {machine['date']}. Each case is an N+1 "
            "query in one release of a real project that the next one mended, read by eye; where "
            "they are is in `benchmarks/recall/cases.toml`. *Found*: a finding of the release "
            "before names the rows and a relation that the fix loads. *Same place*: it also "
            "names the function or class that makes the query. *After*: the release with the fix "
            "is told of the same."
        ),
        "",
        f"Relations found, of all that the cases name: {found} of {lookups}.",
        "",
        *_grouped(rows, "kind", lambda row: (row.case.kind,)),
        *_grouped(
            rows,
            "read",
            lambda row: ("in another file" if row.case.across else "in the same file",),
        ),
        *_grouped(rows, "project", lambda row: (row.case.project,)),
        *_grouped(rows, "what a case needs", lambda row: row.case.abilities, total=False),
    ]
    lines += _listed("Missed", [row for row in rows if not row.verdict.found])
    elsewhere = [row for row in rows if row.verdict.found and not row.verdict.same_place]
    lines += _listed("Found by another query of the same rows only", elsewhere)
    lines += _listed("Told after the fix as well", [row for row in rows if row.verdict.remaining])
    return "\n".join(lines)


def _grouped(
    rows: Sequence[Row],
    heading: str,
    groups_of: Callable[[Row], Sequence[str]],
    *,
    total: bool = True,
) -> list[str]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for group in groups_of(row):
            groups[group].append(row)
    lines = [
        f"| {heading} | cases | found | | same place | after |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, mine in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(_line(name, mine))
    if total:
        lines.append(_line("**all**", rows))
    return [*lines, ""]


def _line(name: str, rows: Sequence[Row]) -> str:
    found = sum(row.verdict.found for row in rows)
    same = sum(row.verdict.same_place for row in rows)
    after = sum(bool(row.verdict.remaining) for row in rows)
    share = found / len(rows) if rows else 0.0
    return f"| {name} | {len(rows)} | {found} | {share:.0%} | {same} | {after} |"


def _listed(heading: str, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    lines = [f"## {heading}", ""]
    for row in rows:
        case = row.case
        lines.append(
            f"- `{case.id}` ({case.kind}, {case.project} {case.before}): "
            f"{case.model}: {', '.join(case.lookups)}. {case.needs}"
        )
    return [*lines, ""]


def _as_data(row: Row) -> dict[str, Any]:
    return {
        "id": row.case.id,
        "kind": row.case.kind,
        "across": row.case.across,
        "wanted": row.case.lookups,
        **asdict(row.verdict),
    }
