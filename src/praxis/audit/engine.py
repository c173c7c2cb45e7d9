"""
Audit a project: list, scan in parallel or take from the cache, merge, run the rules, report.

The phases: every file is summed up by itself (in worker processes, cached by content), the
summaries are merged into a `Project`, the flow of querysets through each function is followed,
and last come the rules that look at the project as a whole.
"""

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.config import Config
from praxis.audit.facts.sources import Root, Source, list_sources, read_bytes, under
from praxis.audit.findings import Finding, Problem
from praxis.audit.flow.stage import events_of
from praxis.audit.project import Project
from praxis.audit.registry import Rule, rules
from praxis.audit.scan import digest_of, scan_batch, snippet_of, summarise
from praxis.audit.selection import Selection
from praxis.audit.summary import Summary
from praxis.audit.suppression import Suppression
from praxis.errors import ProjectError

#: Starting worker processes costs about 0.15 s, the time in which one reads 150 files.
FILES_WORTH_A_POOL = 200
_BATCH = 25

Progress = Callable[[int, int], None]


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
        root: See `praxis.audit.facts.sources.find_root`.
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
    cache = Cache.open(root.folder) if use_cache else Cache(None)
    with closing(cache):
        encoded, fresh = _summaries(
            root.folder, listing.sources, cache, processes, progress, overlay
        )
        decoder = msgspec.msgpack.Decoder(Summary)
        summaries = {path: decoder.decode(value) for path, value in encoded.items()}
        project = Project(root, summaries, overlay)
        found = list(_run_rules(project, cache, Selection(config)))
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
    result.cached_count = result.file_count - fresh
    _settle(result, found, Selection(config))
    result.duration_s = time.perf_counter() - started
    return result


# Phase one: every file by itself.


def _summaries(
    folder: Path,
    sources: list[Source],
    cache: Cache,
    processes: int | None,
    progress: Progress | None,
    overlay: Mapping[str, bytes],
) -> tuple[dict[str, bytes], int]:
    """The encoded summary of every source, and how many were made anew."""
    known = cache.load("summary")
    encoded: dict[str, bytes] = {}
    missing: list[Source] = []
    for source in sources:
        if source.path in overlay:  # not for the cache: the disk holds something else
            summary = summarise(source, overlay[source.path])
            encoded[source.path] = msgspec.msgpack.encode(summary)
            continue
        entry = known.get(source.path)
        if entry is not None:
            data = read_bytes(folder, source.path)
            if isinstance(data, bytes) and digest_of(data) == entry[0]:
                encoded[source.path] = entry[1]
                continue
        missing.append(source)
    fresh: Entries = {}
    head = msgspec.msgpack.Decoder(Summary)
    done = len(encoded)
    for batch, values in _scan(folder, missing, processes):
        for source, value in zip(batch, values, strict=True):
            encoded[source.path] = value
            digest = head.decode(value).digest
            if digest:
                fresh[source.path] = (digest, value)
        done += len(batch)
        if progress is not None:
            progress(done, len(sources))
    cache.store("summary", fresh, known.keys() - {source.path for source in sources})
    return {source.path: encoded[source.path] for source in sources}, len(missing)


def _scan(
    folder: Path, sources: list[Source], processes: int | None
) -> Iterator[tuple[list[Source], list[bytes]]]:
    batches = [sources[start : start + _BATCH] for start in range(0, len(sources), _BATCH)]
    workers = min(processes or os.cpu_count() or 1, len(batches))
    if workers < 2 or len(sources) < FILES_WORTH_A_POOL:
        for batch in batches:
            yield batch, scan_batch(folder, batch)
        return
    waiting = deque(batches)
    while waiting:
        with _pool(workers) as pool:
            try:
                with _interrupts_held():
                    pending = [pool.submit(scan_batch, folder, batch) for batch in waiting]
                for future in pending:
                    yield waiting[0], future.result()
                    waiting.popleft()
            except BrokenProcessPool:
                pass
        if waiting:  # a worker died, over this batch or one of the next: this one goes alone
            batch = waiting.popleft()
            yield batch, _scan_alone(folder, batch)


def _scan_alone(folder: Path, batch: list[Source]) -> list[bytes]:
    """Scan in a process of its own; a batch that kills it is halved down to the guilty file."""
    with _pool(1) as pool:
        try:
            with _interrupts_held():
                alone = pool.submit(scan_batch, folder, batch)
            return alone.result()
        except BrokenProcessPool:
            pass
    if len(batch) == 1:
        source = batch[0]
        problem = Problem.at_file(source.path, "not read: the parser crashed on it")
        dead = Summary(source.path, source.kind, source.role, "", 0, problem)
        return [msgspec.msgpack.encode(dead)]
    middle = len(batch) // 2
    return _scan_alone(folder, batch[:middle]) + _scan_alone(folder, batch[middle:])


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool that drops what it has not begun when its owner is interrupted."""
    pool = ProcessPoolExecutor(workers, _context(), initializer=_leave_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """
    Let Ctrl-C wait while processes start.

    Python drops an exception that is raised in the middle of a fork, and a worker that has not
    come to its initializer would print a traceback of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal: the parent alone answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _context() -> multiprocessing.context.BaseContext:
    # fork shares what is imported already; it is safe here since no thread has been started
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else "spawn")


# Phase two: the project.


def _run_rules(project: Project, cache: Cache, selection: Selection) -> Iterator[Finding]:
    doubtful = {rule.code: rule for rule in rules() if rule.unless is not None}
    for summary in project.summaries.values():
        for finding in summary.findings:
            rule = doubtful.get(finding.code)
            if rule is None:
                yield finding
            else:
                yield from project.guarded(rule, partial(_confirm, project, rule, finding))
    yield from _follow(project, cache)
    for rule in selection.project_rules():
        for finding in project.guarded(rule, partial(rule.check, project)):
            if project.role(finding.place.path) not in rule.skips:
                yield _labelled(project, finding, rule.code, rule.name)


def _confirm(project: Project, rule: Rule, finding: Finding) -> Iterator[Finding]:
    if rule.unless is not None and not rule.unless(project, finding):
        yield finding


def _follow(project: Project, cache: Cache) -> Iterator[Finding]:
    """Follow querysets through every function; the rules hear what happens there."""
    asked: dict[type, list[Rule]] = {}
    for rule in rules():
        for kind in rule.visits:
            asked.setdefault(kind, []).append(rule)
    for path, events in events_of(project, cache):
        for event in events:
            for rule in asked.get(type(event), ()):
                if project.role(path) in rule.skips:
                    continue
                check = partial(rule.check, project, event)
                for finding in project.guarded(rule, check, path):
                    yield _labelled(project, finding, rule.code, rule.name)


def _labelled(project: Project, finding: Finding, code: str, name: str) -> Finding:
    place = finding.place
    snippet = snippet_of(project.text(place.path), place.start, place.end)
    return msgspec.structs.replace(finding, code=code, rule=name, snippet=snippet)


# Phase three: what of it is told.


def _settle(result: Audit, found: Iterable[Finding], selection: Selection) -> None:
    """Sort the findings into told and suppressed, with severity and symbol."""
    used: set[tuple[str, int]] = set()
    within = result.root.within
    for finding in found:
        path = finding.place.path
        if not under(path, within) or not selection.tells(finding):
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
        if under(path, within):
            result.unused += [
                (path, suppression)
                for suppression in summary.suppressions
                if (path, suppression.written) not in used
            ]
    result.problems = [problem for problem in result.problems if under(problem.path, within)]
