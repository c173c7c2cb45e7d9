"""Requests through views, the middleware, Django REST framework and logins."""

import asyncio
import json

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.core.checks import run_checks
from django.http import HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import override_settings
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View

from praxis.errors import RateLimitedError, SettingsError
from praxis.ratelimit import By, Limiter, LoginLimitBackend, rate_limit
from praxis.ratelimit.drf import RateLimitThrottle

pytestmark = pytest.mark.redis
JSON = {"headers": {"accept": "application/json"}}


@rate_limit("2/m")
def page(request):
    return HttpResponse("here")


@rate_limit("2/m", key="header:X-Api-Key", methods="POST")
def posts(request):
    return HttpResponse("done")


@rate_limit("2/m", block=False)
def looks(request):
    (decision,) = request.rate_limits
    return HttpResponse("in" if decision else "over")


@rate_limit("1/m")
async def later(request):
    return HttpResponse("later")


@rate_limit("1/s, 5/h", key=lambda request: None if request.GET.get("free") else "all")
def sometimes(request):
    return HttpResponse("sometimes")


@rate_limit("10/m", cost=lambda request: int(request.GET["cost"]))
def costly(request):
    return HttpResponse("costly")


class Both(View):
    @method_decorator(rate_limit("1/m", name="both"))
    def get(self, request):
        return HttpResponse("get")

    @method_decorator(rate_limit("1/m", name="both"))
    def post(self, request):
        return HttpResponse("post")


def checks(request):
    Limiter("checked", "1/m").check("x")
    return HttpResponse("checked")


class Burst(RateLimitThrottle):
    rates = "1/m"
    key = "address"


def api(request):
    from rest_framework.decorators import api_view, throttle_classes
    from rest_framework.response import Response

    @api_view(["GET"])
    @throttle_classes([Burst])
    def answer(request):
        return Response({"a": 1})

    return answer(request)


