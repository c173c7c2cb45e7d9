"""The audited projects: source distributions from PyPI at fixed versions."""

import json
import shutil
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import SCRATCH

_INDEX = "https://pypi.org/pypi/{name}/{version}/json"


@dataclass(frozen=True, slots=True)
class Project:
    """A folder to audit, made of one or several distributions."""

    name: str
    distributions: tuple[tuple[str, str], ...]


PROJECTS = (
    Project("small", (("django-helpdesk", "2.6.1"),)),
    Project("medium", (("weblate", "2026.10.1"),)),
    Project(
        "large",
        (
            ("django", "6.1.3"),
            ("misago", "0.39.6"),
            ("pretix", "2026.8.0"),
            ("weblate", "2026.10.1"),
        ),
    ),
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
        with urllib.request.urlopen(_INDEX.format(name=name, version=version)) as response:
            files = json.load(response)["urls"]
        url = next(file["url"] for file in files if file["packagetype"] == "sdist")
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with urllib.request.urlopen(url) as response, part.open("wb") as file:
            shutil.copyfileobj(response, file)
        part.rename(target)
    return target
