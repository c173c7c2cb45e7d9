"""The pages on which devices are listed and ended: the user's own, a template tag, the admin."""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.template import Context, Template
from django.test import Client, override_settings
from django.urls import include, path

from praxis.sessions import devices_of
from praxis.sessions.admin import DevicesAdminMixin
from tests.integration.sessions import test_devices

MIDDLEWARE = [
    "praxis.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
pytestmark = [pytest.mark.redis, pytest.mark.django_db]


class OurUserAdmin(DevicesAdminMixin, UserAdmin):
    pass


def tagged(request):
    text = "{% load praxis_sessions %}{% devices '/mine/' %}"
    return HttpResponse(Template(text).render(Context({"request": request, "csrf_token": "c"})))


site = admin.AdminSite()
site.register(User, OurUserAdmin)
urlpatterns = [
    *test_devices.urlpatterns,
    path("mine/", include("praxis.sessions.urls")),
    path("tag/", tagged),
    path("admin/", site.urls),
]


@pytest.fixture(autouse=True)
def user(configured):
    options = {"MIDDLEWARE": MIDDLEWARE, "TEMPLATES": TEMPLATES, "LOGIN_URL": "/login/"}
    with override_settings(ROOT_URLCONF=__name__, **options):
        yield User.objects.create_user("ann", password="x")


@pytest.fixture
def clients(user):
    return [entered(agent) for agent in ("Firefox", "Chrome", "Opera")]


def entered(agent):
    client = Client(headers={"user-agent": agent})
    client.get("/enter/")
    return client


def agents(user):
    return sorted(one.user_agent for one in devices_of(user))


def id_of(user, agent):
    return next(one.id for one in devices_of(user) if one.user_agent == agent)


@pytest.mark.parametrize("page", ["/mine/", "/tag/"])
def test_a_user_sees_all_devices(clients, page):
    text = clients[0].get(page).content.decode()
    assert all(name in text for name in ("Firefox", "Chrome", "Opera"))
    assert text.count("this device") == 1
    assert text.count("<form") == 4
    assert ('action="/mine/"' in text) == (page == "/tag/")


def test_a_user_ends_one_and_all_others(clients, user):
    answer = clients[0].post("/mine/", {"device": id_of(user, "Chrome")}, follow=True)
    assert b"The device is logged out." in answer.content
    assert agents(user) == ["Firefox", "Opera"]
    answer = clients[0].post("/mine/", {"device": "made up"}, follow=True)
    assert b"was not logged in any more" in answer.content
    answer = clients[0].post("/mine/", {"others": "1"}, follow=True)
    assert b"1 other device is logged out." in answer.content
    assert agents(user) == ["Firefox"]
    answer = clients[0].post("/mine/", {"device": id_of(user, "Firefox")})
    assert clients[0].get("/mine/").headers["Location"].startswith("/login/")


def test_nobody_else_ends_them(clients, user):
    other = User.objects.create_user("bob", password="x")
    wanted = id_of(user, "Chrome")
    stranger = Client()
    stranger.force_login(other)
    stranger.post("/mine/", {"device": wanted})
    assert Client().post("/mine/", {"device": wanted}).status_code == 302
    assert len(agents(user)) == 3
    assert Client(enforce_csrf_checks=True).post("/mine/", {"others": "1"}).status_code == 403


def test_the_page_of_others_has_no_devices():
    assert b"<form" not in Client().get("/tag/").content


@pytest.fixture
def staff(user):
    def make(*permissions):
        one = User.objects.create_user(f"staff {permissions}", password="x", is_staff=True)
        for name in permissions:
            one.user_permissions.add(Permission.objects.get(codename=name))
        client = Client()
        client.force_login(one)
        return client

    return make


def test_staff_sees_and_ends_sessions_of_a_user(clients, user, staff):
    client, page = staff("change_user"), f"/admin/auth/user/{user.pk}/devices/"
    assert page.encode() in client.get(f"/admin/auth/user/{user.pk}/change/").content
    text = client.get(page).content.decode()
    assert all(name in text for name in ("Firefox", "Chrome", "Opera"))
    client.post(page, {"device": id_of(user, "Chrome")})
    assert agents(user) == ["Firefox", "Opera"]
    client.post(page)
    assert agents(user) == []
    assert LogEntry.objects.filter(object_id=user.pk).count() == 2
    assert b"Logged in nowhere." in client.get(page).content


def test_who_may_only_view_ends_nothing(clients, user, staff):
    client, page = staff("view_user"), f"/admin/auth/user/{user.pk}/devices/"
    assert b"<button" not in client.get(page).content.split(b'id="content-main"')[1]
    assert client.post(page).status_code == 403
    assert staff().get(page).status_code == 403
    assert client.get("/admin/auth/user/999/devices/").status_code == 404
    assert len(agents(user)) == 3
    assert Session.objects.count() == 0
