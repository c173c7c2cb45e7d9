"""Names that attributes of models may get from elsewhere than the bodies of their classes."""

import re

from msgspec import Struct

from praxis.audit.facts.imports.class_names import ClassNames
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.project import Project
from praxis.audit.summary import Fact

#: A search for each, with a literal that its matches hold: one for all would try every letter.
_NAMES = (
    ("related_", re.compile(r"related_(?:query_)?name[\"']?\s*[=:]\s*[\"'](\w+)")),
    ("FilteredRelation", re.compile(r"\b(\w+)\s*=\s*(?:\w+\.)?FilteredRelation\(")),
    ("to_attr", re.compile(r"to_attr\s*=\s*[\"'](\w+)")),
    ("_to_class", re.compile(r"_to_class\(\s*(?:[\w.]+,\s*)?[\"'](\w+)")),
    ("setattr", re.compile(r"setattr\(\s*[\w.]+,\s*[\"'](\w+)")),
)
#: ``Book.label = …``; from the dot, since a pattern that begins with a line tries all of them.
_SET = re.compile(r"\.(\w+) *= ")
_CLASS = re.compile(r"[ \t]*(?:\w+\.)*[A-Z]\w*")


class AttachedNames(Struct, frozen=True, array_like=True):
    """
    The names of a file.

    They are ends of relations by their ``related_name``, what ``Prefetch`` puts rows into, what
    ``FilteredRelation`` makes, and what is set on classes.
    """

    names: tuple[str, ...]


def extract(file: File) -> AttachedNames | None:
    """By a search in the text: to know too many names only makes rules say less."""
    text = file.text
    found = {name for sign, names in _NAMES if sign in text for name in names.findall(text)}
    for match in _SET.finditer(text):
        start = match.start()
        if _CLASS.fullmatch(text, text.rfind("\n", 0, start) + 1, start):
            found.add(match[1])
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
