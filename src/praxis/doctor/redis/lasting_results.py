"""
Results of tasks are kept for ever.

## Measured

`PTTL` of some keys, walked with `SCAN`: those that begin with `celery-task-meta-`.

## Source

https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires
"""

from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.redis.sampling import sample
from praxis.doctor.redis.session import Server
from praxis.doctor.registry import check

_PREFIX = "celery-task-meta-"


@check(code="TASK103")
def ask(server: Server) -> Iterator[Finding]:
    seen = sample(server)
    lasting = [key for key in seen.lasting if key.startswith(_PREFIX)]
    if not lasting:
        return
    yield Finding(
        message=f"{len(lasting):,} results of tasks, of {len(seen.sizes):,} keys that were looked "
        "at, have no end: nobody removes them.",
        evidence=evidence([("such as", lasting[0]), ("keys in all", seen.total)]),
        remedies=(
            Remedy(
                "settings.py",
                "CELERY_RESULT_EXPIRES = 3600\nCELERY_TASK_IGNORE_RESULT = True  # if nobody reads",
            ),
        ),
    )
