"""
Which file the name of a template means.

Django looks a name up in the folders of `DIRS` first and then in each application's own. Which
those are only the settings know; here every folder called ``templates`` or ``jinja2`` counts,
and one that belongs to no application is taken for one of `DIRS`.
"""

from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from posixpath import basename, commonpath, dirname, join, normpath

from praxis.audit.facts.sources import TEMPLATE_FOLDERS, Kind, Role
from praxis.audit.project import Project

#: What the folder of a site holds, and that of an application does not.
_SITE_FILES = ("wsgi.py", "asgi.py", "manage.py")


class TemplateIndex:
    """The templates of a project by the names that they are loaded by."""

    def __init__(self, project: Project) -> None:
        self._modules = project.modules.paths
        self._tests = {
            path for path, summary in project.summaries.items() if summary.role is Role.TEST
        }
        self._templates = {
            path for path, summary in project.summaries.items() if summary.kind is Kind.TEMPLATE
        }
        #: By name, each file with the folder that the name begins in.
        self._files: dict[str, list[tuple[str, str]]] = {}
        #: By the last part of its path, for folders that settings name within others.
        self._by_last_part: dict[str, list[str]] = {}
        self._names: dict[str, str] = {}
        self._found: dict[tuple[str, str, bool], tuple[str, ...]] = {}
        for path in sorted(self._templates):
            self._add(path)

    def _add(self, path: str) -> None:
        folders = list(self._template_folders(path))
        for folder in folders:
            self._files.setdefault(path[len(folder) + 1 :], []).append((path, folder))
        if folders:
            self._names[path] = path[len(folders[0]) + 1 :]
        self._by_last_part.setdefault(basename(path), []).append(path)

    def _template_folders(self, path: str) -> Iterable[str]:
        """The folders around *path* that names may begin in, the outermost first."""
        parts = path.split("/")[:-1]
        for end, part in enumerate(parts, start=1):
            folder = "/".join(parts[:end])
            if part in TEMPLATE_FOLDERS and f"{folder}/__init__.py" not in self._modules:
                yield folder

    @cached_property
    def digest(self) -> bytes:
        """What tells these names, and what they mean, from others."""
        lines = [f"{name}\0{files}" for name, files in sorted(self._files.items())]
        lines += [f"{name}\0{paths}" for name, paths in sorted(self._by_last_part.items())]
        return blake2b("\n".join(lines).encode(), digest_size=16).digest()

    def name_of(self, path: str) -> str | None:
        """The name that the template at *path* is loaded by; None if it is in no such folder."""
        return self._names.get(path)

    def resolve(self, name: str, asking: str, *, extending: bool = False) -> str | None:
        """
        The file that Django takes for *name* in the file *asking*; None where that is not known.

        Of several, one of the site goes before those of applications, and the asking file's
        own application before others.
        """
        found = self.find(name, asking, extending=extending)
        if len(found) < 2:
            return found[0] if found else None
        wanted = self._wanted(name, asking)
        first, second = (self._rank(path, wanted, asking)[:-2] for path in found[:2])
        return found[0] if first < second else None

    def find(self, name: str, asking: str, *, extending: bool = False) -> tuple[str, ...]:
        """
        All files that *name* may mean in the file *asking*, the likeliest first.

        A name that begins with a dot is looked up beside the asking template. One that is
        *extending* another of its own name does not mean itself.
        """
        key = (name, asking, extending)
        if key not in self._found:
            wanted = self._wanted(name, asking)
            paths = self._paths(wanted)
            if extending:
                paths = [path for path in paths if path != asking]
            paths.sort(key=lambda path: self._rank(path, wanted, asking))
            self._found[key] = tuple(paths)
        return self._found[key]

    def _wanted(self, name: str, asking: str) -> str:
        """The whole name of a relative one, without the partial that may follow it."""
        name = name.partition("#")[0]
        if not name.startswith(("./", "../")):
            return name
        own = self._names.get(asking) or (asking if asking in self._templates else None)
        return "" if own is None else normpath(join(dirname(own), name))

    def _paths(self, name: str) -> list[str]:
        files = self._files.get(name)
        if files is not None:
            return list(dict.fromkeys(path for path, _ in files))
        found = [
            path
            for path in self._by_last_part.get(basename(name), ())
            if path == name or path.endswith(f"/{name}")
        ]
        first, _, rest = name.partition("/")
        return found if rest and first not in TEMPLATE_FOLDERS and len(found) == 1 else []

    def _rank(self, path: str, name: str, asking: str) -> tuple[int, int, int, int, int, str]:
        """What is taken first is the least: by tests, depth, owner, and at last by nearness."""
        is_other = int(path in self._tests and asking not in self._tests)
        folder = next((folder for found, folder in self._files.get(name, ()) if found == path), "")
        owner = dirname(folder)
        depth = sum(part in TEMPLATE_FOLDERS for part in owner.split("/"))
        shared = _shared(owner, asking)
        if owner and not asking.startswith(f"{owner}/"):
            return is_other, depth, 2, 0, -shared, path
        if self._is_site(owner):
            return is_other, depth, 0, 0, -shared, path
        return is_other, depth, 1, -shared, 0, path

    def _is_site(self, folder: str) -> bool:
        """Whether the templates of *folder* belong to the site and not to one application."""
        if f"{folder}/__init__.py".lstrip("/") not in self._modules:
            return True
        return any(f"{folder}/{name}".lstrip("/") in self._modules for name in _SITE_FILES)


def _shared(folder: str, path: str) -> int:
    return len(commonpath([folder, path])) if folder and path else 0
