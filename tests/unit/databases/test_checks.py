import pytest
from django.core.checks import run_checks
from django.db import connections
from django.test.utils import override_settings

ROUTER = "praxis.databases.ReplicaRouter"
MIDDLEWARE = "praxis.databases.ReplicaMiddleware"
PRIMARY = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}
REPLICA = PRIMARY | {"TEST": {"MIRROR": "default"}, "OPTIONS": {"connect_timeout": 2}}
GOOD = {
    "DATABASES": {"default": PRIMARY, "copy": REPLICA},
    "DATABASE_ROUTERS": [ROUTER],
    "MIDDLEWARE": [MIDDLEWARE, "django.contrib.sessions.middleware.SessionMiddleware"],
    "PRAXIS": {"databases": {"replicas": {"copy": "default"}}},
}


def replicas(**named):
    return {"PRAXIS": {"databases": {"replicas": named}}}


def databases(**named):
    return {"DATABASES": GOOD["DATABASES"] | named}


class Own:
    pass


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({}, set()),
        (replicas(), set()),
        (replicas(copy="default", other="default"), {"praxis.E050"}),
        (replicas(copy="copy"), {"praxis.E051"}),
        (replicas(copy="default", default="copy"), {"praxis.E051"}),
        (databases(copy={"ENGINE": "django.db.backends.mysql"}), {"praxis.E052"}),
        ({"MIDDLEWARE": []}, {"praxis.W050"}),
        ({"MIDDLEWARE": list(reversed(GOOD["MIDDLEWARE"]))}, {"praxis.W051"}),
        (databases(copy=PRIMARY), {"praxis.W052", "praxis.W053"}),
        (databases(default=PRIMARY | {"OPTIONS": {"pool": True}}), {"praxis.W054"}),
        (databases(default=PRIMARY | {"ATOMIC_REQUESTS": True}), {"praxis.W055"}),
        (databases(copy=REPLICA | {"ATOMIC_REQUESTS": True}), {"praxis.W055"}),
        ({"DATABASE_ROUTERS": [Own()], "MIDDLEWARE": []}, set()),
        ({"DATABASE_ROUTERS": [], "MIDDLEWARE": []} | replicas(a="b"), set()),
        ({"PRAXIS": {"databases": {"replicas": 5}}}, set()),  # told by another check
    ],
)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_what_is_wrong_with_replicas_is_told(change, ids, monkeypatch):
    settings = GOOD | change
    monkeypatch.setattr(
        connections, "settings", connections.configure_settings(settings["DATABASES"])
    )
    with override_settings(**settings):
        found = {one.id for one in run_checks(tags=["praxis"])}
    assert {one for one in found if one[:-1].endswith(("E05", "W05"))} == ids
