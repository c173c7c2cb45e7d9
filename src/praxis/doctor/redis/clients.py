"""
Nearly as many clients as Redis lets in, or some were refused.

## Measured

`connected_clients`, `maxclients`, `rejected_connections`, `blocked_clients`.

## Source

https://redis.io/docs/latest/develop/reference/clients/
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    most = int(info.get("maxclients") or server.setting("maxclients") or 0)
    now, refused = int(info["connected_clients"]), int(info.get("rejected_connections", 0))
    if not most or (now < server.limits.connection_share * most and not refused):
        return
    yield Finding(
        message=f"{refused:,} connections were refused, because there were {most:,} clients."
        if refused
        else f"{now:,} of at most {most:,} clients are connected: the next are refused.",
        evidence=evidence(
            [
                ("connected_clients", now),
                ("maxclients", most),
                ("rejected_connections", refused),
                ("blocked_clients", int(info.get("blocked_clients", 0))),
            ]
        ),
        remedies=(
            Remedy(
                "redis-cli",
                f"CONFIG SET maxclients {max(4 * now, 10_000)}\nCONFIG SET timeout 300\n"
                "CONFIG REWRITE"
                + ("\nCONFIG RESETSTAT  # counts the refused anew" if refused else ""),
            ),
        ),
    )
