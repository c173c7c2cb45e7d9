"""
Carries what was written and seen from whoever sends a task of Celery to the task.

The one file that imports Celery.
"""

from typing import Any

try:
    from celery.signals import before_task_publish, task_postrun, task_prerun
except ImportError as missing:
    raise ImportError("Tasks are Celery's. Run: pip install celery") from missing

from praxis.databases import router as _router  # noqa: F401 - stands around the connections
from praxis.databases.scopes import Scope, accepted, current_token, entered

HEADER = "praxis_seen"
_UID = "praxis.databases.celery"
#: The scopes of the tasks that run, by their ids.
_running: dict[str, Any] = {}


def carry_in_celery() -> None:
    """
    Let tasks read from replicas, and see all that their senders had written.

    Call it where the app of Celery is made; with ``"praxis"`` among the ``INSTALLED_APPS`` and
    Celery imported by then that happens by itself. Again is no error.
    """
    before_task_publish.connect(_publish, weak=False, dispatch_uid=_UID)
    task_prerun.connect(_begin, weak=False, dispatch_uid=_UID)
    task_postrun.connect(_end, weak=False, dispatch_uid=_UID)


def _publish(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and HEADER not in headers and (token := current_token()):
        headers[HEADER] = token


def _begin(task_id: str, task: Any, **_: Any) -> None:
    request = task.request
    if request.is_eager:
        return  # a part of whoever calls it
    scope = Scope(session=task_id)
    token = getattr(request, HEADER, None) or (request.headers or {}).get(HEADER, "")
    scope.floors.update(accepted(str(token or "")))
    context = entered(scope)
    context.__enter__()
    _running[task_id] = context


def _end(task_id: str, **_: Any) -> None:
    context = _running.pop(task_id, None)
    if context is not None:
        context.__exit__(None, None, None)