urlpatterns = [
    path("page/", page),
    path("posts/", posts),
    path("looks/", looks),
    path("later/", later),
    path("sometimes/", sometimes),
    path("costly/", costly),
    path("both/", Both.as_view()),
    path("checks/", checks),
    path("api/", api),
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
MIDDLEWARE = ["praxis.ratelimit.RateLimitMiddleware"]


@pytest.fixture(autouse=True)
def site(configured):
    with override_settings(
        ROOT_URLCONF=__name__, TEMPLATES=TEMPLATES, MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["*"]
    ):
        yield


def statuses(url, count=3, **options):
    client = Client()
    return [client.get(url, **options).status_code for _ in range(count)]


def test_a_view_is_answered_so_often():
    assert statuses("/page/") == [200, 200, 429]
    assert statuses("/page/", REMOTE_ADDR="9.9.9.9") == [200, 200, 429]


def test_the_answers_tell_of_the_limit():
    client = Client()
    first = client.get("/page/")
    name = '"tests.integration.ratelimit.test_requests.page"'
    assert first["RateLimit-Policy"] == f"{name};q=2;w=60"
    assert first["RateLimit"].startswith(f"{name};r=1;t=")
    client.get("/page/")
    over = client.get("/page/")
    assert 0 < int(over["Retry-After"]) <= 66
    assert over["RateLimit"].startswith(f"{name};r=0;t=")
    assert over["Cache-Control"] == "no-store"
    assert b"Too many requests" in over.content


def test_programs_get_json():
    statuses("/page/", 2)
    over = Client().get("/page/", **JSON)
    assert over["Content-Type"] == "application/problem+json"
    assert json.loads(over.content)["status"] == 429


def test_a_template_of_the_project_is_taken(tmp_path):
    (tmp_path / "429.html").write_text("wait {{ retry_after_s }}")
    with override_settings(TEMPLATES=[TEMPLATES[0] | {"DIRS": [tmp_path]}]):
        statuses("/page/", 2)
        assert Client().get("/page/").content.startswith(b"wait ")


def test_only_the_methods_that_are_named_count():
    client = Client(headers={"x-api-key": "k"})
    assert [client.get("/posts/").status_code for _ in range(3)] == [200] * 3
    assert [client.post("/posts/").status_code for _ in range(3)] == [200, 200, 429]
    other = Client(headers={"x-api-key": "l"})
    assert other.post("/posts/").status_code == 200


def test_a_view_may_decide_itself():
    client = Client()
    assert [client.get("/looks/").content for _ in range(3)] == [b"in", b"in", b"over"]


def test_some_requests_are_not_counted():
    assert statuses("/sometimes/?free=1") == [200] * 3
    assert statuses("/sometimes/") == [200, 429, 429]


def test_a_request_may_cost_more():
    assert statuses("/costly/?cost=4") == [200, 200, 429]


def test_methods_of_a_class_may_share_a_limit():
    client = Client()
    assert (client.get("/both/").status_code, client.post("/both/").status_code) == (200, 429)


def test_coroutines_are_limited_without_a_thread():
    async def ask():
        client = AsyncClient()
        return [(await client.get("/later/")).status_code for _ in range(2)]

    assert asyncio.run(ask()) == [200, 429]


def test_what_a_view_checks_itself_is_answered_likewise():
    assert statuses("/checks/", 2) == [200, 429]


def test_django_rest_framework_is_limited():
    client = Client()
    assert client.get("/api/").status_code == 200
    over = client.get("/api/")
    assert over.status_code == 429
    assert int(over["Retry-After"]) > 0


def test_paths_are_limited_by_the_settings(configured):
    configured(paths={"/p*": {"rates": "1/m"}, "/posts/": {"rates": "5/m", "methods": ["POST"]}})
    assert statuses("/page/", 2) == [200, 429]
    first = Client().post("/posts/", REMOTE_ADDR="8.8.8.8")
    assert first["RateLimit-Policy"].count("path /") == 2
    assert statuses("/sometimes/?free=1") == [200] * 3


def test_the_middleware_serves_coroutines(configured):
    configured(paths={"/later/": {"rates": "2/m"}})

    async def ask():
        client = AsyncClient()
        return [(await client.get("/later/")).status_code for _ in range(3)]

    assert asyncio.run(ask()) == [200, 429, 429]


def test_the_address_is_the_clients_behind_proxies_of_ours(configured):
    configured(trusted_proxies=["10.0.0.0/8"])
    for client in ("1.1.1.1", "2.2.2.2"):
        forwarded = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"6.6.6.6, {client}"}
        assert statuses("/page/", **forwarded) == [200, 200, 429]


def test_a_header_that_anybody_can_send_makes_nobody_else(configured):
    client = Client()
    found = [client.get("/page/", HTTP_X_FORWARDED_FOR=f"1.1.1.{n}").status_code for n in range(3)]
    assert found == [200, 200, 429]


def test_some_are_always_let_in_and_some_never(configured):
    configured(allow=["127.0.0.1"], deny=["6.6.6.0/24"])
    assert statuses("/page/", 4) == [200] * 4
    over = Client().get("/page/", REMOTE_ADDR="6.6.6.6")
    assert (over.status_code, over.has_header("Retry-After")) == (403, False)


def test_where_nobody_can_count_the_site_is_unavailable(configured, server):
    configured(timeout_s=0.25, on_error="closed")
    server.kill()
    over = Client().get("/page/")
    assert (over.status_code, over["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"paths": {"/a": {"rates": "lots"}}}, "no rate"),
        ({"paths": {"/a": {"key": "adress"}}}, "names no key"),
        ({"trusted_proxies": ["10.0.0.1/8"]}, "trusted_proxies"),
        ({"paths": {"/a": {"burst": 5}}}, "burst"),
        ({"login": {"pair": "5"}}, "no rate"),
        ({"redis": "limits"}, "limits"),
    ],
)
def test_slips_in_the_settings_are_told_at_the_start(configured, wrong, message):
    configured(**wrong)
    assert any(message in str(found) for found in run_checks(tags=["praxis"]))


