"""A site that shows the library in every way in which a page can be made."""

from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from praxis.cache import aremember, cached, cached_view, remember

#: The views that ran, and what was computed in them.
runs = []
BOOKS = "{% for book in books %}{{ book.title }} by {{ book.author.name }}, {% endfor %}"
TAGS = "{% for tag in book.tags.all %}{{ tag.name }} {% endfor %}"
FRAGMENT = "{% load praxis_cache %}{% cached 60 'books' %}" + BOOKS + "{% endcached %}"
CARD = (
    "{% load praxis_cache %}{{ count }}: {% cached 60 'card' book vary='user' %}"
    "{{ book.title }} {{ book.author.name }} " + TAGS + "{{ user.username }}{% endcached %}"
)


def models():
    from tests.integration.cache.library import models as found

    return found


def books():
    return models().Book.objects.select_related("author").order_by("pk")


def lines():
    return ", ".join(f"{book.title} by {book.author.name}" for book in books())


def shown(request, source, **context):
    return TemplateResponse(request, engines["django"].from_string(source), context)


def plain(request):
    runs.append("plain")
    return HttpResponse(lines())


def template(request):
    runs.append("template")
    return shown(request, BOOKS, books=books())


def fragment(request):
    runs.append("fragment")
    return HttpResponse(engines["django"].from_string(FRAGMENT).render({"books": books()}, request))


def card(request):
    runs.append("card")
    book = models().Book.objects.get(pk=1)
    count = models().Country.objects.count()
    return shown(request, CARD, book=book, count=count)


def tags(request):
    runs.append("tags")
    return shown(request, TAGS, book=models().Book.objects.get(pk=1))


def author(request):
    runs.append("author")
    found = models().Book.objects.filter(author=1).order_by("pk")
    return HttpResponse(" ".join(f"{book.title}{book.pages}" for book in found))


def raw(request):
    runs.append("raw")
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, pages FROM library_book ORDER BY id")
        return HttpResponse(repr(cursor.fetchall()))


async def later(request):
    runs.append("later")
    found = [f"{book.title} by {book.author.name}" async for book in books()]
    return HttpResponse(", ".join(found))


class Later(TemplateView):
    async def get(self, request):
        runs.append("later_class")
        count = await models().Book.objects.acount()
        first = await models().Book.objects.order_by("pk").afirst()
        return HttpResponse(f"{count} {first and first.title}")


@method_decorator(cached_view(60), name="dispatch")
class Shelf(TemplateView):
    def get(self, request):
        runs.append("class")
        return shown(request, BOOKS, books=books())


@cached(60)
def sold():
    runs.append("function")
    return lines()


def function(request):
    return HttpResponse(sold())


def remembered(request):
    def compute():
        runs.append("remembered")
        return lines()

    return HttpResponse(remember("books", compute, ttl_s=60))


async def remembered_later(request):
    async def compute():
        runs.append("remembered_later")
        return [f"{book.title} by {book.author.name}" async for book in books()]

    return HttpResponse(repr(await aremember("books later", compute, ttl_s=60)))


def sessions(request):
    runs.append("sessions")
    return HttpResponse(str(Session.objects.count() + models().Book.objects.count()))


def me(request):
    runs.append("me")
    return HttpResponse(f"{request.user.username}: {lines()}")


def asking_first(view):
    """A decorator that looks at permissions, which Django's backend remembers."""

    def decorated(request):
        request.user.has_perm("library.add_book")
        return view(request)

    return decorated


def may(request):
    return HttpResponse(str(request.user.has_perm("library.add_book")))


def sells(request):
    runs.append("sells")
    return HttpResponse(str(models().Book.objects.filter(for_sale=True).count()))


keep = cached_view(60, wait_s=20)
PAGES = {
    "plain": keep(plain),
    "template": keep(template),
    "class": Shelf.as_view(),
    "later": keep(later),
    "later_class": keep(Later.as_view()),
    "raw": keep(raw),
    "fragment": fragment,
    "page_of_fragment": keep(fragment),
    "function": function,
    "page_of_function": keep(function),
    "remembered": remembered,
    "remembered_later": remembered_later,
    "site/template": template,
}
urlpatterns = [path(name, view) for name, view in PAGES.items()] + [
    path("tags", keep(tags)),
    path("author", keep(author)),
    path("card", cached_view(60, vary=["user"])(card)),
    path("sessions", keep(sessions)),
    path("me", cached_view(60, vary=["user"])(me)),
    path("may", asking_first(cached_view(60, vary=["user"])(may))),
    path("sells", keep(sells)),
]
SETTINGS = {
    "ROOT_URLCONF": __name__,
    "MIDDLEWARE": [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "praxis.cache.CacheMiddleware",
    ],
    "DEBUG": True,
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                ],
            },
        }
    ],
}
VIEWS = {"/site/*": {"ttl_s": 60.0}}
