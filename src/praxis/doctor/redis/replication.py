"""
A replica of Redis is away or behind, or the master would go on alone.

A master that its Sentinels have given up takes writes from those that have not heard of it, until
it is told; these are lost. `min-replicas-to-write` lets it refuse them.

## Measured

`INFO replication`, `min-replicas-to-write`.

## Source

https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    yield from _of_replica(info) if info.get("role") == "slave" else _of_master(server, info)


def _of_replica(info: dict[str, str]) -> Iterator[Finding]:
    if info.get("master_link_status") == "up":
        return
    master = f"{info.get('master_host')}:{info.get('master_port')}"
    yield Finding(
        message=f"This replica has lost its master {master}: what it shows grows older.",
        evidence=evidence(
            [
                ("master_link_status", info.get("master_link_status", "-")),
                ("down for", f"{info.get('master_link_down_since_seconds', '?')} s"),
            ]
        ),
        remedies=(Remedy("redis-cli", "CONFIG GET masterauth  # its password, and the log"),),
        severity=Severity.ERROR,
    )


def _of_master(server: Server, info: dict[str, str]) -> Iterator[Finding]:
    position = int(info.get("master_repl_offset", 0))
    replicas = [
        dict(part.split("=", 1) for part in value.split(","))
        for name, value in sorted(info.items())
        if name.startswith("slave") and name[5:].isdigit()
    ]
    for one in replicas:
        behind, silent_s = position - int(one.get("offset", 0)), int(one.get("lag", 0))
        if one.get("state") == "online" and silent_s < server.limits.lag_s:
            continue
        yield Finding(
            message=f"The replica {one.get('ip')}:{one.get('port')} does not keep up.",
            evidence=evidence(
                [
                    ("state", one.get("state", "-")),
                    ("silent for", f"{silent_s} s"),
                    ("behind", size(behind)),
                ]
            ),
            remedies=(Remedy("redis-cli (on the replica)", "INFO replication"),),
        )
    lasting = server.target.uses & {"sessions", "locks", "broker"}
    if replicas and lasting and server.setting("min-replicas-to-write") == "0":
        yield Finding(
            message="A master that is cut off from its replicas goes on taking writes, which are "
            "lost when another is promoted.",
            evidence=evidence([("replicas", len(replicas)), ("min-replicas-to-write", 0)]),
            remedies=(
                Remedy(
                    "redis-cli",
                    "CONFIG SET min-replicas-to-write 1\nCONFIG SET min-replicas-max-lag 10\n"
                    "CONFIG REWRITE",
                ),
            ),
            severity=Severity.NOTE,
        )
