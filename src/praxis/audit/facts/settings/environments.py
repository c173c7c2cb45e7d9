"""The settings of a project, one environment at a time, as a rule asks for them."""

from dataclasses import dataclass

from praxis.audit.facts.settings.discovery import find_settings_modules
from praxis.audit.facts.settings.evaluation import Circle, Evaluation
from praxis.audit.facts.settings.scopes import Scope
from praxis.audit.facts.settings.values import (
    Constant,
    Missing,
    Origin,
    Sequence,
    Value,
    alternatives_of,
    default_of,
)
from praxis.audit.findings import Place, Step
from praxis.audit.project import Project

_PRODUCTION_CLASSES = frozenset({"prod", "production", "live", "deployment"})

#: Django's own values of the settings that rules ask for.
DEFAULTS: dict[str, Value] = {
    "DEBUG": Constant(False),
    "SECRET_KEY": Constant(""),
    "ALLOWED_HOSTS": Sequence(()),
    "INSTALLED_APPS": Sequence(()),
    "MIDDLEWARE": Sequence(()),
    "TEMPLATES": Sequence(()),
    "AUTH_USER_MODEL": Constant("auth.User"),
    "SECURE_SSL_REDIRECT": Constant(False),
    "SECURE_HSTS_SECONDS": Constant(0),
    "SECURE_PROXY_SSL_HEADER": Constant(None),
    "SECURE_REFERRER_POLICY": Constant("same-origin"),
    "SESSION_COOKIE_SECURE": Constant(False),
    "SESSION_COOKIE_HTTPONLY": Constant(True),
    "SESSION_COOKIE_SAMESITE": Constant("Lax"),
    "CSRF_COOKIE_SECURE": Constant(False),
    "CSRF_USE_SESSIONS": Constant(False),
}


@dataclass(frozen=True, slots=True)
class Environment:
    """
    One set of settings: a module, or a class in it (django-configurations).

    Attributes:
        module_path: The file that is named as ``DJANGO_SETTINGS_MODULE``.
        is_production: Whether visitors are served with it.
        is_dedicated: Whether nobody develops with it: what is not set there is forgotten.
        class_name: The class, where the settings are one; else empty.
    """

    project: Project
    module_path: str
    is_production: bool
    is_dedicated: bool
    scope: Scope
    chains: dict[str, tuple[Origin, ...]]
    class_name: str = ""

    def get(self, name: str) -> Value:
        """What the setting surely is: `Missing` if not set, `Unknown` if that is not sure."""
        return self.scope.value(name)

    def written(self, name: str) -> Value:
        """What the project's code says, even if a file that is not there may replace it."""
        return self.scope.written(name)

    def effective(self, name: str) -> Value:
        """As `get`, with Django's default for what is not set."""
        found = self.get(name)
        return DEFAULTS.get(name, found) if isinstance(found, Missing) else found

    @property
    def is_complete(self) -> bool:
        """Whether nothing unknown can set anything."""
        return self.scope.opaque is None

    def strings(self, name: str) -> tuple[str, ...]:
        """The strings that a list may hold, as far as known: ``strings("INSTALLED_APPS")``."""
        found: dict[str, None] = {}
        for alternative in alternatives_of(self.written(name)):
            value = default_of(alternative)
            for item in value.items if isinstance(value, Sequence) else ():
                if isinstance(item, Constant) and isinstance(item.value, str):
                    found[item.value] = None
        return tuple(found)

    def string(self, name: str) -> str | None:
        """A setting that is a string: ``string("ROOT_URLCONF")``."""
        value = self.effective(name)
        is_string = isinstance(value, Constant) and isinstance(value.value, str)
        return str(value.value) if isinstance(value, Constant) and is_string else None

    def place(self, origin: Origin) -> Place:
        """Where *origin* is."""
        return self.project.place(origin.path, origin.start, origin.end)

    def steps_to(self, origin: Origin) -> tuple[Step, ...]:
        """The imports that bring what stands at *origin* into this environment."""
        return tuple(
            Step(self.place(link), "takes over its settings")
            for link in self.chains.get(origin.path, ())
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """All environments, and the modules that import each other in a circle."""

    environments: tuple[Environment, ...]
    circles: tuple[Circle, ...]

    @property
    def production(self) -> tuple[Environment, ...]:
        """The environments that serve visitors."""
        return tuple(known for known in self.environments if known.is_production)

    @property
    def main(self) -> Environment | None:
        """The one that stands for the project: production if there is one."""
        ranked = sorted(
            self.environments, key=lambda known: (not known.is_production, known.module_path)
        )
        return ranked[0] if ranked else None


def settings_of(project: Project) -> Settings:
    """Evaluate the project's settings; for `Project.derive`."""
    evaluation = Evaluation(project)
    environments: list[Environment] = []
    for candidate in find_settings_modules(project):
        scope = evaluation.module(candidate.path)
        chains = _chains(evaluation, candidate.path)
        classes = evaluation.classes.get(candidate.path, {})
        for name, inner in classes.items():
            is_production = name.lower() in _PRODUCTION_CLASSES and candidate.is_production
            environments.append(
                Environment(
                    project, candidate.path, is_production, is_production, inner, chains, name
                )
            )
        if not classes:
            environments.append(
                Environment(
                    project,
                    candidate.path,
                    candidate.is_production,
                    candidate.is_dedicated,
                    scope,
                    chains,
                )
            )
    return Settings(tuple(environments), tuple(evaluation.circles))


def _chains(evaluation: Evaluation, path: str) -> dict[str, tuple[Origin, ...]]:
    """For each module below *path*: the star imports that lead there, the outermost first."""
    chains: dict[str, tuple[Origin, ...]] = {path: ()}
    waiting = [path]
    while waiting:
        importing = waiting.pop(0)
        for (source, target), origin in evaluation.imports.items():
            if source == importing and target not in chains:
                chains[target] = (*chains[importing], origin)
                waiting.append(target)
    return chains
