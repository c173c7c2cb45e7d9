"""
Files interpreted in shares, each with a program of its own, in processes where that pays.

What interpretation remembers of other files grows with them. So it is forgotten after some hundred
files, and a large project takes no more memory for it than one of these.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b

import msgspec

from praxis.audit.cache import Entries
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.findings import Problem
from praxis.audit.flow.events import Event, Kept
from praxis.audit.flow.interpreter.interpretation import interpret
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.requests import PREFIX, OnRequest, on_request, places_of
from praxis.audit.flow.interpreter.watched_models import content_of
from praxis.audit.processes import (
    WorkerDiedError,
    can_share,
    interrupts_held,
    pool,
    worker_count,
)
from praxis.audit.registry import bug_of

#: Functions within functions, and expressions within expressions, are followed so deep.
RECURSION_LIMIT = 6000
#: At most so many files in a share.
_SHARE = 800
#: Fewer files are interpreted in this process: what many of them ask for, each would work out.
FILES_WORTH_PROCESSES = 500


class Share(msgspec.Struct, array_like=True):
    """
    What became of a share.

    Attributes:
        kept: By path: what happens in the file, encoded; not for those that failed.
        requests: What was found out of requests besides, to be kept as well.
        failures: What went wrong.
    """

    kept: dict[str, bytes]
    requests: Entries
    failures: tuple[Problem, ...] = ()


class Contents:
    """What results were found out from, as digests: they hold as long as these are the same."""

    def __init__(self, program: Program, base: bytes, known: Entries) -> None:
        self.program, self._base, self._known = program, base, known
        #: What was found out of requests anew, to be kept, and what went wrong.
        self.fresh: Entries = {}
        self.failures: list[Problem] = []
        self._models: dict[str, str] = {}
        self._index = program.project.derive(ModelIndex)
        self._of_models: dict[str, str] = {}

    def anew(self) -> "Contents":
        """The same with a program that knows nothing yet."""
        program = Program(self.program.project, self._index)
        return Contents(program, self._base, self._known)

    def of(self, name: str) -> str:
        """Of a file or model its own digest, of an attribute of requests what that holds."""
        if name.startswith(PREFIX):
            if name not in self._models:
                self._models[name] = ""  # what hangs on itself
                self._models[name] = self._model(name.removeprefix(PREFIX))
            return self._models[name]
        summary = self.program.project.summaries.get(name)
        if summary is not None:
            return summary.digest
        if name not in self._of_models:
            self._of_models[name] = content_of(self._index, name) or ""
        return self._of_models[name]

    def of_all(self, names: Iterable[str]) -> str:
        """The same for many, as one digest."""
        contents = "".join([f"{self.of(name)}\0" for name in names])
        return blake2b(contents.encode(), digest_size=16).hexdigest()

    def _model(self, name: str) -> str:
        places = repr(places_of(self.program, name)).encode("utf-8", "surrogatepass")
        digest = blake2b(self._base + places, digest_size=16).hexdigest()
        kept, entry = self.program.keep("request"), self._known.get(name)
        if entry is not None and entry[0] == digest and name not in kept:
            model, used, content = msgspec.msgpack.decode(entry[1], type=_KeptModel)
            if self.of_all(used) == content:
                kept[name] = OnRequest(model, frozenset(used))
                return repr(model)
        found = self._found(name)
        used = tuple(sorted(found.used))
        self.fresh[name] = digest, msgspec.msgpack.encode((found.model, used, self.of_all(used)))
        return repr(found.model)

    def _found(self, name: str) -> OnRequest:
        try:
            with _deep():
                return on_request(self.program, name)
        except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
            self.failures.append(bug_of(f"request.{name} not followed", ".", error))
            return OnRequest()


#: The model, and what it was found out from, with the digest of all that.
_KeptModel = tuple[Key | None, tuple[str, ...], str]


def interpret_all(
    contents: Contents, paths: Sequence[str], *, processes: int | None
) -> Iterator[Share]:
    """Every file of *paths*, share by share, in up to so many *processes*."""
    workers = 1
    if len(paths) >= FILES_WORTH_PROCESSES and can_share():
        workers = worker_count(processes, len(paths))
    shares = _shares(paths, workers)
    if workers > 1:
        yield from _in_processes(contents, shares, workers)
        return
    for share in shares:
        # a single one goes on with what was found out while kept results were looked through
        yield _interpret_share(contents if len(shares) == 1 else contents.anew(), share)


def _in_processes(
    contents: Contents, shares: Sequence[Sequence[str]], workers: int
) -> Iterator[Share]:
    done = 0
    try:
        with _shared(contents), pool(workers) as executor:
            with interrupts_held():
                pending = [executor.submit(_work, share) for share in shares]
            for future in pending:
                yield msgspec.msgpack.decode(future.result(), type=Share)
                done += 1
    except WorkerDiedError:  # one was killed, most likely for its memory: go on alone
        for share in shares[done:]:
            yield _interpret_share(contents.anew(), share)


def _shares(paths: Sequence[str], workers: int) -> list[Sequence[str]]:
    """The paths in parts of about one size, as many as keep all workers busy."""
    count = -(-len(paths) // (_SHARE * workers)) * workers
    size = -(-len(paths) // max(count, 1))
    return [paths[start : start + size] for start in range(0, len(paths), max(size, 1))]


#: What worker processes begin with: they are forked while it is set.
_inherited: list[Contents] = []


@contextmanager
def _shared(contents: Contents) -> Iterator[None]:
    _inherited.append(contents)
    try:
        yield
    finally:
        _inherited.clear()


def _work(paths: Sequence[str]) -> bytes:
    return msgspec.msgpack.encode(_interpret_share(_inherited[0].anew(), paths))


def _interpret_share(contents: Contents, paths: Sequence[str]) -> Share:
    encoder = msgspec.msgpack.Encoder()
    failures: list[Problem] = []
    kept: dict[str, bytes] = {}
    for path in paths:
        found = _interpret(contents.program, path, failures)
        if found is not None:
            events, used = found
            others = tuple(sorted(used - {path}))
            kept[path] = encoder.encode(Kept(tuple(events), others, contents.of_all(others)))
    contents.program.forget()
    return Share(kept, contents.fresh, (*failures, *contents.failures))


def _interpret(
    program: Program, path: str, failures: list[Problem]
) -> tuple[list[Event], set[str]] | None:
    try:
        with _deep():
            return interpret(path, program)
    except RecursionError:
        return [], set()  # nested deeper than can be followed: nothing is known of it
    except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
        failures.append(bug_of("querysets not followed here", path, error))
        return None


@contextmanager
def _deep() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
