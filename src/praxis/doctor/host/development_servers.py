"""
Django's development server is running.

It is made for one person: no time-outs, no hardening, and it starts again when a file changes. On a
machine that serves visitors it has no place.

## Measured

Processes that were started as `manage.py runserver`.

## Source

https://docs.djangoproject.com/en/stable/ref/django-admin/#runserver
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.host.session import Host
from praxis.doctor.registry import check


@check(code="OPS103", severity=Severity.NOTE)
def ask(host: Host) -> Iterator[Finding]:
    found = [process for process in host.servers if process.program == "runserver"]
    if found:
        yield Finding(
            message="The development server is running here; it is not made for visitors.",
            evidence=evidence((f"process {one.pid}", one.command) for one in found),
            remedies=(Remedy("shell", "gunicorn PROJECT.wsgi:application --workers 3"),),
        )
