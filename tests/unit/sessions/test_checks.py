import pytest
from django.conf import settings  # noqa: TID251 - what is installed
from django.core.checks import run_checks
from django.test.utils import override_settings

DJANGOS = "django.contrib.sessions.middleware.SessionMiddleware"
OWN = "praxis.sessions.middleware.SessionMiddleware"
SESSIONS = {"040", "041", "042", "043"}
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
        (
            "praxis.sessions",
            OWN,
            {"redis": REDIS, "sessions": {"on_error": "fallback"}},
            {"praxis.E043"},
        ),
        (
            "praxis.sessions",
            OWN,
            {"redis": REDIS, "sessions": {"on_error": "fallback", "durable": "write_behind"}},
            set(),
        ),
        ("praxis.sessions", DJANGOS, {"redis": REDIS}, {"praxis.W040"}),
        ("django.contrib.sessions.backends.db", DJANGOS, {}, set()),
    ],
)
def test_what_is_wrong_with_sessions_is_told(engine, middleware, praxis, ids):
    with override_settings(SESSION_ENGINE=engine, MIDDLEWARE=[middleware], PRAXIS=praxis):
        found = {one.id for one in run_checks(tags=["praxis"])}
    assert {one for one in found if one[8:11] in SESSIONS} == ids


def test_copies_need_their_table():
    apps = [app for app in settings.INSTALLED_APPS if app != "django.contrib.sessions"]
    praxis = {"redis": REDIS, "sessions": {"durable": "write_through"}}
    with override_settings(
        SESSION_ENGINE="praxis.sessions", MIDDLEWARE=[OWN], PRAXIS=praxis, INSTALLED_APPS=apps
    ):
        assert "praxis.E042" in {one.id for one in run_checks(tags=["praxis"])}
