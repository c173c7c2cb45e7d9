"""
The server does not offer HTTP/2.

With HTTP/1.1 a browser opens some six connections, and the rest of a page's files queue behind
them.

## Measured

What the server chooses when `h2` and `http/1.1` are offered in the handshake (ALPN).

## Source

https://nginx.org/en/docs/http/ngx_http_v2_module.html
"""

import ssl
from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page
from praxis.errors import NotAnsweredError


@check(code="OPS105", severity=Severity.NOTE)
def ask(page: Page) -> Iterator[Finding]:
    if not page.is_encrypted:
        return  # no browser speaks it unencrypted
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        chosen = page.handshake(context)["protocol"]
    except ssl.SSLError as error:
        raise NotAnsweredError(f"handshake refused: {error.reason}") from error
    if chosen != "h2":
        yield Finding(
            message="The server does not offer HTTP/2: a page's files queue behind each other.",
            evidence=evidence([("chosen", chosen or "nothing")]),
            remedies=(Remedy("nginx", "listen 443 ssl;\nhttp2 on;"),),
        )
