"""How a site is set up for each router."""

import random
from typing import Any

REPLICAS = ["replica1", "replica2"]
PEERS = ("django-multidb-router==0.11", "django-replicated==2.7", "six==1.17.0")
MULTIDB = {
    "DATABASE_ROUTERS": ["multidb.PinningReplicaRouter"],
    "MIDDLEWARE": ["multidb.middleware.PinningRouterMiddleware"],
    "REPLICA_DATABASES": REPLICAS,
}


class RandomRouter:
    """As in Django's documentation."""

    def db_for_read(self, *_, **__):
        return random.choice(REPLICAS)

    def db_for_write(self, *_, **__):
        return "default"


#: The settings of each way, by the name that the table shows.
WAYS: dict[str, dict[str, Any]] = {
    "primary alone": {},
    "random": {"DATABASE_ROUTERS": ["benchmarks.routing.ways.RandomRouter"]},
    "multidb-router, pinned 5 s": MULTIDB | {"MULTIDB_PINNING_SECONDS": 5},
    "multidb-router, pinned 15 s": MULTIDB | {"MULTIDB_PINNING_SECONDS": 15},
    "django-replicated": {
        "DEFAULTS_OF": "django_replicated.settings",  # which a site imports
        "DATABASE_ROUTERS": ["django_replicated.router.ReplicationRouter"],
        "MIDDLEWARE": ["django_replicated.middleware.ReplicationMiddleware"],
        "REPLICATED_DATABASE_SLAVES": REPLICAS,
    },
    "praxis": {
        "DATABASE_ROUTERS": ["praxis.databases.ReplicaRouter"],
        "MIDDLEWARE": ["praxis.databases.ReplicaMiddleware"],
        "PRAXIS": {"databases": {"replicas": dict.fromkeys(REPLICAS, "default")}},
    },
}
