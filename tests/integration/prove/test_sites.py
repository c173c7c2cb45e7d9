"""Two real sites under gunicorn: one asks the database a lot, the other a little."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from praxis.embedded import watchdog
from praxis.embedded.readiness import wait_until
from praxis.errors import MeasureError
from praxis.prove import Page, Site, compare
from praxis.prove.load import count_queries, log_in, sample

SITE = """
    import os
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
    from django.urls import path
    from django.views.decorators.csrf import ensure_csrf_cookie

    settings.configure(
        SECRET_KEY="x", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__,
        MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    )

    def ask():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def page(request):
        for _ in range(int(os.environ["ASKS"])):
            ask()
        return HttpResponse("ok" + request.COOKIES.get("who", ""))

    def streamed(request):
        def rows():
            for _ in range(3):
                ask()
                yield "row"
        return StreamingHttpResponse(rows())

    @ensure_csrf_cookie
    def login(request):
        if request.method == "POST" and request.POST["password"] == "right":
            response = HttpResponseRedirect("/")
            response.set_cookie("who", "ann")
            return response
        return HttpResponse("login")

    def broken(request):
        return HttpResponse("no", status=500)

    urlpatterns = [
        path("", page), path("streamed", streamed), path("login", login), path("broken", broken),
    ]
    application = get_wsgi_application()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (folder / "small_site.py").write_text(textwrap.dedent(SITE))
    return folder


def site(folder, name, asks):
    return Site(name, folder, "small_site:application", environment={"ASKS": str(asks)}, workers=1)


@pytest.fixture(scope="module")
def slow(folder):
    with site(folder, "slow", 20) as running:
        yield running


@pytest.fixture(scope="module")
def quick(folder):
    with site(folder, "quick", 2) as running:
        yield running


def test_statements_are_counted_where_the_request_asks_for_it(slow, quick):
    assert count_queries(slow.url, Page("home", "/"), {}) == 20
    assert count_queries(quick.url, Page("home", "/"), {}) == 2
    assert count_queries(quick.url, Page("stream", "/streamed"), {}) == 3


def test_clients_ask_again_until_the_time_is_over(quick):
    taken = sample(quick.url, Page("home", "/"), {}, clients=3, duration_s=0.1)
    assert len(taken.times_s) >= 3
    assert all(time_s > 0 for time_s in taken.times_s)


def test_both_versions_are_compared_page_by_page(slow, quick):
    asked = []
    comparison = compare(
        slow,
        quick,
        [Page("home", "/"), Page("stream", "/streamed")],
        rounds=2,
        clients=2,
        duration_s=0.05,
        progress=asked.append,
    )
    assert [(result.before.queries, result.after.queries) for result in comparison.results] == [
        (20, 2),
        (3, 3),
    ]
    assert all(result.before.requests >= 4 for result in comparison.results)
    assert [page.name for page in asked] == ["home", "stream"]


def test_a_user_logs_in_through_the_sites_own_form(quick):
    cookies = log_in(quick.url, "/login", {"password": "right"})
    assert cookies["who"] == "ann"
    with pytest.raises(MeasureError, match="does not let the user in: status 200"):
        log_in(quick.url, "/login", {"password": "wrong"})


def test_a_page_that_fails_is_named_with_its_status(quick):
    with pytest.raises(MeasureError, match="/broken answered 500"):
        sample(quick.url, Page("broken", "/broken"), {}, clients=2, duration_s=0.1)
    with pytest.raises(MeasureError, match="/broken answered 500"):
        count_queries(quick.url, Page("broken", "/broken"), {})


def test_a_site_that_does_not_start_shows_its_log(folder):
    missing = Site("lost", folder, "no_such_module:application")
    with pytest.raises(MeasureError, match="no_such_module"):
        missing.start()
    missing.stop()  # once more does nothing


def test_a_server_that_is_gone_is_told(folder):
    running = site(folder, "gone", 1)
    with running:
        url = running.url
    with pytest.raises(MeasureError, match=url):
        sample(url, Page("home", "/"), {}, clients=1, duration_s=0.1)
    with pytest.raises(MeasureError, match=url):
        count_queries(url, Page("home", "/"), {})
    with pytest.raises(MeasureError, match=url):
        log_in(url, "/login", {"password": "right"})


def test_two_versions_of_one_name_cannot_be_told_apart(quick):
    with pytest.raises(MeasureError, match="different names"):
        compare(quick, quick, [Page("home", "/")])


def test_reads_the_end_of_a_long_log(folder, quick):
    with quick._process.log.open("ab") as log:
        log.write(b"first " + b"x" * 50_000 + b" last")
    assert quick.log(10) == "xxxxx last"


LEFT_BEHIND = """
import json, sys, time
from pathlib import Path
from praxis.prove import Site
with Site("left", Path(sys.argv[1]), "small_site:application", environment={"ASKS": "1"}) as site:
    process = site._process
    print(json.dumps({"pid": process.pid, "folder": str(process.log.parent)}), flush=True)
    time.sleep(600)
"""


def test_a_site_ends_with_the_process_that_was_killed_while_it_measured(folder):
    with subprocess.Popen(
        [sys.executable, "-c", LEFT_BEHIND, str(folder)], stdout=subprocess.PIPE
    ) as parent:
        told = json.loads(parent.stdout.readline())
        below = [told["pid"], *watchdog.descendants(told["pid"])]
        assert len(below) >= 2  # gunicorn and its first worker
        os.kill(parent.pid, signal.SIGKILL)
    assert all(watchdog.wait_until_gone(pid, timeout_s=30) for pid in below)
    wait_until(
        lambda: not Path(told["folder"]).exists(), what="the end of its folder", timeout_s=30
    )


def test_says_where_sites_can_be_measured(folder, monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(MeasureError, match="on Linux and macOS only"):
        site(folder, "elsewhere", 1).start()
