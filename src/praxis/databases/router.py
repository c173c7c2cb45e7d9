"""
Which database Django's models are read from and written to.

    DATABASE_ROUTERS = ["praxis.databases.ReplicaRouter"]
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from praxis.databases.hooks import hook, install
from praxis.databases.reading import read_alias
from praxis.databases.topology import topology

install()


class ReplicaRouter:
    """
    Sends reads to replicas that show what the request or task must see, and writes to the primary.

    ``using()`` is done as it says. Nothing is read from a replica in a transaction, after a
    write in the same request, and where there is neither a request nor a task nor `read_session`.

    Of several clusters the one is read that an instance came from, else ``default``; a subclass
    may say something else.
    """

    def primary_for(self, model: Any, **hints: Any) -> str | None:
        """The primary that holds a model's rows; None if other routers or Django shall say."""
        del model
        instance = hints.get("instance")
        alias = instance._state.db if instance is not None else None  # noqa: SLF001 - as Django
        if alias is None:
            return DEFAULT_DB_ALIAS
        cluster = topology().cluster_of(alias)
        return None if cluster is None else cluster.primary

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """A replica, or the primary; None if the model is not here."""
        primary = self.primary_for(model, **hints)
        if primary is None:
            return None
        alias = read_alias(primary)
        hook(connections[alias])
        return alias

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        """The primary, also for what was read from a replica."""
        primary = self.primary_for(model, **hints)
        if primary is not None:
            hook(connections[primary])
        return primary

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool | None:
        """Rows of one cluster may refer to each other, wherever they were read."""
        del hints
        known = topology()
        places = [known.cluster_of(one._state.db or "") for one in (first, second)]  # noqa: SLF001
        return True if places[0] is not None and places[0] is places[1] else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Replicas get their tables from the primary."""
        del app_label, hints
        return False if topology().replica(db) else None
