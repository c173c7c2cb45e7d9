"""
The server still speaks TLS 1.0 or 1.1, or does not speak 1.3.

The old versions are broken and browsers have given them up; 1.3 saves a round trip at each new
connection.

## Measured

A handshake with each version alone. Where this machine's OpenSSL does not know an old version any
more, nothing is said of it.

## Source

https://wiki.mozilla.org/Security/Server_Side_TLS
https://www.rfc-editor.org/rfc/rfc8996
"""

import ssl
import warnings
from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page

_NGINX = Remedy("nginx", "ssl_protocols TLSv1.2 TLSv1.3;")


@check(code="OPS105")
def ask(page: Page) -> Iterator[Finding]:
    if not page.is_encrypted:
        return
    spoken = [
        version.name.replace("TLSv1_", "1.").replace("TLSv1", "1.0")
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
        if _speaks(page, version)
    ]
    if spoken:
        yield Finding(
            message=f"The server speaks TLS {' and '.join(spoken)}, which are broken.",
            evidence=evidence([("TLS " + version, "spoken") for version in spoken]),
            remedies=(_NGINX,),
        )
    if not _speaks(page, ssl.TLSVersion.TLSv1_3):
        yield Finding(
            message="The server does not speak TLS 1.3: each new connection costs a round trip "
            "more.",
            remedies=(_NGINX,),
            severity=Severity.NOTE,
        )


def _speaks(page: Page, version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")  # or OpenSSL itself refuses the old ones
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # we ask whether they are spoken
        # The lower bound first while the versions grow: they may never cross.
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        context.minimum_version = version
        context.maximum_version = version
    try:
        page.handshake(context)
    except ssl.SSLError:
        return False
    return True
