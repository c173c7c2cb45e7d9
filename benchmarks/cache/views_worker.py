"""
One way to answer a page of ten queries, in a process of its own.

    python -m benchmarks.cache.views_worker KIND DATABASE_AS_JSON REDIS_URL
"""

import json
import sys
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

from benchmarks.cache.worker import make, timed

TEMPLATE = """
<h1>{{ count }} books</h1>
{% for author in authors %}<h2>{{ author.name }}, {{ author.born }}</h2><ul>
{% for book in author.shown %}<li>{{ book.title }}: {{ book.pages }}, {{ book.price }}</li>
{% endfor %}</ul>{% endfor %}
"""
AUTHORS = range(1, 9)  # a query for the books of each, one for the authors, one for the count


def main() -> None:
    kind, database, redis_url = sys.argv[1:]
    configure(kind, json.loads(database), redis_url)
    orders: dict[str, Callable[..., Any]] = {
        "make": make,
        "ask": lambda times: timed(asking(), times),
        "ask_again": lambda times: timed(asking(etag()), times),
        "queries": queries,
        "is_old_after_a_save": is_old_after_a_save,
    }
    for line in sys.stdin:
        order, *args = json.loads(line)
        sys.stdout.write(json.dumps(orders[order](*args)) + "\n")
        sys.stdout.flush()


def configure(kind: str, database: dict[str, Any], redis_url: str) -> None:
    import django
    from django.conf import settings  # noqa: TID251 - a site of its own

    settings.configure(
        ROOT_URLCONF=__name__ if __name__ != "__main__" else "benchmarks.cache.views_worker",
        INSTALLED_APPS=["praxis", "benchmarks.cache.shelf"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="benchmark",
        DATABASES={"default": {**database, "CONN_MAX_AGE": None}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        CACHES={
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": redis_url,
            }
        },
        PRAXIS={
            "redis": {"url": redis_url, "timeout_s": 5.0},
            "cache": {"models": {"shelf.*": {}}} if kind == "praxis" else {},
        },
    )
    django.setup()
    settings.KIND = kind


def page(request: Any) -> Any:
    from django.http import HttpResponse

    from benchmarks.cache.shelf.models import Author, Book

    authors = list(Author.objects.filter(pk__in=AUTHORS).order_by("pk"))
    for author in authors:
        author.shown = list(Book.objects.filter(author=author).order_by("pk")[:20])
    context = {"count": Book.objects.count(), "authors": authors}
    return HttpResponse(template().render(context, request))


@cache
def template() -> Any:
    from django.template import engines

    return engines["django"].from_string(TEMPLATE)


def __getattr__(name: str) -> Any:
    """The addresses of the site, which ask for settings."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.conf import settings  # noqa: TID251 - a site of its own
    from django.urls import path
    from django.views.decorators.cache import cache_page

    from praxis.cache import cached_view

    kept = {"none": page, "cache_page": cache_page(600)(page), "praxis": cached_view(600)(page)}
    return [path("", kept[settings.KIND])]


def asking(etag: str | None = None) -> Callable[[], tuple[Any, bytes]]:
    """One request through all of Django."""
    from django.core.handlers.wsgi import WSGIHandler

    handler = WSGIHandler()

    def ask() -> tuple[Any, bytes]:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
        }
        if etag:
            environ["HTTP_IF_NONE_MATCH"] = etag
        response = handler(environ, lambda *_: None)
        content = b"".join(response)
        response.close()
        return response, content

    return ask


def etag() -> str:
    response, _ = asking()()
    return str(response.headers["ETag"])


def queries() -> int:
    """Those of the first request."""
    from django.core.cache import cache as kept
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    kept.clear()
    with CaptureQueriesContext(connection) as captured:
        asking()()
    return len(captured)


def is_old_after_a_save() -> bool:
    from benchmarks.cache.shelf.models import Book

    ask = asking()
    ask()
    book = Book.objects.filter(author_id=1).order_by("pk")[0]
    book.title += "!"
    book.save()
    return book.title.encode() not in ask()[1]


if __name__ == "__main__":
    main()
