"""
Reads from replicas that never lie, and connections that do not hang.

    DATABASE_ROUTERS = ["praxis.databases.ReplicaRouter"]
    MIDDLEWARE = ["praxis.databases.ReplicaMiddleware", ...]
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from praxis.databases.addresses import from_url as from_url
    from praxis.databases.celery_headers import carry_in_celery as carry_in_celery
    from praxis.databases.middleware import ReplicaMiddleware as ReplicaMiddleware
    from praxis.databases.pools import pool_statistics as pool_statistics
    from praxis.databases.router import ReplicaRouter as ReplicaRouter
    from praxis.databases.scopes import current_token as current_token
    from praxis.databases.scopes import read_session as read_session
    from praxis.databases.scopes import reading_primary as reading_primary
    from praxis.databases.scopes import wrote as wrote
    from praxis.databases.sizing import connections_needed as connections_needed
    from praxis.databases.status import replica_status as replica_status

#: Where each public name is; settings import this package before Django is set up.
_MODULES = {
    "ReplicaMiddleware": "middleware",
    "ReplicaRouter": "router",
    "carry_in_celery": "celery_headers",
    "connections_needed": "sizing",
    "current_token": "scopes",
    "from_url": "addresses",
    "pool_statistics": "pools",
    "read_session": "scopes",
    "reading_primary": "scopes",
    "replica_status": "status",
    "wrote": "scopes",
}

__all__ = [*_MODULES]  # noqa: PLE0604 - they are strings


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
