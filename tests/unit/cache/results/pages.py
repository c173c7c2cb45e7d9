"""A small site whose pages look at whatever a page may look at."""

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, Group, User
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views import View
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition
from django.views.decorators.vary import vary_on_headers
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from praxis.cache import cached_view
from praxis.cache.results import declared

calls = []
_declared_before = dict(declared._declared)


def text(said="page"):
    """A view that says so, and how often it was called."""

    def view(request, *args):
        calls.append(request)
        found = said(request) if callable(said) else said
        return found if hasattr(found, "status_code") else HttpResponse(f"{found} {len(calls)}")

    return view


def users(get_response):
    """``request.user`` as Django's middleware makes it, for a header."""

    def middleware(request):
        name = request.META.get("HTTP_X_USER")

        def made():
            if not name:
                return AnonymousUser()
            user = User(pk=1, username=name, is_staff=name == "boss", date_joined=None)
            user.get_all_permissions = lambda: {"shop.sell"} if "b" in name else set()
            return user

        def found():
            request.session.get("_auth_user_id")
            request._cached_user = made()
            return request._cached_user

        async def found_later():
            if not hasattr(request, "_acached_user"):
                await request.session.aget("_auth_user_id")
                request._acached_user = made()
            return request._acached_user

        request.user, request.auser = SimpleLazyObject(found), found_later
        return get_response(request)

    return middleware


def tenants(get_response):
    """A row on the request, as middleware of tenants leaves it there, for a header."""

    def middleware(request):
        if name := request.META.get("HTTP_X_TENANT"):
            request.tenant = Group(pk=1, name=name)
        return get_response(request)

    return middleware


def template(source, **context):
    return lambda request: TemplateResponse(request, engines["django"].from_string(source), context)


def signed(request):
    response = HttpResponse("signed")
    response.set_cookie("seen", "1")
    return response


def varying(*headers):
    def view(request):
        response = HttpResponse(" ".join(str(request.headers.get(name)) for name in headers))
        patch_vary_headers(response, headers)
        return response

    return view


def with_header(name, value="x"):
    return lambda request: HttpResponse("page", headers={name: value})


def failing(request):
    raise LookupError("no")


def missing(request):
    raise Http404


def marked(request):
    response = HttpResponse("page")
    response._policy = "loose"
    return response


def change_session(request):
    request.session["seen"] = True
    return "changed"


def add_message(request):
    messages.info(request, "hello")
    return "added"


def user_name(request):
    return f"hello {request.user.username}"


def may_sell(request):
    return f"{'shop.sell' in request.user.get_all_permissions()} {request.user.is_staff}"


class Shelf(View):
    def get(self, request, number):
        calls.append(request)
        return HttpResponse(f"shelf {number}")


@method_decorator(cached_view(60), name="dispatch")
class Decorated(Shelf):
    pass


class SetUp(Shelf):
    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.object = Group(pk=1)


@method_decorator(cached_view(60), name="dispatch")
class DecoratedSetUp(SetUp):
    pass


class Later(View):
    async def get(self, request, number):
        calls.append(request)
        return HttpResponse(f"later {number}")


@method_decorator(cached_view(60), name="dispatch")
class DecoratedLater(Later):
    pass


def given(view):
    """A decorator that reads a row for its view."""
    return lambda request: view(request, Group(pk=1, name="staff"))


def tenant_name(request):
    return f"{request.tenant.name if hasattr(request, 'tenant') else None}"


class Rest(APIView):
    authentication_classes = ()
    renderer_classes = (JSONRenderer,)

    def get(self, request):
        calls.append(request)
        return Response({"number": len(calls)})


class RestMethod(Rest):
    @method_decorator(cached_view(60))
    def get(self, request):
        return super().get(request)


class RestUser(Rest):
    authentication_classes = (SessionAuthentication,)


async def later(request):
    calls.append(request)
    return HttpResponse(f"later {len(calls)}")


async def later_user(request):
    user = await request.auser()
    return HttpResponse(user.username)


