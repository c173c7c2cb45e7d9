"""
A version of Redis or Valkey that gets no fixes any more.

## Measured

`redis_version` and `valkey_version`, against the lists of supported versions as they were when this
was written.

## Source

https://github.com/redis/redis/security/policy
https://endoflife.date/redis
https://endoflife.date/valkey
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

#: The oldest that gets fixes.
_OLDEST = {"Redis": (7, 2), "Valkey": (7, 2)}


@check(code="SEC109")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    product = "Valkey" if "valkey_version" in info else "Redis"
    text = info.get("valkey_version") or info.get("redis_version", "")
    parts = text.split(".")[:2]
    if len(parts) < 2 or not all(part.isdigit() for part in parts):
        return
    found, oldest = (int(parts[0]), int(parts[1])), _OLDEST[product]
    if found >= oldest:
        return
    wanted = ".".join(map(str, oldest))
    yield Finding(
        message=f"{product} {text} gets no fixes any more; {wanted} and newer do.",
        evidence=evidence([("version", text)]),
        remedies=(
            Remedy(
                "shell",
                f"# {product} {wanted} or newer reads the same data files\n"
                "apt-get install redis-server",
            ),
        ),
    )
