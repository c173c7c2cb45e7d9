"""
The phase of an audit that interprets every file and hands the events to the rules.

What happens in a file is kept between runs, with the files that it was found out from: it holds
as long as these, the models that it looks at and the names of all modules are what they were.
After a change in one view only that view, and what asks for its code, is interpreted again.
"""

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from praxis.audit.cache import Cache
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.templates.given_names import GivenNames
from praxis.audit.facts.templates.tag_index import TagIndex
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.facts.unused_code import UnusedCode
from praxis.audit.flow.code.lowering import CODE
from praxis.audit.flow.events import Event, Kept
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.watched_models import common_digest
from praxis.audit.flow.merging import Told, merged
from praxis.audit.flow.shares import Contents, interpret_all
from praxis.audit.project import Project


def events_of(project: Project, cache: Cache, *, processes: int | None = None) -> Iterator[Told]:
    """Every event with its file; what goes wrong with one file is told and spoils no other."""
    index = project.derive(ModelIndex)
    base = _digest_of(project, index)
    contents = Contents(Program(project, index), base, cache.load("request"))
    known = cache.load("flow")
    decoder = msgspec.msgpack.Decoder(Kept)
    results: dict[str, Kept] = {}
    missing: dict[str, str] = {}
    for path, summary in project.summaries.items():
        if CODE.name not in summary.facts:
            continue
        digest = blake2b(base + summary.digest.encode(), digest_size=16).hexdigest()
        entry = known.get(path)
        result = decoder.decode(entry[1]) if entry is not None and entry[0] == digest else None
        if result is None or contents.of_all(result.used) != result.content:
            missing[path] = digest
        else:
            results[path] = result
    requests = dict(contents.fresh)
    for share in interpret_all(contents, list(missing), processes=processes):
        fresh = {path: (missing[path], value) for path, value in share.kept.items()}
        cache.store("flow", fresh)  # share by share: all of them take as much memory again
        results |= {path: decoder.decode(value) for path, value in share.kept.items()}
        requests |= share.requests
        project.failures += [one for one in share.failures if one not in project.failures]
    cache.store("flow", {}, known.keys() - project.summaries.keys())
    cache.store("request", requests)
    unused = project.derive(UnusedCode)
    yield from merged(
        [
            (path, event)
            for path in project.summaries
            for event in _events(results.get(path))
            if not _is_unused(unused, event)
        ]
    )


def _is_unused(unused: UnusedCode, event: Event) -> bool:
    """Whether it happens in code that nothing runs."""
    span = getattr(event, "loop", None) or getattr(event, "span", None)
    return span is not None and unused.has(event.path, span[0])


def _events(result: Kept | None) -> tuple[Event, ...]:
    return () if result is None else result.events


def _digest_of(project: Project, index: ModelIndex) -> bytes:
    """Changes with whatever any file's interpretation may learn from the project as a whole."""
    digest = blake2b(common_digest(index), digest_size=16)
    for path in project.summaries:
        digest.update(path.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(project.derive(TemplateIndex).digest + project.derive(TagIndex).digest)
    digest.update(project.derive(GivenNames).digest)
    return digest.digest()
