"""
What must survive a restart is not written to disk, or writing fails.

## Measured

`appendonly`, `save` and the outcome of the last writes, against what the settings use the server
for. With the append-only file at most a second is lost; with snapshots all since the last one.

## Misses

Services keep data their own way. A replica survives a failed machine, and not a mistake.

## Source

https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.eviction import LASTING, listed
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_AOF = Remedy(
    "redis-cli", "CONFIG SET appendonly yes\nCONFIG SET appendfsync everysec\nCONFIG REWRITE"
)


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    snapshots = server.setting("save")
    is_appending = info.get("aof_enabled") == "1"
    known = evidence(
        [
            ("appendonly", is_appending),
            ("save", "not told" if snapshots is None else snapshots or "never"),
            ("last snapshot", info.get("rdb_last_bgsave_status", "-")),
            ("last append", info.get("aof_last_write_status", "-")),
        ]
    )
    failing = [
        name
        for name, key in (
            ("the snapshot", "rdb_last_bgsave_status"),
            ("rewriting the append-only file", "aof_last_bgrewrite_status"),
            ("appending", "aof_last_write_status"),
        )
        if info.get(key) == "err"
    ]
    if failing:
        yield Finding(
            message=f"Writing to disk failed: {' and '.join(failing)}. Redis refuses writes while "
            "stop-writes-on-bgsave-error is on, and a restart loses what is not on disk.",
            evidence=known,
            remedies=(
                Remedy("shell", 'df -h "$(redis-cli CONFIG GET dir | tail -1)"  # and Redis\' log'),
            ),
            severity=Severity.ERROR,
        )
    lasting = sorted(server.target.uses & (LASTING.keys() - {"locks", "rate limits"}))
    if lasting and not is_appending and snapshots == "":
        yield Finding(
            message=f"This server holds {listed(lasting)} and writes nothing to disk: "
            f"after a restart {LASTING[lasting[0]]}.",
            evidence=known,
            remedies=(_AOF,),
        )
    elif "broker" in lasting and not is_appending and snapshots is not None:
        yield Finding(
            message="This server holds the tasks, and after a crash all since the last snapshot "
            "are lost.",
            evidence=known,
            remedies=(_AOF,),
        )
