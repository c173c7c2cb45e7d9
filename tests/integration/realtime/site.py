"""The site that the tests subscribe to, in a process of its own."""

import asyncio
import json
import os
from importlib.resources import files

from django.conf import settings  # noqa: TID251 - it is a site of its own

if not settings.configured:
    settings.configure(
        SECRET_KEY="tests-only",
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        CSRF_TRUSTED_ORIGINS=["https://shop.example", "https://*.trusted.example"],
        ROOT_URLCONF="tests.integration.realtime.site",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "praxis"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        STATIC_URL="/static/",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "tests.integration.realtime.site.who_is_it",
        ],
        PRAXIS=json.loads(os.environ["SITE_PRAXIS"]),
    )
    import django

    django.setup()

from django.contrib.auth.models import AnonymousUser, User
from django.core.asgi import get_asgi_application
from django.http import HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path
from django.utils.decorators import async_only_middleware

from praxis import realtime
from praxis.realtime.hub import hub

banned = set()


@async_only_middleware
def who_is_it(get_response):
    """A user by a header or a cookie; the tests say who it is."""

    async def respond(request):
        said = request.headers.get("X-User") or request.COOKIES.get("user", "")
        name = "" if said in banned else said
        user = AnonymousUser() if not name else User(pk=int(name), is_staff=name == "1")

        async def auser():
            return user

        request.auser, request.user = auser, user
        if name == "13":
            return HttpResponseRedirect("/login/")
        response = await get_response(request)
        response["X-Seen"] = "yes"
        response.set_cookie("seen", "1")
        return response

    return respond


def may_enter(request, name):
    """Not async, as most functions of sites are."""
    if name == "broken":
        raise RuntimeError("this function fails")
    return request.user.is_authenticated and name != "closed"


async def ban(request, pk):
    banned.add(str(pk))
    return HttpResponse("banned")


async def stream(request):
    return await realtime.event_stream(request, request.GET.getlist("channel"))


async def publish(request):
    for number in range(int(request.GET["count"])):
        await realtime.apublish("orders", {"n": number})
    return HttpResponse("published")


async def clients(request):
    return HttpResponse(str(len(hub().clients)))


async def work(request):
    await asyncio.sleep(0)
    return HttpResponse("worked")


PAGE = """<!doctype html>{% load praxis_realtime %}{% live_script %}
{% live "orders" "hall" at=at transport=transport %}<ul></ul>
<script>
  const seen = [], states = [], resets = []; let here = [];
  addEventListener("praxis-event", ({ detail }) => seen.push(detail.data));
  addEventListener("praxis-state", ({ detail }) => states.push(detail.state));
  addEventListener("praxis-reset", ({ detail }) => resets.push(detail.reason));
  addEventListener("praxis-presence", ({ detail }) => { here = [...detail.users]; });
</script>"""


def page(request):
    """What a site would render; the position is taken first."""
    context = {"at": realtime.position("orders", "hall"), "transport": request.GET["transport"]}
    if event := request.GET.get("meanwhile"):
        realtime.publish("orders", event)
    return HttpResponse(engines["django"].from_string(PAGE).render(context))


def client_script(request):
    script = files("praxis") / "static/praxis/realtime.js"
    return HttpResponse(script.read_bytes(), content_type="text/javascript")


urlpatterns = [
    path("page/", page),
    path("static/praxis/realtime.js", client_script),
    path("ban/<int:pk>/", ban),
    path("stream/", stream),
    path("publish/", publish),
    path("work/", work),
    path("clients/", clients),
]

application = realtime.asgi(get_asgi_application(), path="/events/")
