"""
Most keys of a cache have no end.

What nobody asks for stays until the memory is full; a mistaken value stays for ever.

## Measured

`PTTL` of some keys, walked with `SCAN`.

## Source

https://docs.djangoproject.com/en/stable/ref/settings/#timeout
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, share
from praxis.doctor.redis.sampling import sample
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_FEWEST = 20


@check(code="CACHE109", severity=Severity.NOTE)
def ask(server: Server) -> Iterator[Finding]:
    if "cache" not in server.target.uses:
        return
    seen = sample(server)
    if len(seen.sizes) < _FEWEST:
        return
    part = len(seen.lasting) / len(seen.sizes)
    if part < server.limits.lasting_share:
        return
    yield Finding(
        message=f"{share(part)} of the keys have no end: what nobody asks for stays until the "
        "memory is full.",
        evidence=evidence(
            [
                ("looked at", len(seen.sizes)),
                ("without an end", len(seen.lasting)),
                ("such as", ", ".join(seen.lasting[:3])),
            ]
        ),
        remedies=(Remedy("settings.py", '"TIMEOUT": 3600,  # seconds, in CACHES; not None'),),
    )
