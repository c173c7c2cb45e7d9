"""
A worker took a task long ago and has not acknowledged it.

After the visibility timeout another worker takes the task as well: a task that lasts longer runs
twice, and one whose worker died waits that long.

## Measured

The oldest entry of `unacked_index`, against an hour, which is kombu's default.

## Misses

A `visibility_timeout` that the settings change; tasks with an `eta` wait here, too.

## Source

https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html
"""

import time
from collections.abc import Iterator

from praxis.doctor.broker.queues import Broker
from praxis.doctor.findings import Finding, Remedy, duration, evidence
from praxis.doctor.registry import check


@check(code="TASK102")
def ask(broker: Broker) -> Iterator[Finding]:
    count = int(broker.ask("ZCARD", "unacked_index"))
    if not count:
        return
    tag, since_s = broker.ask("ZRANGE", "unacked_index", 0, 0, "WITHSCORES")
    age_s = time.time() - float(since_s)
    if age_s < broker.limits.unacknowledged_s:
        return
    yield Finding(
        message=f"A worker took a task {duration(age_s)} ago and has not acknowledged it: it is "
        "given to another one as well.",
        evidence=evidence([("not acknowledged", count), ("the oldest", tag)]),
        remedies=(
            Remedy(
                "settings.py",
                'CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 3600}  # above the '
                "longest task and eta\nCELERY_TASK_TIME_LIMIT = 3600",
            ),
        ),
    )
