"""
Tasks wait, and nobody takes them, or not fast enough.

What waits is mail that is not sent and orders that are not sent off; a queue that only grows ends
with the server's memory.

## Measured

The length of each queue; whether its next task is still the same a second later while no worker has
any task; and the next task's age, where it tells (`timestamp` in its headers or properties).

## Misses

Celery's own messages do not tell when they were sent: set `timestamp` in `before_task_publish` to
have their age judged.

## Source

https://docs.celeryq.dev/en/stable/userguide/monitoring.html
"""

import json
import time
from collections.abc import Iterator
from typing import Any

from praxis.audit.findings import Severity
from praxis.doctor.broker.queues import Broker, length, lists, queues
from praxis.doctor.findings import Finding, Remedy, duration, evidence
from praxis.doctor.registry import check

_WATCHED_S = 1.0


@check(code="TASK105")
def ask(broker: Broker) -> Iterator[Finding]:
    before = {queue: _next_of(broker, queue) for queue in queues(broker)}
    waiting = {queue: message for queue, message in before.items() if message is not None}
    if not waiting:
        return
    time.sleep(_WATCHED_S)
    held = int(broker.ask("HLEN", "unacked"))
    for queue, message in waiting.items():
        count = length(broker, queue)
        age_s = _age_s(message)
        stands = held == 0 and _next_of(broker, queue) == message
        known: list[tuple[str, object]] = [
            ("waiting", count),
            ("taken and not done, of all queues", held),
        ]
        if age_s is not None:
            known.append(("age of the next", duration(age_s)))
        if stands:
            yield Finding(
                message=f"{count:,} tasks wait in the queue {queue}, and no worker takes any.",
                evidence=evidence([*known, ("the next", _name(message))]),
                remedies=(Remedy("shell", f"celery -A PROJECT worker --queues {queue}"),),
                severity=Severity.ERROR,
            )
        elif count >= broker.limits.queue_length or (age_s or 0.0) >= broker.limits.queue_age_s:
            yield Finding(
                message=f"{count:,} tasks wait in the queue {queue}"
                + (f", the next for {duration(age_s)}" if age_s is not None else "")
                + ": more come than are done.",
                evidence=evidence([*known, ("the next", _name(message))]),
                remedies=(
                    Remedy(
                        "shell",
                        f"celery -A PROJECT worker --queues {queue} --autoscale 16,2\n"
                        "celery -A PROJECT inspect active  # what they are busy with",
                    ),
                ),
            )


def _next_of(broker: Broker, queue: str) -> str | None:
    for key in lists(queue):
        message = broker.ask("LINDEX", key, -1)
        if message is not None:
            return str(message)
    return None


def _parts(message: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and properties; empty of what is no message of kombu's."""
    try:
        found = json.loads(message)
    except ValueError:
        return {}, {}
    if not isinstance(found, dict):
        return {}, {}
    headers, properties = found.get("headers"), found.get("properties")
    return (
        headers if isinstance(headers, dict) else {},
        properties if isinstance(properties, dict) else {},
    )


def _age_s(message: str) -> float | None:
    for part in _parts(message):
        sent = part.get("timestamp")
        if isinstance(sent, int | float):
            return max(time.time() - sent, 0.0)
    return None


def _name(message: str) -> str:
    return str(_parts(message)[0].get("task", "-"))
