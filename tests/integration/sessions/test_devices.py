"""Where users are logged in, and what visitors see while Redis is gone."""

import pytest
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

from praxis.redis import link
from praxis.sessions import devices_of, revoke, revoke_all, revoke_others

pytestmark = [pytest.mark.redis, pytest.mark.django_db]
MIDDLEWARE = [
    "praxis.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]


def enter(request):
    login(request, User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse()


def leave(request):
    logout(request)
    return HttpResponse()


def who(request):
    return HttpResponse(request.user.username)


def change_password(request):
    request.user.set_password("new")
    request.user.save()
    update_session_auth_hash(request, request.user)
    return HttpResponse()


def devices(request):
    found = devices_of(request.user, request)
    return JsonResponse({"devices": [[one.user_agent, one.is_current] for one in found]})


def others(request):
    return HttpResponse(revoke_others(request))


urlpatterns = [
    path("enter/", enter),
    path("leave/", leave),
    path("who/", who),
    path("password/", change_password),
    path("devices/", devices),
    path("others/", others),
]


@pytest.fixture(autouse=True)
def user(configured):
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["*"]):
        yield User.objects.create_user("ann", password="x")


def entered(agent):
    client = Client(headers={"user-agent": agent})
    client.get("/enter/")
    return client


def is_in(client):
    return client.get("/who/").content == b"ann"


def test_all_devices_are_listed(user):
    first, _ = entered("Firefox"), entered("Chrome")
    told = first.get("/devices/").json()["devices"]
    assert sorted(told) == [["Chrome", False], ["Firefox", True]]
    (one,) = [device for device in devices_of(user) if device.user_agent == "Chrome"]
    assert one.address == "127.0.0.1"
    assert one.logged_in <= one.last_seen or (one.logged_in - one.last_seen).total_seconds() < 1


def test_one_can_be_ended(user):
    first, second = entered("Firefox"), entered("Chrome")
    (one,) = [device for device in devices_of(user) if device.user_agent == "Chrome"]
    assert revoke(user, one.id)
    assert not revoke(user, one.id)
    assert not revoke(user, "made up")
    assert (is_in(first), is_in(second)) == (True, False)


def test_so_can_all_others_and_all(user):
    clients = [entered("A"), entered("B"), entered("C")]
    assert clients[0].get("/others/").content == b"2"
    assert [is_in(client) for client in clients] == [True, False, False]
    assert revoke_all(user) == 1
    assert not is_in(clients[0])
    assert devices_of(user) == []


def test_who_logs_out_is_gone_from_the_list(user):
    client = entered("A")
    client.get("/leave/")
    assert devices_of(user) == []
    client.get("/who/")


def test_one_that_has_ended_by_itself_is_not_listed(user):
    entered("A")
    (key,) = link().call("KEYS", "praxis:s:*")
    link().call("DEL", key)
    assert devices_of(user) == []
    assert link().call("KEYS", "praxis:su:*") == []


def test_a_new_password_leaves_this_one_device(user):
    first, second = entered("A"), entered("B")
    first.get("/password/")
    assert (is_in(first), is_in(second)) == (True, False)
    assert [device.user_agent for device in devices_of(user)] == ["A"]


def test_a_user_has_so_many_at_once(configured, user):
    configured(max_per_user=2)
    clients = [entered("A"), entered("B"), entered("C")]
    assert [is_in(client) for client in clients] == [False, True, True]


def test_devices_of_others_are_nobodys(user):
    entered("A")
    other = User.objects.create_user("bob", password="x")
    assert devices_of(other) == []
    assert revoke_all(other) == 0


def test_an_outage_is_told_and_logs_nobody_out(configured, server, user):
    configured(timeout_s=0.25)
    client = entered("A")
    server.pause()
    try:
        answer = client.get("/who/")
        assert (answer.status_code, answer["Retry-After"]) == (503, "2")
        assert b"still logged in" in answer.content
        assert client.get("/enter/").status_code == 503
        assert client.cookies["sessionid"].value
    finally:
        server.resume()
    while client.get("/who/").status_code == 503:
        pass  # the breaker asks again within a second; the test's own timeout ends it
    assert is_in(client)