keep = cached_view(60)
PAGES = {
    "page": keep(text()),
    "echo": cached_view(60, ignore_params=["utm_*", "ref"])(
        text(lambda request: request.get_full_path())
    ),
    "query": keep(text(lambda request: dict(request.GET))),
    "template": keep(text(template("{{ a }}", a="shown"))),
    "redirect": keep(text(lambda request: HttpResponseRedirect("/page"))),
    "missing": keep(text(missing)),
    "failing": keep(text(failing)),
    "error": keep(text(lambda request: HttpResponse(status=503))),
    "file": keep(text(lambda request: FileResponse([b"x"]))),
    "cookie": keep(text(signed)),
    "token": keep(text(get_token)),
    "form": keep(text(template("{% csrf_token %}"))),
    "session": keep(text(lambda request: request.session.get("cart"))),
    "change_session": keep(text(change_session)),
    "own_session": cached_view(60, vary=["session"])(
        text(lambda request: request.session.get("cart"))
    ),
    "messages": keep(text(template("{% if messages %}yes{% endif %}"))),
    "own_messages": cached_view(60, vary=["messages"])(
        text(template("{% for message in messages %}{{ message }}{% endfor %}"))
    ),
    "add_message": keep(text(add_message)),
    "own_add_message": cached_view(60, vary=["messages"])(text(add_message)),
    "read_cookie": keep(text(lambda request: request.COOKIES.get("theme"))),
    "all_cookies": keep(text(lambda request: dict(request.COOKIES))),
    "own_cookie": cached_view(60, vary=["theme"])(
        text(lambda request: request.COOKIES.get("theme"))
    ),
    "user": keep(text(user_name)),
    "user_in_template": keep(text(template("{{ user.username }}"))),
    "user_unseen": keep(text(template("{{ user_count }}"))),
    "own_user": cached_view(60, vary=["user"])(text(user_name)),
    "permissions": cached_view(60, vary=["permissions"])(text(may_sell)),
    "permissions_template": cached_view(60, vary=["permissions"])(
        text(template("{{ user.is_staff }}"))
    ),
    "permissions_and_name": cached_view(60, vary=["permissions"])(text(user_name)),
    "never": keep(never_cache(text())),
    "private": keep(cache_control(private=True)(text())),
    "own_private": cached_view(60, vary=["user"])(cache_control(private=True)(text())),
    "public": keep(cache_control(public=True, max_age=30)(text())),
    "agent": keep(text(varying("User-Agent"))),
    "star": keep(text(varying("*"))),
    "vary_cookie": keep(text(varying("Cookie"))),
    "decorated_vary": keep(vary_on_headers("X-Mode")(text())),
    "conditional": keep(condition(etag_func=lambda request: '"own"')(text())),
    "total": keep(text(with_header("X-Total"))),
    "own_total": cached_view(60, headers=["X-Total"])(text(with_header("X-Total"))),
    "request_id": keep(text(with_header("X-Request-Id"))),
    "nonce": keep(text(with_header("Content-Security-Policy", "script-src 'nonce-abc'"))),
    "own_nonce": keep(text(lambda request: setattr(request, "_csp_nonce", "abc") or "page")),
    "nothing": keep(lambda request: None),
    "framed": keep(xframe_options_exempt(text())),
    "marked": keep(text(marked)),
    "given": given(keep(text())),
    "tenant": keep(text(tenant_name)),
    "tenant_fragment": text(
        template(
            "{% load praxis_cache %}{% cached 60 'a' %}{{ request.tenant.name }}{{ tenant.name }}"
            "{% endcached %}"
        )
    ),
    "later": keep(later),
    "later_user": keep(later_user),
    "own_later_user": cached_view(60, vary=["user"])(later_user),
    "region": cached_view(60, vary=["region"])(text(lambda r: r.headers.get("X-Region"))),
}
urlpatterns = [path(name, view) for name, view in PAGES.items()] + [
    path("shelf/<int:number>", Decorated.as_view()),
    path("rest/method", RestMethod.as_view()),
    path("rest/view", keep(Rest.as_view())),
    path("rest/user", keep(RestUser.as_view())),
    path("set_up/<int:number>", DecoratedSetUp.as_view()),
    path("wrapped_set_up/<int:number>", keep(SetUp.as_view())),
    path("wrapped/<int:number>", cached_view(60)(Shelf.as_view())),
    path("later/<int:number>", DecoratedLater.as_view()),
    path("wrapped_later/<int:number>", cached_view(60)(Later.as_view())),
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    f"{__name__}.users",
    f"{__name__}.tenants",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
SETTINGS = {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": MIDDLEWARE,
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "ALLOWED_HOSTS": ["testserver", "other", "127.0.0.1"],
    "DEBUG": True,
    "PRAXIS": {
        "cache": {"dimensions": {"theme": "cookie:theme", "region": "header:X-Region"}},
    },
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ],
}

# what belongs to this site alone, `manage.py check` of others need not see
declared._declared.clear()
declared._declared.update(_declared_before)
