"""
Audit a project: list, scan in parallel or take from the cache, merge, run the rules, report.

The phases: every file is summed up by itself (in worker processes, cached by content), the
summaries are merged into a `Project`, the flow of querysets through each function is followed,
and last come the rules that look at the project as a whole.
"""

import gc
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial

import msgspec

from praxis.audit.cache import Cache
from praxis.audit.config import Config
from praxis.audit.facts.sources import Root, list_sources
from praxis.audit.findings import Finding, Problem
from praxis.audit.flow.stage import events_of
from praxis.audit.kept_edits import KeptEdits
from praxis.audit.project import Project
from praxis.audit.registry import Rule, rules
from praxis.audit.scan import snippet_of
from praxis.audit.scanning import Progress, summarise_all
from praxis.audit.selection import Selection
from praxis.audit.suppression import Suppression
from praxis.errors import ProjectError

#: How many objects come before the garbage collector looks at them, and how rarely at old ones:
#: what an audit makes stays, or goes by itself as next to nothing of it is a cycle.
_COLLECTED = 1_000_000, 20, 20


@dataclass(slots=True)
class Audit:
    """What an audit found, and what it looked at."""

    root: Root
    project: Project
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    suppressed: list[tuple[Finding, Suppression]] = field(default_factory=list)
    #: Comments that silence nothing, by path.
    unused: list[tuple[str, Suppression]] = field(default_factory=list)
    file_count: int = 0
    line_count: int = 0
    cached_count: int = 0
    duration_s: float = 0.0


def audit(
    root: Root,
    config: Config,
    *,
    use_cache: bool = True,
    processes: int | None = None,
    progress: Progress | None = None,
    overlay: Mapping[str, bytes] | None = None,
) -> Audit:
    """
    Audit the project at *root*; nothing of it is imported or executed.

    Args:
        root: See `praxis.audit.facts.sources.find_root`. All of the project is read whatever
            part of it was asked for, since what one file means depends on others.
        config: What to run and to read.
        use_cache: Whether to take and keep summaries between runs.
        processes: At most so many; one a core if None. Small projects take one.
        progress: Called with (files done, files in all).
        overlay: What to take for the content of these paths instead of what the disk holds.

    Raises:
        ProjectError: if there is no file to check.
    """
    started = time.perf_counter()
    listing = list_sources(root.folder, config.exclude)
    if not listing.sources:
        raise ProjectError(
            f"{root.folder}: no Python file or template to check. Name the folder of a Django "
            "project: praxis check PATH"
        )
    overlay = overlay or {}
    selection = Selection(config)
    cache = Cache.open(root.folder) if use_cache else Cache(None)
    with closing(cache), _rarely_collected():
        summaries, fresh_count = summarise_all(
            root.folder,
            listing.sources,
            cache,
            processes=processes,
            progress=progress,
            overlay=overlay,
        )
        kept_edits = KeptEdits(cache)
        project = Project(root, summaries, overlay, listing.configurations, kept_edits)
        found = list(_run_rules(project, cache, selection, processes))
        kept_edits.store([*project.summaries])
    result = Audit(root, project)
    result.problems = [*listing.problems]
    result.problems += [
        summary.problem for summary in project.summaries.values() if summary.problem is not None
    ]
    for summary in project.summaries.values():
        result.problems += summary.failures
    result.problems += project.failures
    result.file_count = len(project.summaries)
    result.line_count = sum(summary.line_count for summary in project.summaries.values())
    result.cached_count = result.file_count - fresh_count
    _sort_out(result, found, selection)
    result.duration_s = time.perf_counter() - started
    return result


@contextmanager
def _rarely_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*before)


# What the rules say.


def _run_rules(
    project: Project, cache: Cache, selection: Selection, processes: int | None
) -> Iterator[Finding]:
    doubtful = {rule.code: rule for rule in rules() if rule.unless is not None}
    for summary in project.summaries.values():
        for finding in summary.findings:
            rule = doubtful.get(finding.code)
            if rule is None:
                yield finding
            else:
                yield from project.guarded(rule, partial(_confirm, project, rule, finding))
    yield from _follow(project, cache, selection, processes)
    for rule in selection.project_rules():
        for finding in project.guarded(rule, partial(_labelled, project, rule, project)):
            if project.role(finding.place.path) not in rule.skips:
                yield finding


def _confirm(project: Project, rule: Rule, finding: Finding) -> Iterator[Finding]:
    if rule.unless is not None and not rule.unless(project, finding):
        yield finding


def _follow(
    project: Project, cache: Cache, selection: Selection, processes: int | None
) -> Iterator[Finding]:
    """Follow querysets through every function; the rules hear what happens there."""
    asked: dict[type, list[Rule]] = {}
    for rule in rules():
        for kind in rule.visits if selection.runs(rule.code) else ():
            asked.setdefault(kind, []).append(rule)
    for path, event in events_of(project, cache, processes=processes):
        role = project.role(event.path)
        for rule in asked.get(type(event), ()):
            if role not in rule.skips:
                check = partial(_labelled, project, rule, project, event)
                yield from project.guarded(rule, check, path)


def _labelled(project: Project, rule: Rule, *subject: object) -> Iterator[Finding]:
    """What the rule finds in *subject*, with its name and the code it is about."""
    for finding in rule.check(*subject):
        place = finding.place
        snippet = snippet_of(project.text(place.path), place.start, place.end)
        yield msgspec.structs.replace(finding, code=rule.code, rule=rule.name, snippet=snippet)


# What of it is told.


def _sort_out(result: Audit, found: Iterable[Finding], selection: Selection) -> None:
    """Divide what was found where it was asked for into told and suppressed, and complete it."""
    used: set[tuple[str, int]] = set()
    covers = result.root.covers
    for finding in found:
        path = finding.place.path
        if not covers(path) or not selection.tells(finding):
            continue
        summary = result.project.summaries.get(path)
        if summary is not None:
            finding = msgspec.structs.replace(
                finding,
                severity=selection.severity(finding, summary.role),
                symbol=summary.symbol_at(finding.place.line),
            )
            silencer = selection.silencer(finding, summary.suppressions)
            if silencer is not None:
                used.add((path, silencer.written))
                result.suppressed.append((finding, silencer))
                continue
        result.findings.append(finding)
    result.findings.sort(key=Finding.order)
    for path, summary in result.project.summaries.items():
        if covers(path):
            result.unused += [
                (path, suppression)
                for suppression in summary.suppressions
                if (path, suppression.written) not in used
            ]
    result.problems = [problem for problem in result.problems if covers(problem.path)]
