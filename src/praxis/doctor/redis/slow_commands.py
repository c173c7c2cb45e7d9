"""
Commands took so long that everybody else waited.

Redis does one thing at a time: what takes ten milliseconds is ten milliseconds for all.

## Measured

The last entries of the slow log, by command. It holds what took longer than
`slowlog-log-slower-than`.

## Source

https://redis.io/docs/latest/commands/slowlog-get/
"""

from collections.abc import Iterator
from itertools import groupby

from praxis.doctor.findings import Finding, Remedy, duration, evidence, readable
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_ENTRIES = 128
#: Their cost grows with all there is; and what to say instead.
_INSTEAD = {
    "KEYS": "SCAN",
    "SMEMBERS": "SSCAN",
    "HGETALL": "HMGET or HSCAN",
    "LRANGE": "LRANGE of a part",
    "DEL": "UNLINK",
    "FLUSHDB": "FLUSHDB ASYNC",
    "FLUSHALL": "FLUSHALL ASYNC",
}


@check(code="CACHE113")
def ask(server: Server) -> Iterator[Finding]:
    entries = [
        (readable(str(entry[3][0])).upper(), int(entry[2]), " ".join(map(str, entry[3])))
        for entry in server.ask("SLOWLOG GET", _ENTRIES)
        if int(entry[2]) >= server.limits.slow_command_us and entry[3]
    ]
    for command, members in groupby(sorted(entries), key=lambda entry: entry[0]):
        found = list(members)
        worst = max(found, key=lambda entry: entry[1])
        instead = _INSTEAD.get(command)
        yield Finding(
            message=f"{command} took {duration(worst[1] / 1e6)}, and everybody waited."
            + (f" Say {instead} instead." if instead else ""),
            evidence=evidence([("in the slow log", len(found)), ("the slowest", _short(worst[2]))]),
            remedies=(Remedy("redis-cli", "SLOWLOG GET 10\nSLOWLOG RESET  # once it is mended"),),
        )


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
