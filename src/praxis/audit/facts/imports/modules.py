"""
Which file a dotted name means.

A module's import root is the first folder above it without an ``__init__.py``; a project may
have several (the root, ``src``, the folder of ``manage.py``). A name is looked up from the
roots that the project shows, nearest to the asking file first.
"""

from collections.abc import Collection, Iterable
from functools import cached_property
from posixpath import commonpath, dirname


class Modules:
    """The Python files of a project by their dotted names."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self._orders: dict[str, tuple[str, ...]] = {}
        self._known_roots: dict[str, str] = {}
        self._holding: dict[tuple[str, str], tuple[str, ...]] = {}
        self._found: dict[tuple[str, str, int], str | None] = {}
        self._resolved: dict[tuple[str, str], tuple[str, str] | None] = {}

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The folders from which absolute imports are looked up; "" is the project's root."""
        return tuple(sorted({*self._starts, *map(self.root_of, self.paths)}))

    def root_of(self, path: str) -> str:
        """The import root of the file at *path*."""
        folder = path.rpartition("/")[0]
        passed: list[str] = []
        while folder not in self._known_roots:
            passed.append(folder)
            if not folder or f"{folder}/__init__.py" not in self.paths:
                self._known_roots[folder] = folder
            else:
                folder = folder.rpartition("/")[0]
        root = self._known_roots[folder]
        self._known_roots.update(dict.fromkeys(passed, root))
        return root

    def name_of(self, path: str) -> str:
        """The dotted name of the file at *path*, from its own import root."""
        root = self.root_of(path)
        relative = path[len(root) + 1 :] if root else path
        name = relative.removesuffix(".py").replace("/", ".")
        return name.removesuffix(".__init__") if name != "__init__" else ""

    def find(self, name: str, asking: str, level: int = 0) -> str | None:
        """
        The path of module *name* as imported in the file *asking*; None if not of this project.

        *level* counts the leading dots of a relative import.
        """
        key = (name, asking.rpartition("/")[0], level)
        if key not in self._found:
            self._found[key] = self._find(name, asking, level)
        return self._found[key]

    def _find(self, name: str, asking: str, level: int) -> str | None:
        below = name.replace(".", "/")
        if level:
            folder = dirname(asking)
            for _ in range(level - 1):
                folder = dirname(folder)
            return self._at(f"{folder}/{below}".strip("/") if below else folder)
        for root in self._roots_with(name.partition(".")[0], asking):
            stem = f"{root}/{below}" if root else below
            found = self._at(stem)
            if found is not None and (
                root in self._import_path(asking) or self._packaged(stem, root)
            ):
                return found
        return None

    def resolve(self, dotted: str, asking: str) -> tuple[str, str] | None:
        """
        Split a dotted name into the path of a module and the rest that is looked up in it.

        ``"shop.models.Order.objects"`` is ``("shop/models.py", "Order.objects")``. Leading dots
        make it relative to the file *asking*.
        """
        key = (dotted, asking.rpartition("/")[0])
        if key not in self._resolved:
            self._resolved[key] = self._resolve(dotted, asking)
        return self._resolved[key]

    def _resolve(self, dotted: str, asking: str) -> tuple[str, str] | None:
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        parts = name.split(".")
        for cut in range(len(parts), -1 if level else 0, -1):
            path = self.find(".".join(parts[:cut]), asking, level)
            if path is not None:
                return path, ".".join(parts[cut:])
        return None

    def _at(self, stem: str) -> str | None:
        for path in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if path in self.paths:
                return path
        return None

    def _import_path(self, asking: str) -> tuple[str, ...]:
        """Roots from which even a lone file can be imported: where the project is started."""
        return (*self._starts, self.root_of(asking))

    @cached_property
    def _starts(self) -> tuple[str, ...]:
        commands = (dirname(path) for path in self.paths if path.endswith("manage.py"))
        return ("", "src", *commands)

    def _packaged(self, stem: str, root: str) -> bool:
        """Whether the name begins with a package: lone files of another tree are its scripts."""
        first = stem[len(root) :].lstrip("/").partition("/")[0]
        return f"{root}/{first}/__init__.py".lstrip("/") in self.paths

    def _roots_with(self, first: str, asking: str) -> tuple[str, ...]:
        """The roots that hold something of this name, in the order in which they are asked."""
        own = self.root_of(asking)
        key = own, first
        if key not in self._holding:
            holding: Collection[str] = self._roots_by_name.get(first, ())
            self._holding[key] = tuple([one for one in self._roots_for(asking) if one in holding])
        return self._holding[key]

    @cached_property
    def _roots_by_name(self) -> dict[str, set[str]]:
        """By the first part of a dotted name: the roots that it may be found in."""
        roots, found = frozenset(self.roots), dict[str, set[str]]()
        for path in self.paths:
            below = path.removesuffix(".py")
            folder = ""
            for part in below.split("/"):
                if folder in roots:
                    found.setdefault(part, set()).add(folder)
                folder = f"{folder}/{part}" if folder else part
        return found

    def _roots_for(self, asking: str) -> tuple[str, ...]:
        own = self.root_of(asking)
        if own not in self._orders:
            others = (root for root in self.roots if root != own)
            self._orders[own] = (own, *sorted(others, key=lambda root: -_shared(root, own)))
        return self._orders[own]


def _shared(root: str, own: str) -> int:
    return len(commonpath([root, own])) if root and own else 0
