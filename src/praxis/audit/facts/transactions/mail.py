"""Whether sending mail waits for a mail server, or only puts the mail somewhere."""

import re

from praxis.audit.facts.settings import settings_of
from praxis.audit.facts.settings.values import Constant, alternatives_of, default_of
from praxis.audit.project import Project

#: Packages and backends that keep the mail and send it later.
_QUEUES = re.compile(
    r"mailer|post_office|celery|queue|async|background|lazy|django_q|huey|\brq\b|outbox|spool"
)
_LOCAL = re.compile(r"backends\.(?:console|locmem|dummy|filebased)\.")


def mail_waits(project: Project) -> bool:
    """False where the settings name a backend that does not talk to a mail server at once."""
    settings = project.derive(settings_of)
    known: list[str] = []
    for environment in settings.production or settings.environments:
        if any(_QUEUES.search(name) for name in environment.strings("INSTALLED_APPS") if
               "mail" in name or "post_office" in name):  # fmt: skip
            return False
        for alternative in alternatives_of(environment.written("EMAIL_BACKEND")):
            value = default_of(alternative)
            if isinstance(value, Constant) and isinstance(value.value, str):
                known.append(value.value)
    if any(_QUEUES.search(name) for name in known):
        return False
    return not known or not all(_LOCAL.search(name) for name in known)
