"""The audited projects: source distributions from PyPI at fixed versions."""

import html
import re
import shutil
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from benchmarks.machine import SCRATCH

#: The simple index (PEP 503): a page of links, whose text is the file's name.
_INDEX = "https://pypi.org/simple/{name}/"
_LINK = re.compile(r"""<a\s[^>]*href=["'](?P<url>[^"'#]+)[^>]*>\s*(?P<name>[^<]+?)\s*</a>""")


@dataclass(frozen=True, slots=True)
class Project:
    """A folder to audit, made of one or several distributions."""

    name: str
    distributions: tuple[tuple[str, str], ...]


PROJECTS = (
    Project("small", (("wger", "2.1"),)),
    Project("medium", (("mayan-edms", "4.9.8"), ("wger", "2.1"))),
    Project("large", (("django", "6.1.3"), ("django-cms", "5.1.3"), ("pretix", "2026.8.0"))),
)


def fetch(project: Project) -> Path:
    """The unpacked project, downloaded the first time."""
    folder = SCRATCH / "projects" / project.name
    done = folder / ".complete"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, version in project.distributions:
            with tarfile.open(_download(name, version)) as archive:
                archive.extractall(folder, filter="data")
        (folder / "pyproject.toml").touch()  # so that every tool takes the folder for the root
        done.touch()
    return folder


def _download(name: str, version: str) -> Path:
    target = SCRATCH / "downloads" / f"{name}-{version}.tar.gz"
    if not target.exists():
        index = _INDEX.format(name=name)
        with urllib.request.urlopen(index) as response:
            links = _LINK.finditer(response.read().decode())
        wanted = f"{name}-{version}.tar.gz"
        found = next(link for link in links if _normal(link["name"]) == _normal(wanted))
        url = urljoin(index, html.unescape(found["url"]))
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with urllib.request.urlopen(url) as response, part.open("wb") as file:
            shutil.copyfileobj(response, file)
        part.rename(target)
    return target


def _normal(name: str) -> str:
    """File names differ in case and in - and _; what they mean does not."""
    return name.replace("_", "-").lower()
