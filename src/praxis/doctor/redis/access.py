"""
Redis can be reached without a password, or the way there is not encrypted.

Who reaches it reads and changes sessions, and where values are pickled runs code in the site.

## Measured

The address that the settings use: whether it has a password, whether it is encrypted, whether it
leaves this machine; and `bind` and `protected-mode`.

## Misses

Firewalls, and networks that nobody else is in.

## Source

https://redis.io/docs/latest/operate/oss_and_stack/management/security/
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_HERE = ("127.0.0.1", "::1", "localhost", "", None)


@check(code="SEC110")
def ask(server: Server) -> Iterator[Finding]:
    address = urlsplit(str(server.target.parameters["url"]))
    password = address.password or server.target.parameters.get("login")
    bound = server.setting("bind")
    protected = server.setting("protected-mode")
    is_open = bound is not None and (
        bound.strip() == ""
        or any(part.lstrip("-") in ("*", "0.0.0.0", "::") for part in bound.split())  # noqa: S104 - looked for
    )
    known = evidence(
        [
            ("password in the address", bool(password)),
            ("bind", bound if bound is not None else "not told"),
            ("protected-mode", protected or "not told"),
            ("encrypted", address.scheme == "rediss"),
        ]
    )
    # Without one in the address the default user let us in: it has none.
    if not password and address.scheme != "unix":
        yield Finding(
            message="This Redis asks for no password"
            + (", and listens on every address of its machine." if is_open else "."),
            evidence=known,
            remedies=(
                Remedy(
                    "redis-cli",
                    "CONFIG SET requirepass A-LONG-RANDOM-PASSWORD\nCONFIG REWRITE",
                ),
                Remedy("settings.py", '"LOCATION": "redis://:A-LONG-RANDOM-PASSWORD@HOST:6379/0",'),
            ),
            severity=Severity.ERROR if is_open and protected != "yes" else None,
        )
    if address.scheme == "redis" and address.hostname not in _HERE:
        yield Finding(
            message=f"Sessions and cached data go to {address.hostname} unencrypted, and so does "
            "the password.",
            evidence=known,
            remedies=(
                Remedy(
                    "redis.conf",
                    "tls-port 6379\nport 0\ntls-cert-file /etc/redis/server.crt\n"
                    "tls-key-file /etc/redis/server.key\ntls-ca-cert-file /etc/redis/ca.crt\n"
                    "tls-auth-clients no",
                ),
                Remedy("settings.py", '"LOCATION": "rediss://…",'),
            ),
            severity=Severity.NOTE,
        )
