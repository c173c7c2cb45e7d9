"""
A process that serves may open few files, or has nearly used them up.

Each connection is an open file: to visitors, to the database, to Redis. At the limit the process
takes no more visitors, and cannot even open its log.

## Measured

`/proc/PID/limits` and the entries of `/proc/PID/fd` of gunicorn, uvicorn, hypercorn, daphne,
granian, uWSGI, Celery and nginx.

## Source

https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
"""

from collections.abc import Iterator
from itertools import groupby

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.host.session import Host
from praxis.doctor.registry import check

_SHARE = 0.8
_UNIT = "[Service]\nLimitNOFILE=65536\n# then: systemctl daemon-reload && systemctl restart UNIT"


@check(code="OPS106")
def ask(host: Host) -> Iterator[Finding]:
    servers = sorted(host.servers, key=lambda process: (process.program, process.pid))
    for program, members in groupby(servers, key=lambda process: process.program):
        bounded = [one for one in members if one.most_open_files is not None]
        tight = [
            one
            for one in bounded
            if (one.most_open_files or 0) < host.limits.open_files
            or (one.open_files or 0) >= _SHARE * (one.most_open_files or 0)
        ]
        if not tight:
            continue
        worst = max(tight, key=lambda one: (one.open_files or 0) / (one.most_open_files or 1))
        yield Finding(
            message=f"{program}: {len(tight)} of {len(bounded)} processes may open "
            f"{worst.most_open_files:,} files and connections.",
            evidence=evidence(
                [
                    ("process", str(worst.pid)),
                    ("open now", worst.open_files if worst.open_files is not None else "not told"),
                    ("limit", worst.most_open_files),
                ]
            ),
            remedies=(Remedy("systemd unit", _UNIT),),
        )
