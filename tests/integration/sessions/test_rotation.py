"""A session gets a new key when its user gets other rights."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

from praxis.redis import link
from praxis.sessions import SessionStore, devices_of, rotate_sessions
from praxis.sessions.fields import LEFT_MS, key_of
from tests.integration.sessions import test_devices

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


def touch(request):
    request.session["n"] = request.session.get("n", 0) + 1
    return HttpResponse(request.user.username)


def fail(request):
    return HttpResponse(request.user.username, status=500)


urlpatterns = [*test_devices.urlpatterns, path("touch/", touch), path("fail/", fail)]


@pytest.fixture
def user(configured):
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=test_devices.MIDDLEWARE):
        yield User.objects.create_user("ann", password="x")


@pytest.fixture
def client(user):
    client = Client(headers={"user-agent": "Firefox"})
    client.get("/enter/")
    client.get("/touch/")
    return client


def key_in(client):
    return client.cookies["sessionid"].value


def add_to_group(user):
    user.groups.add(Group.objects.create(name="editors"))


def add_from_group(user):
    Group.objects.create(name="editors").user_set.add(user)


def clear_group(user):
    group = Group.objects.create(name="editors")
    group.user_set.add(user)
    group.user_set.clear()


def permit(user):
    user.user_permissions.add(Permission.objects.first())


def make_staff(user):
    User.objects.filter(pk=user.pk).update(is_staff=True)  # of which no signal tells


def make_superuser(user):
    user.is_superuser = True
    user.save()


CHANGES = (
    make_staff, make_superuser, add_to_group, add_from_group, clear_group, permit, rotate_sessions,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_next_request_gets_a_new_key(user, client, change):
    before = key_in(client)
    change(user)
    assert client.get("/who/").content == b"ann"
    after = key_in(client)
    assert after != before
    assert SessionStore(after)["n"] == 1
    assert [one.user_agent for one in devices_of(user)] == ["Firefox"]
    assert 0 < link().call("PTTL", key_of(before)) <= LEFT_MS
    client.get("/who/")
    assert key_in(client) == after  # once


def test_what_changes_no_rights_changes_no_key(user, client):
    before = key_in(client)
    user.first_name = "Ann"
    user.save()
    with transaction.atomic():
        add_to_group(user)
        transaction.set_rollback(True)
    client.get("/touch/")
    assert key_in(client) == before
    assert SessionStore(before)["n"] == 2


def test_a_request_under_way_still_reads_and_neither_saves_nor_loses_its_cookie(user, client):
    late = Client()
    late.cookies["sessionid"] = before = key_in(client)
    make_staff(user)
    client.get("/who/")
    answer = late.get("/touch/")
    assert answer.content == b"ann"
    assert "sessionid" not in answer.cookies
    assert SessionStore(before)["n"] == 1
    link().call("DEL", key_of(before))
    assert late.get("/who/").content == b""


def test_of_two_at_once_one_does_it(user, client):
    sessions = [SessionStore(key_in(client)) for _ in range(2)]
    for session in sessions:
        assert session["n"] == 1
    assert [session.rotate({}) for session in sessions] == [True, False]
    assert sessions[1].session_key == key_in(client)
    assert len(devices_of(user)) == 1


def test_it_waits_for_a_request_whose_session_is_saved(user, client):
    before = key_in(client)
    make_staff(user)
    client.get("/fail/", follow=False)
    assert key_in(client) == before
    client.get("/who/")
    assert key_in(client) != before


def test_it_can_be_left_out(configured, user, client):
    before = key_in(client)
    configured(rotate=False)
    make_staff(user)
    add_to_group(user)
    client.get("/who/")
    assert key_in(client) == before


def test_copies_go_along(configured, user):
    configured(durable="write_through")
    client = Client()
    client.get("/enter/")
    make_staff(user)
    client.get("/who/")
    assert Session.objects.count() == 1
    link().call("FLUSHALL")
    assert client.get("/who/").content == b"ann"


def test_an_outage_keeps_no_rights_from_being_changed(configured, server, user, client, caplog):
    configured(timeout_s=0.25)
    server.pause()
    try:
        add_to_group(user)
    finally:
        server.resume()
    assert user.groups.count() == 1
    assert "keep their keys" in caplog.text