def test_a_key_that_means_nothing_is_told_when_it_is_written():
    with pytest.raises(SettingsError, match="names no key"):
        rate_limit("1/m", key="adress")
    with pytest.raises(TypeError, match="has to be said"):
        rate_limit(page)


def test_what_the_login_limits_lack_is_told(configured):
    backends = ["django.contrib.auth.backends.ModelBackend", "praxis.ratelimit.LoginLimitBackend"]
    with override_settings(AUTHENTICATION_BACKENDS=backends, MIDDLEWARE=[]):
        assert {one.id for one in run_checks(tags=["praxis"])} >= {"praxis.W030", "praxis.W031"}
        configured(url=None)
        assert "praxis.E030" in {one.id for one in run_checks(tags=["praxis"])}


@pytest.fixture
def accounts(db):
    backends = ["praxis.ratelimit.LoginLimitBackend", "django.contrib.auth.backends.ModelBackend"]
    with override_settings(
        AUTHENTICATION_BACKENDS=backends,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield User.objects.create_user("ann", password="right")


def login(password, username="ann", address="1.1.1.1"):
    request = RequestFactory().post("/login/", REMOTE_ADDR=address)
    user = authenticate(request, username=username, password=password)
    if user is not None:
        user_logged_in.send(User, request=request, user=user)
    return user


def test_guessing_is_slow(configured, accounts):
    configured(login={"pair": "3/m"})
    for _ in range(3):
        assert login("wrong") is None
    with pytest.raises(RateLimitedError):
        login("right")
    with pytest.raises(RateLimitedError):
        login("right", username="ANN ")
    assert login("right", address="2.2.2.2") == accounts


def test_an_account_that_is_not_there_is_refused_in_the_same_way(configured, accounts):
    configured(login={"pair": "3/m"})
    for name in ("ann", "nobody"):
        for _ in range(3):
            assert login("wrong", name) is None
        with pytest.raises(RateLimitedError, match="account and address"):
            login("wrong", name)


def test_who_knows_the_password_is_not_counted(configured, accounts):
    configured(login={"pair": "3/m", "address": "3/m", "account": "3/m"})
    for _ in range(8):
        assert login("right") == accounts


def test_strangers_do_not_lock_the_owner_out(configured, accounts):
    configured(login={"account": "5/h", "pair": "2/h"})
    assert login("right", address="1.1.1.1") == accounts
    for n in range(5):
        assert login("wrong", address=f"6.6.6.{n}") is None
    with pytest.raises(RateLimitedError):
        login("wrong", address="6.6.6.99")
    assert login("right", address="1.1.1.1") == accounts


def test_an_address_that_tries_many_accounts_is_slow(configured, accounts):
    configured(login={"address": "3/m"})
    for n in range(3):
        login("wrong", f"user{n}")
    with pytest.raises(RateLimitedError):
        login("right")


def test_many_attempts_at_once_are_as_many_as_one_after_the_other(configured, accounts):
    configured(login={"pair": "3/m"})
    request = RequestFactory().post("/login/")
    backend, outcomes = LoginLimitBackend(), []
    for _ in range(6):  # none of them has looked at the password yet
        try:
            backend.authenticate(request, username="ann", password="x")
            outcomes.append(True)
        except RateLimitedError as error:
            outcomes.append(error.decision.by)
    assert outcomes == [True] * 3 + [By.REDIS] + [By.KNOWN] * 2


def test_a_lost_redis_keeps_nobody_out(configured, server, accounts):
    configured(timeout_s=0.25)
    server.kill()
    assert login("right") == accounts


def test_credentials_without_a_name_are_left_alone(accounts):
    assert authenticate(RequestFactory().get("/"), token="x") is None
    assert authenticate(None, username="ann", password="right") == accounts
