import pytest
from django.core.checks import run_checks
from django.test.utils import override_settings

DJANGOS = "django.contrib.sessions.middleware.SessionMiddleware"
OWN = "praxis.sessions.middleware.SessionMiddleware"
REDIS = {"url": "redis://127.0.0.1"}


@pytest.mark.parametrize(
    ("engine", "middleware", "praxis", "ids"),
    [
        ("praxis.sessions", OWN, {"redis": REDIS}, set()),
        ("praxis.sessions", OWN, {}, {"praxis.E040"}),
        (
            "praxis.sessions",
            OWN,
            {"redis": REDIS, "sessions": {"redis": "other"}},
            {"praxis.E040"},
        ),
        (
            "praxis.sessions",
            OWN,
            {"redis": REDIS, "sessions": {"adopt_from": "django.contrib.sessions"}},
            {"praxis.E041"},
        ),
        ("praxis.sessions", DJANGOS, {"redis": REDIS}, {"praxis.W040"}),
        ("django.contrib.sessions.backends.db", DJANGOS, {}, set()),
    ],
)
def test_what_is_wrong_with_sessions_is_told(engine, middleware, praxis, ids):
    with override_settings(SESSION_ENGINE=engine, MIDDLEWARE=[middleware], PRAXIS=praxis):
        found = {one.id for one in run_checks(tags=["praxis"])}
    assert {one for one in found if one.endswith(("040", "041"))} == ids
