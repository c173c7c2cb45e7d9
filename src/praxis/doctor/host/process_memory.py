"""
The processes that serve have taken most of the memory, or are partly on the disk.

When memory runs out the system ends a process, in the middle of what it does; one that was swapped
out answers late.

## Measured

The memory of each process (`Pss`, which counts what forked workers share once) in sum, against the
machine's or the container's, and `VmSwap`.

## Source

https://docs.gunicorn.org/en/stable/settings.html#max-requests
"""

from collections import Counter
from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence, share, size
from praxis.doctor.host.session import Host
from praxis.doctor.registry import check

_SWAPPED_BYTES = 16 << 20
_RENEW = Remedy(
    "shell",
    "gunicorn --workers FEWER --threads 4 --max-requests 1000 --max-requests-jitter 100 …\n"
    "celery -A PROJECT worker --max-memory-per-child 200000 …",
)


@check(code="OPS104")
def ask(host: Host) -> Iterator[Finding]:
    by_program: Counter[str] = Counter()
    for process in host.servers:
        by_program[process.program] += process.memory_bytes
    total, swapped = by_program.total(), sum(one.swapped_bytes for one in host.servers)
    known = evidence(
        [
            ("memory", size(host.memory_bytes)),
            *((program, size(used)) for program, used in by_program.most_common()),
            ("on the disk", size(swapped)),
        ]
    )
    if total >= host.limits.process_memory_share * host.memory_bytes:
        yield Finding(
            message=f"The processes that serve take {share(total / host.memory_bytes)} of the "
            "memory: the next peak has one of them ended.",
            evidence=known,
            remedies=(_RENEW,),
        )
    elif swapped >= _SWAPPED_BYTES:
        yield Finding(
            message=f"{size(swapped)} of the processes that serve are on the disk: what needs them "
            "waits.",
            evidence=known,
            remedies=(_RENEW,),
        )
