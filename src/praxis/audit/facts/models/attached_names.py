"""Names that attributes of models may get from elsewhere than the bodies of their classes."""

import re

from msgspec import Struct

from praxis.audit.facts.imports.class_names import ClassNames
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.project import Project
from praxis.audit.summary import Fact

_MENTIONS = re.compile(r"related_|FilteredRelation|to_attr|to_class|setattr|[A-Z]\w*\.\w+ *= ")
_NAMES = re.compile(
    r"related_(?:query_)?name[\"']?\s*[=:]\s*[\"'](?P<related>\w+)"
    r"|(?P<filtered>\w+)\s*=\s*(?:\w+\.)?FilteredRelation\("
    r"|to_attr\s*=\s*[\"'](?P<prefetched>\w+)"
    r"|(?:add|contribute)_to_class\(\s*(?:[\w.]+,\s*)?[\"'](?P<added>\w+)"
    r"|setattr\(\s*[\w.]+,\s*[\"'](?P<stored>\w+)"
    r"|^\s*(?:\w+\.)*[A-Z]\w*\.(?P<patched>\w+) *= ",
    re.MULTILINE,
)


class AttachedNames(Struct, frozen=True, array_like=True):
    """
    The names of a file.

    They are ends of relations by their ``related_name``, what ``Prefetch`` puts rows into, what
    ``FilteredRelation`` makes, and what is set on classes.
    """

    names: tuple[str, ...]


def extract(file: File) -> AttachedNames | None:
    """By a search in the text: to know too many names only makes rules say less."""
    if not _MENTIONS.search(file.text):
        return None
    found = {match[match.lastgroup] for match in _NAMES.finditer(file.text) if match.lastgroup}
    return AttachedNames(tuple(sorted(found))) if found else None


ATTACHED_NAMES = Fact("attached_names", AttachedNames, extract, skips=(Role.MIGRATION,))


def merge(project: Project) -> frozenset[str]:
    """
    The names of all files, and those that the other ends of relations have by default.

    A file that could not be read may hold any: see `knows_all`.
    """
    names = {name for fact in project.facts(ATTACHED_NAMES).values() for name in fact.names}
    for _, written in ClassNames(project).classes:
        names |= {written.lower(), f"{written.lower()}_set"}
    return frozenset(names)


def knows_all(project: Project) -> bool:
    """Whether every Python file but tests could be read."""
    return not any(
        summary.problem is not None and path.endswith(".py") and summary.role is not Role.TEST
        for path, summary in project.summaries.items()
    )
