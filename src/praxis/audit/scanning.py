"""
Summing up every file of a project: from the cache where it is unchanged, else in processes.

A file that kills the process which reads it costs itself alone.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.facts.sources import Source, digest_of, read_bytes
from praxis.audit.findings import Problem
from praxis.audit.processes import WorkerDiedError, interrupts_held, pool, worker_count
from praxis.audit.scan import scan_batch, summarise
from praxis.audit.summary import Summary

#: Worker processes cost about 0.2 s of CPU: as much as reading 200 files.
FILES_WORTH_A_POOL = 600
_BATCH = 25

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
    workers = worker_count(processes, len(batches))
    if workers < 2 or len(sources) < FILES_WORTH_A_POOL:
        for batch in batches:
            yield scan_batch(folder, batch)
        return
    waiting = deque(batches)
    while waiting:
        try:
            with pool(workers) as executor:
                with interrupts_held():
                    pending = [executor.submit(scan_batch, folder, batch) for batch in waiting]
                for future in pending:
                    yield future.result()
                    waiting.popleft()
        except WorkerDiedError:
            pass
        if waiting:  # a worker died, over this batch or one of the next: this one goes alone
            batch = waiting.popleft()
            yield _scan_alone(folder, batch)


def _scan_alone(folder: Path, batch: list[Source]) -> list[bytes]:
    """Scan in a process of its own; a batch that kills it is halved down to the guilty file."""
    try:
        with pool(1) as executor:
            with interrupts_held():
                alone = executor.submit(scan_batch, folder, batch)
            return alone.result()
    except WorkerDiedError:
        pass
    if len(batch) == 1:
        source = batch[0]
        problem = Problem.at_file(source.path, "not read: the parser crashed on it")
        dead = Summary(source.path, source.kind, source.role, "", 0, problem)
        return [msgspec.msgpack.encode(dead)]
    middle = len(batch) // 2
    return _scan_alone(folder, batch[:middle]) + _scan_alone(folder, batch[middle:])
