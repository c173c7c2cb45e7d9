"""
A key is so large that reading or deleting it holds everybody up.

Redis does one thing at a time. A value of some megabytes takes milliseconds to send and to free,
and fills the network; a hash or a set that is read whole takes longer still.

## Measured

`MEMORY USAGE` of some keys, walked with `SCAN`; of collections it weighs some elements.

## Misses

What was not among the sampled keys: `redis-cli --memkeys` looks at all, on a replica.

## Source

https://redis.io/docs/latest/commands/memory-usage/
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence, readable, size
from praxis.doctor.redis.sampling import sample
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_TOLD = 5


@check(code="CACHE110")
def ask(server: Server) -> Iterator[Finding]:
    seen = sample(server)
    least = server.limits.big_key_bytes
    big = sorted(((used, key) for key, used in seen.sizes.items() if used >= least), reverse=True)
    if not big:
        return
    yield Finding(
        message=f"{len(big):,} of {len(seen.sizes):,} keys that were looked at take "
        f"{size(least)} or more: each time one is read or goes, all others wait.",
        evidence=evidence(
            [
                ("keys in all", seen.total),
                *(
                    (_name(key), f"{size(used)}, {server.ask('TYPE', key)}")
                    for used, key in big[:_TOLD]
                ),
            ]
        ),
        remedies=(
            Remedy(
                "redis-cli",
                "\n".join(f"MEMORY USAGE {_quoted(key)} SAMPLES 0" for _, key in big[:_TOLD])
                + "\n# store less, or in parts; UNLINK frees it in the background",
            ),
        ),
    )


def _name(key: str) -> str:
    return key if len(key) <= 60 else f"{key[:59]}…"


def _quoted(key: str) -> str:
    """As redis-cli takes it."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{readable(escaped)}"'
