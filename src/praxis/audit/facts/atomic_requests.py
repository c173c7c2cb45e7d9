"""Whether every request may run in a transaction: ``ATOMIC_REQUESTS`` of any database."""

import re

from praxis.audit.facts.settings import settings_of
from praxis.audit.facts.sources import Role
from praxis.audit.project import Project

_NAMED = re.compile(r"ATOMIC_REQUESTS")
_OFF = re.compile(r"ATOMIC_REQUESTS[\"']?\]?\s*[:=]\s*False\b")


def may_wrap_requests(project: Project) -> bool:
    """Whether the settings name ``ATOMIC_REQUESTS``, or there are no settings to tell."""
    # without any it is an application for other people's projects
    return not project.derive(settings_of).environments or project.derive(wraps_requests)


def wraps_requests(project: Project) -> bool:
    """
    Whether the settings name ``ATOMIC_REQUESTS``.

    The word is looked for, whatever it is set to but False: databases often come from a function
    that is given it.
    """
    environments = project.derive(settings_of).environments
    paths = {environment.module_path for environment in environments}
    paths |= {
        path
        for path, summary in project.summaries.items()
        if summary.role is Role.SETTINGS and path.endswith(".py") and summary.problem is None
    }
    return any(
        len(_NAMED.findall(text)) > len(_OFF.findall(text)) for text in map(project.text, paths)
    )
