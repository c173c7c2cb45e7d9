"""
What a tag, filter or global of a template runs: the function behind its name.

A library is a module of a folder ``templatetags``, by its name there, or what settings call so.
Those of Django and of other packages are not known.
"""

from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from posixpath import commonpath, dirname

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates.tags import FILTER, GLOBAL, TEMPLATE_TAGS, TEST, TemplateTag
from praxis.audit.project import Project

_TAG_FOLDER = "/templatetags/"


class KnownTag(Struct, frozen=True, array_like=True):
    """
    A tag and where its function is.

    Attributes:
        kind: One of the constants of `praxis.audit.facts.templates.tags`.
        path: The Python file that defines the function; that registers it, where it is another
            package's.
        function: Its name there; empty where it is not of this project or not known.
        template: What an inclusion tag renders.
        takes_context: Whether the first argument is the context.
    """

    name: str
    kind: str
    path: str
    function: str
    template: str
    takes_context: bool


class TagIndex:
    """The tags of a project by the libraries that a template loads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._facts = project.facts(TEMPLATE_TAGS)
        self._libraries: dict[str, list[str]] = {}
        self._builtins: list[str] = []
        #: What environments of Jinja, and its own library, make known to every template.
        self._jinja: list[str] = []
        self._known: dict[str, dict[tuple[str, bool], KnownTag]] = {}
        for path, fact in self._facts.items():
            folder, _, name = f"/{path}".rpartition(_TAG_FOLDER)
            if folder or _TAG_FOLDER in f"/{path}":
                library = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
                self._libraries.setdefault(library, []).append(path)
            for library, dotted in fact.libraries:
                self._libraries.setdefault(library, []).extend(self._module(dotted, path))
            for dotted in fact.builtins:
                self._builtins += self._module(dotted, path)
            if any(tag.jinja for tag in fact.tags):
                self._jinja.append(path)

    @cached_property
    def digest(self) -> bytes:
        """What tells these tags from others."""
        lines = [f"{path}\0{fact}" for path, fact in sorted(self._facts.items())]
        return blake2b("\n".join(lines).encode(), digest_size=16).digest()

    def find_tag(self, name: str, libraries: Iterable[str], asking: str) -> KnownTag | None:
        """What ``{% name … %}`` runs in the Django template *asking*, which loads *libraries*."""
        return self._find((name, False), libraries, asking)

    def find_filter(self, name: str, libraries: Iterable[str], asking: str) -> KnownTag | None:
        """What ``…|name`` runs there."""
        return self._find((name, True), libraries, asking)

    def find_global(self, name: str, asking: str) -> KnownTag | None:
        """What ``name(…)`` runs in the Jinja template *asking*."""
        return self._find_jinja(name, GLOBAL, asking)

    def find_jinja_filter(self, name: str, asking: str) -> KnownTag | None:
        """What ``…|name`` runs there."""
        return self._find_jinja(name, FILTER, asking)

    def _find(
        self, key: tuple[str, bool], libraries: Iterable[str], asking: str
    ) -> KnownTag | None:
        """The last library that has it; of two modules of one name, the nearer one."""
        for library in reversed(tuple(libraries)):
            paths = self._libraries.get(library, ())
            found = [path for path in paths if key in self._tags(path)]
            if found:
                return self._tags(self._nearest(found, asking))[key]
        for path in reversed(self._builtins):
            if key in self._tags(path):
                return self._tags(path)[key]
        return None

    def _find_jinja(self, name: str, kind: str, asking: str) -> KnownTag | None:
        found: dict[str, KnownTag] = {}
        for path in self._jinja:
            for tag in self._facts[path].tags:
                if tag.jinja and tag.name == name and tag.kind == kind:
                    found[path] = self._locate(tag, path)
        return found[self._nearest(list(found), asking)] if found else None

    def _nearest(self, paths: list[str], asking: str) -> str:
        if len(paths) == 1:
            return paths[0]
        tests = {path for path in paths if self._project.role(path) is Role.TEST}
        in_test = self._project.role(asking) is Role.TEST

        def distance(path: str) -> tuple[bool, int, str]:
            folder = dirname(dirname(path))
            shared = len(commonpath([folder, asking])) if folder and asking else 0
            return (path in tests) is not in_test and path in tests, -shared, path

        return min(paths, key=distance)

    def _tags(self, path: str) -> dict[tuple[str, bool], KnownTag]:
        """What the library at *path* makes known to Django's templates, filters told apart."""
        if path not in self._known:
            known = self._known[path] = {}
            fact = self._facts.get(path)
            if fact is not None:
                for dotted in fact.bases:
                    for base in self._module(dotted, path):
                        known.update(self._tags(base))
                for tag in fact.tags:
                    if not tag.jinja and tag.kind not in {GLOBAL, TEST}:
                        known[tag.name, tag.kind == FILTER] = self._locate(tag, path)
        return self._known[path]

    def _locate(self, tag: TemplateTag, path: str) -> KnownTag:
        """A function that is imported is looked for where it is imported from."""
        function = tag.function
        if "." in function:
            resolved = self._project.modules.resolve(function, path)
            path, function = resolved if resolved is not None else (path, "")
        return KnownTag(tag.name, tag.kind, path, function, tag.template, tag.takes_context)

    def _module(self, dotted: str, asking: str) -> list[str]:
        name = dotted.lstrip(".")
        path = self._project.modules.find(name, asking, len(dotted) - len(name))
        return [path] if path is not None else []
