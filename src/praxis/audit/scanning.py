"""
Summing up every file of a project: from the cache where it is unchanged, else in processes.

A file that kills the process which reads it costs itself alone.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.facts.sources import Source, digest_of, read_bytes
from praxis.audit.findings import Problem
from praxis.audit.scan import scan_batch, summarise
from praxis.audit.summary import Summary

#: Worker processes cost about 0.2 s of CPU: as much as reading 200 files.
FILES_WORTH_A_POOL = 600
_BATCH = 25
_MAX_PROCESSES = 61  # Windows waits for no more at once

#: Called with the number of files that are done, and of all.
Progress = Callable[[int, int], None]


def summarise_all(
    folder: Path,
    sources: list[Source],
    cache: Cache,
    *,
    processes: int | None,
    progress: Progress | None,
    overlay: Mapping[str, bytes],
) -> tuple[dict[str, Summary], int]:
    """The summary of every source by path, in their order, and how many were made anew."""
    known = cache.load("summary")
    decoder = msgspec.msgpack.Decoder(Summary)
    found: dict[str, Summary] = {}
    missing: list[Source] = []
    for source in sources:
        if source.path in overlay:  # not for the cache: the disk holds something else
            found[source.path] = summarise(source, overlay[source.path])
            continue
        entry = known.get(source.path)
        data = read_bytes(folder, source.path) if entry is not None else None
        if entry is not None and isinstance(data, bytes) and digest_of(data) == entry[0]:
            found[source.path] = decoder.decode(entry[1])
        else:
            missing.append(source)
    fresh: Entries = {}
    done = len(found)
    for values in _scan(folder, missing, processes):
        for value in values:
            summary = decoder.decode(value)
            found[summary.path] = summary
            if summary.digest:
                fresh[summary.path] = (summary.digest, value)
        done += len(values)
        if progress is not None:
            progress(done, len(sources))
    cache.store("summary", fresh, known.keys() - {source.path for source in sources})
    return {source.path: found[source.path] for source in sources}, len(missing)


def _scan(folder: Path, sources: list[Source], processes: int | None) -> Iterator[list[bytes]]:
    batches = [sources[start : start + _BATCH] for start in range(0, len(sources), _BATCH)]
    workers = min(processes or os.cpu_count() or 1, len(batches), _MAX_PROCESSES)
    if workers < 2 or len(sources) < FILES_WORTH_A_POOL:
        for batch in batches:
            yield scan_batch(folder, batch)
        return
    waiting = deque(batches)
    while waiting:
        with _pool(workers) as pool:
            try:
                with _interrupts_held():
                    pending = [pool.submit(scan_batch, folder, batch) for batch in waiting]
                for future in pending:
                    yield future.result()
                    waiting.popleft()
            except BrokenProcessPool:
                pass
        if waiting:  # a worker died, over this batch or one of the next: this one goes alone
            batch = waiting.popleft()
            yield _scan_alone(folder, batch)


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
    pool = ProcessPoolExecutor(workers, _context(), initializer=_follow_parent)
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


def _follow_parent() -> None:
    """Let the parent alone answer Ctrl-C, which reaches all; end when it is gone, however."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _context() -> multiprocessing.context.BaseContext:
    # fork shares what is imported already; it is safe here since no thread has been started
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else "spawn")
