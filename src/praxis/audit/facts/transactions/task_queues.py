"""Whether what looks like sending a task does so, and needs no transaction's commit by itself."""

import re

from praxis.audit.facts.models.classes import MODELS
from praxis.audit.facts.settings import settings_of
from praxis.audit.facts.settings.values import Constant, alternatives_of, default_of
from praxis.audit.facts.transactions.call_chains import CallChains
from praxis.audit.facts.transactions.side_effects import Act
from praxis.audit.project import Project

#: Brokers that are tables of the same database: a task is there when the rows are.
_IN_DATABASE = re.compile(r"django://|^django$|kombu\.transport\.django|sqla\+")
_BROKERS = ("CELERY_BROKER_URL", "BROKER_URL", "CELERY_BROKER", "BROKER_BACKEND")


def sends(project: Project, path: str, act: Act) -> bool:
    """Whether the act hands something to a queue at once."""
    if act.later or project.derive(queue_in_database):
        return False
    if act.kind == "message" or act.name.endswith(".send_task"):
        return True
    chains = project.derive(CallChains)
    written = act.name.rpartition(".")[0]
    located = chains.locate(path, written.removesuffix("()"))
    if located is not None and located in chains.tasks:
        return True
    return act.name.endswith(".delay") and project.derive(uses_celery)


def uses_celery(project: Project) -> bool:
    """Whether any file imports celery."""
    return any(
        target.partition(".")[0] in {"celery", "djcelery"}
        for fact in project.facts(MODELS).values()
        for target in fact.names.values()
    )


def queue_in_database(project: Project) -> bool:
    """Whether the settings name a broker that is a table of the database."""
    for environment in project.derive(settings_of).environments:
        for name in _BROKERS:
            for alternative in alternatives_of(environment.written(name)):
                value = default_of(alternative)
                if isinstance(value, Constant) and _IN_DATABASE.search(str(value.value)):
                    return True
    return False
