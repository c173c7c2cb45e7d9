"""
Each command takes long to go there and back.

A page asks Redis ten or twenty times: what is far away, or on a busy machine, is felt.

## Measured

The median of a few `PING`s from here.

## Source

https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency/
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check


@check(code="CACHE112")
def ask(server: Server) -> Iterator[Finding]:
    median_ms = server.round_trip_ms()
    if median_ms < server.limits.round_trip_ms:
        return
    yield Finding(
        message=f"A command takes {median_ms:.1f} ms from here and back: look for a server nearer "
        "by, a busy machine, or slow commands.",
        evidence=evidence(
            [
                ("median", f"{median_ms:.1f} ms"),
                ("commands a second", server.info().get("instantaneous_ops_per_sec", "-")),
            ]
        ),
        remedies=(Remedy("shell", "redis-cli --latency-history  # and --intrinsic-latency there"),),
    )
