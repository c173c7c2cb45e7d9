"""
A cache is asked in vain more often than not.

Each miss costs a round trip and then the work all the same.

## Measured

`keyspace_hits` and `keyspace_misses` since the server started; it counts for all of its databases.

## Misses

A cache that is filled but hardly asked; what each view's cache is worth.

## Source

https://redis.io/docs/latest/commands/info/
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, duration, evidence, share
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_GOOD = 0.5
_LOOKUPS = 1_000


@check(code="CACHE112", severity=Severity.NOTE)
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    hits, misses = int(info.get("keyspace_hits", 0)), int(info.get("keyspace_misses", 0))
    if "cache" not in server.target.uses or hits + misses < _LOOKUPS:
        return
    if hits / (hits + misses) >= _GOOD:
        return
    yield Finding(
        message=f"{share(hits / (hits + misses))} of the look-ups found something: keep results "
        "longer, cache what more visitors share, or do not cache it.",
        evidence=evidence(
            [
                ("found", hits),
                ("not found", misses),
                ("ended", int(info.get("expired_keys", 0))),
                ("thrown away", int(info.get("evicted_keys", 0))),
                ("counting for", duration(float(info.get("uptime_in_seconds", 0)))),
            ]
        ),
        remedies=(Remedy("redis-cli", "CONFIG RESETSTAT  # and look again after a busy day"),),
    )
