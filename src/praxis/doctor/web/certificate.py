"""
The site's certificate is not trusted, or ends soon.

## Measured

A handshake as a browser makes it, with the certificates that this machine trusts, and the day that
the certificate ends.

## Source

https://letsencrypt.org/docs/integration-guide/
"""

import ssl
import time
from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page

_DAY_S = 86_400


@check(code="OPS105")
def ask(page: Page) -> Iterator[Finding]:
    if not page.is_encrypted:
        return
    renew = Remedy("shell", f"certbot renew --cert-name {page.host}\nsystemctl reload nginx")
    context = ssl.create_default_context(cafile=page.target.parameters.get("trusted"))
    try:
        agreed = page.handshake(context)
    except ssl.SSLCertVerificationError as error:
        yield Finding(
            message=f"Browsers do not trust the certificate: {error.verify_message}.",
            evidence=evidence([("verify code", error.verify_code)]),
            remedies=(
                renew,
                Remedy(
                    "nginx", "ssl_certificate /etc/letsencrypt/live/NAME/fullchain.pem;  # whole"
                ),
            ),
            severity=Severity.ERROR,
        )
        return
    certificate = agreed["certificate"] or {}
    end_s = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    days = (end_s - time.time()) / _DAY_S
    if days < page.limits.certificate_days:
        yield Finding(
            message=f"The certificate ends in {days:.0f} days, and nothing has renewed it.",
            evidence=evidence([("ends", certificate["notAfter"])]),
            remedies=(renew,),
        )
