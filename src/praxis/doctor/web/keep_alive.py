"""
The server closes the connection after each answer.

Each file of a page then pays for a new connection: a round trip, and two more for TLS.

## Measured

Two requests on one connection.

## Source

https://nginx.org/en/docs/http/ngx_http_core_module.html#keepalive_timeout
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page


@check(code="OPS105", severity=Severity.NOTE)
def ask(page: Page) -> Iterator[Finding]:
    answer, is_kept = page.twice()
    if is_kept:
        return
    yield Finding(
        message="The connection is closed after each answer: every file of a page pays for a new "
        "one. Gunicorn's sync workers do so; nginx before them keeps it open.",
        evidence=evidence(
            [
                ("connection", answer.header("connection") or "-"),
                ("HTTP version", "1.0" if answer.version == 10 else "1.1"),
                ("server", answer.header("server") or "-"),
            ]
        ),
        remedies=(
            Remedy("nginx", "keepalive_timeout 65s;"),
            Remedy("shell", "gunicorn --worker-class gthread --keep-alive 5 …"),
        ),
    )
