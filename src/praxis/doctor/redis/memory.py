"""
Redis is close to the memory that it may use, or its memory has come apart.

At the bound each write first throws something away, or is refused. Above the machine's memory the
system ends the process. Much more memory from the system than data means fragments.

## Measured

`used_memory`, `maxmemory`, `total_system_memory`, `mem_fragmentation_ratio`, `evicted_keys`.

## Source

https://redis.io/docs/latest/commands/info/
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, duration, evidence, share, size
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_FRAGMENTED = 1.5
_FRAGMENT_BYTES = 256 << 20


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    used, most = int(info["used_memory"]), int(info.get("maxmemory", 0))
    machine = int(info.get("total_system_memory", 0))
    bound = most or machine
    evicted = int(info.get("evicted_keys", 0))
    known = evidence(
        [
            ("in use", size(used)),
            ("maxmemory", size(most) if most else "0 (no bound)"),
            ("the machine has", size(machine)),
            ("thrown away", evicted),
            ("counting for", duration(float(info.get("uptime_in_seconds", 0)))),
        ]
    )
    if bound and used >= server.limits.memory_share * bound:
        yield Finding(
            message=f"{share(used / bound)} of the memory that Redis may use is in use"
            + (f", and {evicted:,} keys were thrown away for others." if evicted else "."),
            evidence=known,
            remedies=(
                Remedy(
                    "redis-cli", f"CONFIG SET maxmemory {-(-used * 3 // 2) >> 20}mb\nCONFIG REWRITE"
                ),
            ),
        )
    ratio = float(info.get("mem_fragmentation_ratio", 1))
    resident = int(info.get("used_memory_rss", 0))
    if ratio >= _FRAGMENTED and resident - used >= _FRAGMENT_BYTES:
        yield Finding(
            message=f"Redis takes {size(resident)} from the system for {size(used)} of data.",
            evidence=evidence([("mem_fragmentation_ratio", ratio), *known]),
            remedies=(
                Remedy("redis-cli", "CONFIG SET activedefrag yes  # with jemalloc\nCONFIG REWRITE"),
            ),
        )
