"""Under Django's own ASGI handler, which wants to be given an asynchronous iterator."""

import asyncio

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.handlers.asgi import ASGIHandler

from tests.integration.exports.test_responses import items, running, until

__all__ = ["items", "running"]

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def site(settings):
    settings.ROOT_URLCONF = "tests.integration.exports.views"
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware"]
    settings.ALLOWED_HOSTS = ["*"]


async def asked(path):
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"x")],
        "asgi": {"version": "3.0"},
    }
    talk = ApplicationCommunicator(ASGIHandler(), scope)
    await talk.send_input({"type": "http.request", "body": b""})
    start = await talk.receive_output(timeout=20)
    assert start["status"] == 200
    return talk, dict(start["headers"])


@pytest.mark.parametrize("path", ["/plain", "/of_a_coroutine"])
def test_any_kind_of_view_is_streamed(items, path):
    async def go():
        talk, headers = await asked(path)
        assert headers[b"X-Is-Async"] == b"True"
        body, parts = b"", 0
        while True:
            message = await talk.receive_output(timeout=20)
            body += message.get("body", b"")
            parts += 1
            if not message.get("more_body"):
                await talk.wait(timeout=20)
                return body, parts

    body, parts = async_to_sync(go)()
    assert body.count(b"\n") == 3001
    assert parts >= 3  # the header, the rows, the end


def test_a_client_that_disconnects_ends_the_query(items, running):
    async def go():
        talk, _ = await asked("/endless")
        await talk.receive_output(timeout=20)
        assert await asyncio.to_thread(running) == 1
        await talk.send_input({"type": "http.disconnect"})
        await talk.wait(timeout=20)
        await asyncio.to_thread(until, lambda: running() == 0)

    async_to_sync(go)()
