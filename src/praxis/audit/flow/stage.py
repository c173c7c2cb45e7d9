"""
The phase of an audit that interprets every file and hands the events to the rules.

A file is decoded, interpreted and dropped. Its events are kept between runs under the digest of
the file and of the model index: after a change in one view only that view is interpreted again.
"""

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from praxis.audit.cache import Cache, Entries
from praxis.audit.facts.model_index import ModelIndex
from praxis.audit.flow import ir
from praxis.audit.flow.events import Event, Events
from praxis.audit.flow.interpretation import interpret
from praxis.audit.flow.lowering import CODE
from praxis.audit.project import Project
from praxis.audit.registry import bug_of


def events_of(project: Project, cache: Cache) -> Iterator[tuple[str, tuple[Event, ...]]]:
    """The events of each file; what goes wrong with one is told and spoils no other."""
    index = project.derive(ModelIndex)
    known = cache.load("flow")
    fresh: Entries = {}
    decoder, encoder = msgspec.msgpack.Decoder(ir.Code), msgspec.msgpack.Encoder()
    kept = msgspec.msgpack.Decoder(Events)
    for path, summary in project.summaries.items():
        code = summary.facts.get(CODE.name)
        if code is None:
            continue
        digest = blake2b(index.digest + summary.digest.encode(), digest_size=16).hexdigest()
        entry = known.get(path)
        if entry is not None and entry[0] == digest:
            events = kept.decode(entry[1]).events
        else:
            found = _interpret(project, index, path, decoder.decode(code))
            if found is None:
                continue
            events = tuple(found)
            fresh[path] = digest, encoder.encode(Events(events))
        if events:
            yield path, events
    cache.store("flow", fresh, known.keys() - project.summaries.keys())


def _interpret(project: Project, index: ModelIndex, path: str, code: ir.Code) -> list[Event] | None:
    try:
        return interpret(path, code, index)
    except RecursionError:
        return []  # nested deeper than can be followed: nothing is known of it
    except Exception as error:  # noqa: BLE001 - whatever interpretation raises is its bug
        project.failures.append(bug_of("querysets not followed here", path, error))
        return None
