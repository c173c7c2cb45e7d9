"""Whether every request may run in a transaction: ``ATOMIC_REQUESTS`` of any database."""

import re

from msgspec import Struct

from praxis.audit.facts.settings import settings_of
from praxis.audit.file import File
from praxis.audit.project import Project
from praxis.audit.summary import Fact

_NAMED = re.compile(r"ATOMIC_REQUESTS")
_OFF = re.compile(r"ATOMIC_REQUESTS[\"']?\]?\s*[:=]\s*False\b")


class AtomicRequests(Struct, frozen=True, array_like=True):
    """The file names the setting, and not only to set it to False."""


def extract(file: File) -> AtomicRequests | None:
    """
    Look for the word, whatever it is set to.

    Databases often come from a function that is given it; the settings of a project's tests, or
    those that a command writes, show what it is run with.
    """
    if "ATOMIC_REQUESTS" not in file.text:
        return None
    wraps = len(_NAMED.findall(file.text)) > len(_OFF.findall(file.text))
    return AtomicRequests() if wraps else None


ATOMIC_REQUESTS = Fact("atomic_requests", AtomicRequests, extract)


def wraps_requests(project: Project) -> bool:
    """Whether any file of the project names ``ATOMIC_REQUESTS``."""
    return bool(project.facts(ATOMIC_REQUESTS))


def may_wrap_requests(project: Project) -> bool:
    """The same, or there are no settings to tell: an application for other people's projects."""
    return wraps_requests(project) or not project.derive(settings_of).environments
