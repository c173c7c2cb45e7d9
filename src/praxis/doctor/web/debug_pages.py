"""
The running site shows Django's debug pages.

Whoever makes it fail reads its settings, its code and its data.

## Measured

A page that does not exist: with `DEBUG` the answer lists the site's URL patterns.

## Source

https://docs.djangoproject.com/en/stable/ref/settings/#debug
"""

from collections.abc import Iterator
from urllib.parse import urljoin

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page

_PATH = "/praxis-doctor-asks-for-a-page-that-is-not-there/"
_MARKS = (b"<code>DEBUG = True</code>", b"You\xe2\x80\x99re seeing this error because you have")


@check(code="SEC101", severity=Severity.ERROR)
def ask(page: Page) -> Iterator[Finding]:
    url = urljoin(page.url, _PATH)
    answer = page.get(url, {"Accept-Encoding": "identity"})
    if answer.status >= 400 and any(mark in answer.body for mark in _MARKS):
        yield Finding(
            message="DEBUG is on: who makes the site fail reads its settings and its code.",
            evidence=evidence([("asked for", url), ("status", answer.status)]),
            remedies=(Remedy("settings.py", "DEBUG = False"),),
        )
