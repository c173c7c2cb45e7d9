"""
Far more worker processes than cores, or one alone on many.

More processes than the cores can run take memory and each other's turns; one alone leaves the other
cores idle, and serves nobody while it is restarted.

## Measured

The children of each gunicorn and uvicorn, against the cores that this process may use. Gunicorn's
own advice is twice the cores and one.

## Source

https://docs.gunicorn.org/en/stable/design.html#how-many-workers
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.host.session import Host
from praxis.doctor.registry import check

_TOO_MANY = 4  # for each core
_PROGRAMS = ("gunicorn", "uvicorn")


@check(code="OPS104", severity=Severity.NOTE)
def ask(host: Host) -> Iterator[Finding]:
    pids = {process.pid for process in host.servers}
    for master in host.servers:
        if master.program not in _PROGRAMS or master.parent in pids:
            continue
        count = sum(1 for process in host.servers if process.parent == master.pid)
        advised = 2 * host.cores + 1
        if count > _TOO_MANY * host.cores + 1:
            says = f"{count} workers take turns on {host.cores} cores"
        elif count <= 1 < host.cores:
            says = f"one worker uses one of {host.cores} cores"
        else:
            continue
        yield Finding(
            message=f"{master.program}: {says}. Some {advised} is gunicorn's advice; measure.",
            evidence=evidence(
                [("process", str(master.pid)), ("command", master.command), ("cores", host.cores)]
            ),
            remedies=(Remedy("shell", f"{master.program} --workers {advised} …"),),
        )
