import asyncio
import time
import tracemalloc

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, connection, connections
from django.db.models import FloatField, Func, TextField, Value
from django.db.models.functions import Cast, Concat, Repeat
from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware

from praxis.errors import ExportBrokenError
from praxis.exports import feeding, stream_csv, stream_ndjson

pytestmark = pytest.mark.postgres

#: Some are shared between several processes of the server.
RUNNING = (
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active' "
    "AND backend_type = 'client backend'"
)


@pytest.fixture
def items(installed, postgres):
    installed.Item.objects.bulk_create(
        installed.Item(number=f"{at:05}", name="é" * 90) for at in range(3000)
    )
    return installed.Item.objects.order_by("number")


@pytest.fixture
def endless(items):
    """Rows that PostgreSQL is at for longer than any test waits."""
    many = Func(1, 10**9, function="generate_series", output_field=FloatField())
    return items.annotate(at=many)


@pytest.fixture
def asleep(items):
    """A query that has nothing to send for a minute."""
    sleep = Func(60, function="pg_sleep", output_field=FloatField())
    return items.annotate(slow=Cast(sleep, TextField()))


@pytest.fixture
def running(asked):
    """Asks another connection how many exports the server is at."""
    return lambda: asked(RUNNING)[0]


def until(condition, timeout_s=20):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def close(response):
    """As a server does at the end, without the signal that would close the test's connection."""
    for closer in response._resource_closers:
        closer()


def test_headers(items):
    response = stream_csv(items, ["number"], filename="Übersicht 1.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%9Cbersicht%201.csv"
    )
    assert response["X-Accel-Buffering"] == "no"
    assert response["Cache-Control"] == "no-store"
    other = stream_ndjson(items, ["number"])
    assert other["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert other["Content-Disposition"] == 'attachment; filename="item.ndjson"'
    assert "Content-Disposition" not in stream_csv(items, ["number"], inline=True, filename="")


def test_serves_loops_and_coroutines_the_same(items):
    plain = b"".join(stream_csv(items, ["number", "name"]))

    async def read():
        response = stream_csv(items, ["number", "name"])
        assert response.is_async
        return [part async for part in response]

    parts = async_to_sync(read)()
    assert b"".join(parts) == plain
    assert len(plain.splitlines()) == 3001
    assert len(parts) > 3
    # a view that guessed wrong is served all the same
    response = stream_csv(items, ["number", "name"])
    response.is_async = True
    assert b"".join(response) == plain


@pytest.mark.parametrize("is_async", [False, True])
def test_middleware_may_wrap_it(items, is_async):
    import gzip

    request = HttpRequest()
    request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
    zipped = GZipMiddleware(lambda request: None)

    async def serve():
        response = zipped.process_response(request, stream_csv(items, ["number"]))
        return b"".join([part async for part in response])

    if is_async:
        found = async_to_sync(serve)()
    else:
        found = b"".join(zipped.process_response(request, stream_csv(items, ["number"])))
    assert gzip.decompress(found).count(b"\n") == 3001


def test_a_client_that_goes_cancels_the_query(endless, running):
    response = stream_csv(endless, ["at"])
    parts = iter(response)
    next(parts), next(parts)
    assert running() == 1
    close(response)
    until(lambda: running() == 0)
    assert endless.model.objects.count() == 3000  # the connection is as good as before


def test_a_coroutine_that_is_cancelled_cancels_the_query(endless, asleep, running):
    async def serve(queryset, column):
        async for _ in stream_csv(queryset, [column], header=False):
            pass

    async def go(queryset, column):
        task = asyncio.create_task(serve(queryset, column))
        await asyncio.to_thread(until, lambda: running() == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(until, lambda: running() == 0)

    async_to_sync(go)(endless, "at")
    async_to_sync(go)(asleep, "slow")  # it has nothing to send, and learns of it all the same


def test_what_is_read_stays_a_little_ahead_of_the_client(items, running, postgres_database):
    big = items.annotate(text=Repeat(Concat("name", Value("x")), 100))

    async def go():
        response = stream_csv(big, ["text"])
        parts = aiter(response)
        first = len(await anext(parts))
        await asyncio.sleep(0.3)  # were it not bounded, all 54 MB would be here by now
        _, peak = tracemalloc.get_traced_memory()
        size = first
        async for part in parts:
            size += len(part)
        return size, peak

    tracemalloc.start()
    try:
        size, peak = async_to_sync(go)()
    finally:
        tracemalloc.stop()
    assert size > 50_000_000
    assert peak < 5_000_000


def test_a_client_that_takes_nothing_is_let_go(endless, running, settings):
    settings.PRAXIS = {"exports": {"stall_s": 0.2}}

    async def go():
        parts = aiter(stream_csv(endless, ["at"], header=False))
        await anext(parts)
        await asyncio.to_thread(until, lambda: running() == 0)
        with pytest.raises(ExportBrokenError, match=r"took nothing for 0\.2 seconds"):
            async for _ in parts:
                pass

    async_to_sync(go)()


def test_so_many_at_once_and_no_more(endless, items, running, settings, monkeypatch):
    settings.PRAXIS = {"exports": {"connections": 2}}
    monkeypatch.setattr(feeding, "_turns", None)

    async def go():
        begun = [aiter(stream_csv(endless, ["at"], header=False)) for _ in range(2)]
        for each in begun:
            await anext(each)
        third = aiter(stream_csv(items, ["number"], header=False))
        waiting = asyncio.ensure_future(anext(third))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert running() == 2
        await begun[0].aclose()
        assert (await waiting).startswith(b"00000\n")
        await third.aclose()
        await begun[1].aclose()
        await asyncio.to_thread(until, lambda: running() == 0)

    async_to_sync(go)()


def test_threads_give_their_connections_back(items, postgres):
    async def go():
        return [part async for part in stream_csv(items, ["number"])]

    def others():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            return cursor.fetchone()[0]

    before = others()
    for _ in range(3):
        async_to_sync(go)()
    until(lambda: others() == before)


def kill(postgres_server):
    postgres_server.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'"
    )


@pytest.mark.parametrize("is_async", [False, True])
def test_a_lost_connection_breaks_the_response_off(
    endless, running, postgres_server, is_async, caplog
):
    async def go():
        parts = aiter(stream_csv(endless, ["at"]))
        await anext(parts)
        await anext(parts)
        kill(postgres_server)
        async for _ in parts:
            pass

    def go_plainly():
        parts = iter(stream_csv(endless, ["at"]))
        next(parts)
        next(parts)
        kill(postgres_server)
        for _ in parts:
            pass

    with pytest.raises(DatabaseError):
        async_to_sync(go)() if is_async else go_plainly()
    assert "The export of warehouse.Item broke off after" in caplog.text
    connections.close_all()


def test_an_error_of_a_row_breaks_it_off(items, caplog):
    quotient = Func("quantity", function="1 / ", template="(1 / (%(expressions)s - 1))")
    broken = items.annotate(bad=Cast(quotient, FloatField()))
    with pytest.raises(DatabaseError, match="division by zero"):
        b"".join(stream_csv(broken, ["number", "bad"]))
    assert "broke off" in caplog.text
    assert items.count() == 3000
