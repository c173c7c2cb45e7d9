"""
What Redis does when its memory is full does not fit what the site keeps in it.

A cache should throw away what is used least. Sessions, locks, rate limits and tasks must never be
thrown away: visitors are logged out, two hold one lock, a limit begins anew, a task is never run.
One server has one policy for all of its databases, so that both on one server is wrong either way.

## Measured

`maxmemory` and `maxmemory-policy`, against what the settings use the server for.

## Source

https://redis.io/docs/latest/develop/reference/eviction/
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

#: What must not be lost, and what that costs.
LASTING = {
    "sessions": "visitors are logged out",
    "locks": "two hold the same lock",
    "rate limits": "limits begin anew",
    "broker": "tasks are never run",
}
_NAMES = {"broker": "tasks"}


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    info = server.info()
    policy, most = info.get("maxmemory_policy", ""), int(info.get("maxmemory", 0))
    uses = server.target.uses
    lasting = sorted(uses & LASTING.keys())
    known = evidence(
        [
            ("maxmemory", size(most) if most else "0 (no bound)"),
            ("maxmemory-policy", policy),
            ("in use", size(int(info.get("used_memory", 0)))),
            ("holds", ", ".join(sorted(uses)) or "not told"),
        ]
    )
    if lasting and "cache" in uses:
        yield Finding(
            message=f"The cache and {listed(lasting)} are on one server: "
            + (
                f"when its memory is full, {LASTING[lasting[0]]}."
                if _evicts(policy)
                else "when the cache fills its memory, nothing can be written any more."
            )
            + " Another database number of the same server does not help.",
            evidence=known,
            remedies=(
                Remedy(
                    "settings.py",
                    "# a second server for the cache, with maxmemory-policy allkeys-lfu;\n"
                    f"# here stay {listed(lasting)}, with maxmemory-policy noeviction\n"
                    'CACHES = {"default": {..., "LOCATION": "redis://ANOTHER-SERVER:6379/0"}}',
                ),
            ),
            severity=Severity.ERROR if _evicts(policy) and most else None,
        )
    elif lasting and _evicts(policy):
        yield Finding(
            message=f"{listed(lasting).capitalize()}: this server may throw them away when its "
            f"memory is full: {LASTING[lasting[0]]}.",
            evidence=known,
            remedies=(_set("maxmemory-policy", "noeviction"),),
            severity=Severity.ERROR if most else None,
        )
    elif uses == {"cache"} and not (most and _evicts(policy)):
        yield Finding(
            message="This cache has no bound: it grows until the machine has no memory left."
            if not most
            else "This cache refuses writes when its memory is full, and throws nothing away.",
            evidence=known,
            remedies=(
                _set("maxmemory", _wanted(info) if not most else str(most)),
                _set("maxmemory-policy", "allkeys-lfu"),
            ),
        )


def _evicts(policy: str) -> bool:
    return policy not in ("noeviction", "")


def _wanted(info: dict[str, str]) -> str:
    """Half of the machine's memory, which the system says it has."""
    total = int(info.get("total_system_memory", 0))
    return str(total // 2 >> 20) + "mb" if total else "1gb"


def _set(name: str, value: str) -> Remedy:
    return Remedy("redis-cli", f"CONFIG SET {name} {value}\nCONFIG REWRITE")


def listed(uses: list[str]) -> str:
    """Uses as people say them: ``"sessions and tasks"``."""
    names = [_NAMES.get(use, use) for use in uses]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
