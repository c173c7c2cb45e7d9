"""What the names of classes mean across files: imports, re-exports, star imports, bases."""

from typing import Final

from praxis.audit.facts.models import known_models as known
from praxis.audit.facts.models.classes import MODELS, ClassFact
from praxis.audit.project import Project

#: The file (or the dotted module, for classes outside of this project) and the class.
Key = tuple[str, str]

#: Stands for a base that is not known.
UNKNOWN_BASE: Final = "?"

_MAX_HOPS = 8
_NO_FILES: frozenset[str] = frozenset()


class ClassNames:
    """Resolves dotted names to classes, and classes to their ancestors."""

    def __init__(self, project: Project) -> None:
        self._modules = project.modules
        self.facts = project.facts(MODELS)
        self.classes: dict[Key, ClassFact] = {
            (path, found.name): found for path, fact in self.facts.items() for found in fact.classes
        }
        for label, classes in known.DJANGO_MODELS.items():
            for found in classes:
                self.classes.setdefault((known.DJANGO_MODULES[label], found.name), found)
        self._targets: dict[tuple[str, str], Key | str | None] = {}
        self._lines: dict[Key, tuple[Key | str, ...]] = {}
        #: The files that meanings were found through, and those of the one that is sought.
        self._ways: dict[tuple[str, str], frozenset[str]] = {}
        self._passed: set[str] = set()

    def resolve(self, dotted: str, asking: str) -> Key | str | None:
        """
        What a dotted name means in the file *asking*.

        The key of a known class, the dotted name of something outside of the project, or None
        for what is neither.
        """
        place = (asking, dotted)
        if place not in self._targets:
            self._passed = set()
            self._targets[place] = self._resolve(dotted, asking, _MAX_HOPS)
            self._passed.discard(asking)
            if self._passed:
                self._ways[place] = frozenset(self._passed)
        return self._targets[place]

    def way(self, dotted: str, asking: str) -> frozenset[str]:
        """
        The other files by whose imports a name means in *asking* what `resolve` says.

        Without the one that defines a class.
        """
        self.resolve(dotted, asking)
        return self._ways.get((asking, dotted), _NO_FILES)

    def _resolve(self, dotted: str, asking: str, hops: int) -> Key | str | None:
        if not dotted or not hops:
            return None
        if "." not in dotted:
            return self._look_up(asking, dotted, hops)
        module, _, name = dotted.rpartition(".")
        if (module, name) in self.classes:
            return module, name
        if dotted.startswith("django."):
            return dotted
        found = self._modules.resolve(dotted, asking)
        if found is None or (found[0] == asking and not dotted.startswith(".")):
            head = dotted.partition(".")[0]
            return dotted if head and (asking, head) not in self.classes else None
        path, rest = found
        return self._look_up(path, rest, hops) if rest and "." not in rest else None

    def _look_up(self, path: str, name: str, hops: int) -> Key | str | None:
        """What the top-level *name* of the file at *path* means."""
        if (path, name) in self.classes:
            return path, name
        self._passed.add(path)
        fact = self.facts.get(path)
        if fact is None:
            return None
        imported = fact.names.get(name)
        if imported is not None:
            return self._resolve(imported, path, hops - 1) if imported != name else None
        for star in fact.stars:
            bare = star.lstrip(".")
            target = self._modules.find(bare, path, len(star) - len(bare))
            if target is not None and target != path and hops > 1:
                found = self._look_up(target, name, hops - 1)
                if found is not None:
                    return found
        return None

    def line(self, key: Key) -> tuple[Key | str, ...]:
        """The class and its ancestors, nearest first; those outside by their dotted names."""
        if key not in self._lines:
            self._lines[key] = (key,)  # a class that extends itself ends here
            ancestors: list[Key | str] = []
            for base in self.classes[key].bases:
                found = self.resolve(base, key[0])
                if found is None:
                    found = UNKNOWN_BASE
                ancestors += self.line(found) if isinstance(found, tuple) else (found,)
            unique = dict.fromkeys(reversed(ancestors))
            self._lines[key] = (key, *reversed(unique))
        return self._lines[key]

    def outside(self, key: Key) -> frozenset[str]:
        """The last parts of the names of the ancestors that are not of this project."""
        return frozenset(
            base.rpartition(".")[2] for base in self.line(key) if isinstance(base, str)
        )
