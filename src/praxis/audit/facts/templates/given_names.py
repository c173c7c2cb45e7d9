"""
The names that templates hand to those that they include: ``{% include "row.html" with open=1 %}``.

Where another one includes ``row.html`` without ``open``, it is nothing there.
"""

import re
from functools import cached_property
from hashlib import blake2b

from msgspec import Struct

from praxis.audit.facts.sources import Kind
from praxis.audit.facts.templates.template_index import TemplateIndex
from praxis.audit.project import Project
from praxis.audit.summary import Fact
from praxis.audit.template import Template

_INCLUDE = re.compile(r"\{%-?\s*include\s+([\"'])(?P<name>[^\"'%]+)\1\s+with\s(?P<given>[^%]*)%\}")
_GIVEN = re.compile(r"(?:^|\s)(\w+)=")


class Includes(Struct, frozen=True, array_like=True):
    """Each template that is included with names of its own, by its name, with these."""

    given: tuple[tuple[str, tuple[str, ...]], ...]


def extract(template: Template) -> Includes | None:
    """What the template hands over; None for the many that hand over nothing."""
    if " with " not in template.text:
        return None
    found = [
        (match["name"], tuple(_GIVEN.findall(match["given"])))
        for match in _INCLUDE.finditer(template.text)
    ]
    return Includes(tuple(dict.fromkeys(found))) if found else None


INCLUDES = Fact("template_includes", Includes, extract, kind=Kind.TEMPLATE)


class GivenNames:
    """By the path of a template: every name that some other one hands to it."""

    def __init__(self, project: Project) -> None:
        index = project.derive(TemplateIndex)
        names: dict[str, set[str]] = {}
        for path, fact in project.facts(INCLUDES).items():
            for name, given in fact.given:
                target = index.resolve(name, path)
                if target is not None:
                    names.setdefault(target, set()).update(given)
        self.by_path = {path: frozenset(given) for path, given in sorted(names.items())}

    @cached_property
    def digest(self) -> bytes:
        """What tells these names from others."""
        lines = [f"{path}\0{sorted(given)}" for path, given in self.by_path.items()]
        return blake2b("\n".join(lines).encode("utf-8", "surrogatepass"), digest_size=16).digest()
