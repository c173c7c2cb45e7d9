"""
The phase of an audit that interprets every file and hands the events to the rules.

What happens in a file is kept between runs, with the files that it was found out from: it holds
as long as these, the models and the names of all modules are what they were. After a change in
one view only that view, and what asks for its code, is interpreted again.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.templates.given_names import GivenNames
from praxis.audit.facts.templates.tag_index import TagIndex
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.flow.code.lowering import CODE
from praxis.audit.flow.events import Event, Kept
from praxis.audit.flow.interpreter.interpretation import interpret
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.requests import PREFIX, OnRequest, on_request, places_of
from praxis.audit.flow.merging import Told, merged
from praxis.audit.project import Project
from praxis.audit.registry import bug_of

#: Functions within functions, and expressions within expressions, are followed so deep.
RECURSION_LIMIT = 6000


def events_of(project: Project, cache: Cache) -> Iterator[Told]:
    """Every event with its file; what goes wrong with one file is told and spoils no other."""
    index = project.derive(ModelIndex)
    program = Program(project, index)
    base = _digest_of(project, index)
    contents = _Contents(program, cache, base)
    known = cache.load("flow")
    fresh: Entries = {}
    encoder, kept = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Kept)
    told: list[Told] = []
    for path, summary in project.summaries.items():
        if CODE.name not in summary.facts:
            continue
        digest = blake2b(base + summary.digest.encode(), digest_size=16).hexdigest()
        entry = known.get(path)
        result = kept.decode(entry[1]) if entry is not None and entry[0] == digest else None
        if result is None or any(
            contents.of(other) != content for other, content in result.used.items()
        ):
            found = _interpret(project, program, path)
            if found is None:
                continue
            events, used = found
            result = Kept(tuple(events), contents.of_all(used - {path}))
            fresh[path] = digest, encoder.encode(result)
        told += [(path, event) for event in result.events]
    cache.store("flow", fresh, known.keys() - project.summaries.keys())
    contents.store()
    yield from merged(told)


class _Contents:
    """What results were found out from, as digests: they hold as long as these are the same."""

    def __init__(self, program: Program, cache: Cache, base: bytes) -> None:
        self._program, self._cache, self._base = program, cache, base
        self._known = cache.load("request")
        self._fresh: Entries = {}
        self._models: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Of a file its own digest, of an attribute of requests what that holds."""
        if name.startswith(PREFIX):
            if name not in self._models:
                self._models[name] = ""  # what hangs on itself
                self._models[name] = self._model(name.removeprefix(PREFIX))
            return self._models[name]
        summary = self._program.project.summaries.get(name)
        return "" if summary is None else summary.digest

    def of_all(self, names: Iterable[str]) -> dict[str, str]:
        """The same for many."""
        return {name: self.of(name) for name in sorted(names)}

    def store(self) -> None:
        """Keep what was found out of requests."""
        self._cache.store("request", self._fresh)

    def _model(self, name: str) -> str:
        places = repr(places_of(self._program, name)).encode("utf-8", "surrogatepass")
        digest = blake2b(self._base + places, digest_size=16).hexdigest()
        kept, entry = self._program.keep("request"), self._known.get(name)
        if entry is not None and entry[0] == digest and name not in kept:
            model, used = msgspec.msgpack.decode(entry[1], type=_KeptModel)
            if all(self.of(other) == content for other, content in used.items()):
                kept[name] = OnRequest(model, frozenset(used))
                return repr(model)
        found = self._found(name)
        self._fresh[name] = digest, msgspec.msgpack.encode((found.model, self.of_all(found.used)))
        return repr(found.model)

    def _found(self, name: str) -> OnRequest:
        try:
            with _deep():
                return on_request(self._program, name)
        except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
            failure = bug_of(f"request.{name} not followed", ".", error)
            self._program.project.failures.append(failure)
            return OnRequest()


#: The model, and the contents of what it was found out from.
_KeptModel = tuple[Key | None, dict[str, str]]


def _digest_of(project: Project, index: ModelIndex) -> bytes:
    """Changes with whatever any file's interpretation may learn from the project as a whole."""
    digest = blake2b(index.digest, digest_size=16)
    for path in project.summaries:
        digest.update(path.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(project.derive(TemplateIndex).digest + project.derive(TagIndex).digest)
    digest.update(project.derive(GivenNames).digest)
    return digest.digest()


def _interpret(
    project: Project, program: Program, path: str
) -> tuple[list[Event], set[str]] | None:
    try:
        with _deep():
            return interpret(path, program)
    except RecursionError:
        return [], set()  # nested deeper than can be followed: nothing is known of it
    except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
        project.failures.append(bug_of("querysets not followed here", path, error))
        return None


@contextmanager
def _deep() -> Iterator[None]:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
