"""
Which modules hold settings, and which of them production runs with.

The evidence: what ``manage.py``, ``wsgi.py`` and ``asgi.py`` name, what the modules assign, which
of them build on which, and what they are called.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

from praxis.audit.facts.settings.hints import SETTINGS_HINTS, SettingsHints
from praxis.audit.facts.sources import Role
from praxis.audit.project import Project

_PRODUCTION = frozenset({"prod", "production", "live", "deploy", "deployment", "prd"})
_ELSEWHERE = frozenset({
    "dev", "devel", "develop", "development", "developer", "local", "localhost", "debug", "test",
    "tests", "testing", "ci", "travis", "circleci", "jenkins", "tox", "build", "staging", "stage",
    "qa", "uat", "preprod", "sandbox", "demo", "example", "examples", "sample", "template", "dist",
    "docs", "doc", "rtd", "e2e", "cypress", "playwright", "selenium", "coverage", "lint", "mypy",
    "vagrant", "devstack", "quickstart", "bench", "benchmark", "benchmarks", "default", "defaults",
    "pytest", "unittest", "mock", "fake", "dummy", "skel", "skeleton", "translation",
    "makemessages",
})  # fmt: skip
_SAMPLE_FOLDERS = frozenset({
    "example", "examples", "sample", "samples", "demo", "demos", "sandbox", "doc", "docs",
    "template", "project_template", "project_templates", "app_template", "templates", "testproject",
    "test_project", "testapp", "tests", "test", "testing", "e2e", "benchmark", "benchmarks", "dev",
    "contrib", "playground", "tutorial", "tutorials", "fixtures", "skel", "skeleton", "devstack",
})  # fmt: skip
_SAMPLE_WORDS = frozenset({"example", "demo", "template", "test", "tests", "sample", "sandbox"})
_SERVERS = frozenset({"wsgi.py", "asgi.py", "passenger_wsgi.py", "uwsgi.py"})
_WORDS = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A settings module that nothing else builds on, or that something runs with.

    Attributes:
        is_dedicated: Production alone runs with it: it is called so, or development, as is known,
            runs with another one.
    """

    path: str
    is_production: bool
    is_dedicated: bool


def find_settings_modules(project: Project) -> tuple[Candidate, ...]:
    """The settings modules of the environments, by path."""
    hints = project.facts(SETTINGS_HINTS)
    served = set(_named_in(project, hints, _SERVERS))
    managed = set(_named_in(project, hints, frozenset({"manage.py"})))
    modules = _settings_modules(project, hints, served | managed)
    built_upon = {
        base
        for path in modules
        for base in _stars(project, path, hints)
        if base != path and base in modules
    }
    environments = sorted((modules - built_upon) | (served & modules) | (managed & modules))
    production = _production(project, environments, served, managed, hints)
    return tuple(
        Candidate(
            path,
            path in production,
            path in production
            and (_is_called_production(path) or (bool(managed) and path not in managed)),
        )
        for path in environments
    )


def _settings_modules(
    project: Project, hints: Mapping[str, SettingsHints], named: set[str]
) -> set[str]:
    """What is named, what assigns settings, and what star-imports one of those."""
    modules = set(named)
    for path, hint in hints.items():
        if len(hint.assigns) >= 2 and set(hint.assigns) - {"DEBUG", "SECRET_KEY", "TEMPLATES"}:
            modules.add(path)
    growing = True
    while growing:
        added = {
            path
            for path in hints.keys() - modules
            if project.role(path) is not Role.TEST
            and not basename(path).startswith("__init__")
            and any(base in modules for base in _stars(project, path, hints))
        }
        modules |= added
        growing = bool(added)
    return {path for path in modules if not _is_global_default(path)}


def _is_global_default(path: str) -> bool:
    return basename(path) == "global_settings.py"  # Django's own


def _stars(project: Project, path: str, hints: Mapping[str, SettingsHints]) -> Iterable[str]:
    hint = hints.get(path)
    for dotted in hint.stars if hint is not None else ():
        name = dotted.lstrip(".")
        found = project.modules.find(name, path, len(dotted) - len(name))
        if found is not None:
            yield found


def _named_in(
    project: Project, hints: Mapping[str, SettingsHints], files: frozenset[str]
) -> Iterable[str]:
    for path, hint in hints.items():
        if basename(path) in files and not _is_sample(path):
            for dotted in hint.named:
                found = project.modules.find(dotted, path)
                if found is not None:
                    yield found


def _production(
    project: Project,
    environments: list[str],
    served: set[str],
    managed: set[str],
    hints: Mapping[str, SettingsHints],
) -> set[str]:
    serious = [
        path
        for path in environments
        if not _is_sample(path)
        and project.role(path) is not Role.TEST
        and not _is_elsewhere(path)
        and not _tries_out_a_library(project, path)
    ]
    by_name = {path for path in serious if _is_called_production(path)}
    named = {path for path in serious if path in served}
    if by_name:
        # a server that names the shared base does so as a default that production overrides
        bases = {base for path in by_name for base in _all_stars(project, path, hints)}
        packages = {f"{dirname(path)}/__init__.py" for path in by_name}
        return by_name | (named - bases - packages)
    if named:
        return named
    only = {path for path in serious if path in managed}
    return only if len(only) == 1 and len(serious) == 1 else set()


def _all_stars(project: Project, path: str, hints: Mapping[str, SettingsHints]) -> set[str]:
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        for base in _stars(project, waiting.pop(), hints):
            if base not in seen:
                seen.add(base)
                waiting.append(base)
    return seen


def _words(path: str) -> list[str]:
    """The words of a module's own name; of its package's where it is one."""
    name = basename(path).removesuffix(".py")
    if name == "__init__":
        name = basename(dirname(path))
    return _WORDS.findall(name.lower())


def _is_called_production(path: str) -> bool:
    return bool(set(_words(path)) & _PRODUCTION)


def _is_elsewhere(path: str) -> bool:
    return bool({*_words(path), *dirname(path).lower().split("/")} & _ELSEWHERE)


def _is_sample(path: str) -> bool:
    return any(
        folder in _SAMPLE_FOLDERS or set(_WORDS.findall(folder)) & _SAMPLE_WORDS
        for folder in dirname(path).lower().split("/")
    )


def _tries_out_a_library(project: Project, path: str) -> bool:
    """Whether the settings belong to a site that is there to try out the package beside it."""
    paths = project.modules.paths
    managed = [dirname(path)]
    while managed[-1] and f"{managed[-1]}/manage.py" not in paths:
        managed.append(dirname(managed[-1]))
    site = managed[-1]
    if not site:
        return False
    above = dirname(site)
    while True:
        prefix = f"{above}/" if above else ""
        if f"{prefix}setup.py" in paths or (project.root.folder / above / "setup.cfg").exists():
            break
        if (project.root.folder / above / "pyproject.toml").exists():
            break
        if not above:
            return False
        above = dirname(above)
    return any(
        other.startswith(prefix)
        and not other.startswith(f"{site}/")
        and basename(other) in {"apps.py", "models.py"}
        and not _is_sample(other)
        for other in paths
    )
