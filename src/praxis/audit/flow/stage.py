"""
The phase of an audit that interprets every file and hands the events to the rules.

What happens in a file is kept between runs, with the files that it was found out from: it holds
as long as these, the models and the names of all modules are what they were. After a change in
one view only that view, and what asks for its code, is interpreted again.
"""

import sys
from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.facts.templates.given_names import GivenNames
from praxis.audit.facts.templates.tag_index import TagIndex
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.flow.events import Event, Kept
from praxis.audit.flow.interpretation import interpret
from praxis.audit.flow.lowering import CODE
from praxis.audit.flow.merging import Told, merged
from praxis.audit.flow.program import Program
from praxis.audit.project import Project
from praxis.audit.registry import bug_of

#: Functions within functions, and expressions within expressions, are followed so deep.
RECURSION_LIMIT = 6000


def events_of(project: Project, cache: Cache) -> Iterator[Told]:
    """Every event with its file; what goes wrong with one file is told and spoils no other."""
    index = project.derive(ModelIndex)
    program = Program(project, index)
    base = _digest_of(project, index)
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
            _content(project, other) != content for other, content in result.used.items()
        ):
            found = _interpret(project, program, path)
            if found is None:
                continue
            events, used = found
            contents = {other: _content(project, other) for other in sorted(used - {path})}
            result = Kept(tuple(events), contents)
            fresh[path] = digest, encoder.encode(result)
        told += [(path, event) for event in result.events]
    cache.store("flow", fresh, known.keys() - project.summaries.keys())
    yield from merged(told)


def _content(project: Project, path: str) -> str:
    summary = project.summaries.get(path)
    return "" if summary is None else summary.digest


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
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        return interpret(path, program)
    except RecursionError:
        return [], set()  # nested deeper than can be followed: nothing is known of it
    except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
        project.failures.append(bug_of("querysets not followed here", path, error))
        return None
    finally:
        sys.setrecursionlimit(limit)
