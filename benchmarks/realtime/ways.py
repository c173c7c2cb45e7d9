"""The ways to push events that are compared: how each is set up, served and published to."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

PEERS = (
    "PyJWT==2.15.1",
    "Werkzeug==3.1.9",
    "channels==4.3.2",
    "channels-redis==4.3.0",
    "django-eventstream==5.3.4",
    "django-grip==3.5.2",
    "gripcontrol==4.4.0",
    "h11==0.16.0",
    "httptools==0.9.0",
    "msgpack==1.2.4",
    "pubcontrol==3.5.0",
    "uvicorn==0.54.0",
    "websockets==17.4",
)
#: Name to what the table calls it.
WAYS = {
    "praxis": "praxis.realtime",
    "bare": "raw ASGI, redis-py's pubsub",
    "eventstream": "django-eventstream",
    "channels": "channels, channels-redis",
}
CHANNEL = "orders"
PATHS = {
    "praxis": f"/events/?channel={CHANNEL}",
    "bare": "/",
    "eventstream": "/events/",
    "channels": "/events/",
}


def configure(way: str, url: str) -> None:
    """Django's settings, for the server and for who publishes."""
    import django
    from django.conf import settings  # noqa: TID251 - the peers ask Django for their own

    if settings.configured:
        return
    more: dict[str, Any] = {}
    if way == "eventstream":
        host, port, password = _parts(url)
        place = {"host": host, "port": port, "db": 0, "password": password}
        more = {
            "INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes",
                               "django_eventstream"],
            "EVENTSTREAM_REDIS": place,
            "EVENTSTREAM_STORAGE_CONNECTION": place,
            "EVENTSTREAM_STORAGE_CLASS": "django_eventstream.storage.RedisStorage",
            "MIDDLEWARE": [],
        }  # fmt: skip
    elif way == "channels":
        # its own wait of 5 s ends what redis-py gives up after 5 s
        hosts = [{"address": url, "socket_timeout": None}]
        layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": hosts}}
        more = {
            "INSTALLED_APPS": ["channels"],
            "CHANNEL_LAYERS": {"default": layer},
        }
    elif way == "praxis":
        more = {
            "INSTALLED_APPS": ["praxis"],
            "PRAXIS": {
                "redis": {"url": url, "timeout_s": 5.0},
                "realtime": {
                    "channels": {CHANNEL: {"authorise": "all", "history": 10_000}},
                    "slow_s": 300.0,
                },
            },
        }
    settings.configure(
        SECRET_KEY="benchmark",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="benchmarks.realtime.urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        **more,
    )
    django.setup()


def application(way: str, url: str) -> Any:
    """The ASGI application that clients connect to."""
    if way == "bare":
        return Bare(url)
    configure(way, url)
    from django.core.asgi import get_asgi_application

    inner = get_asgi_application()
    if way == "praxis":
        from praxis import realtime

        return realtime.asgi(inner)
    if way == "channels":
        return _consumer()
    return inner


def publisher(way: str, url: str) -> Callable[[str], None]:
    """What publishes a text."""
    configure(way, url)
    if way == "praxis":
        from praxis.realtime import publish

        return lambda text: void(publish(CHANNEL, text))
    if way == "eventstream":
        from django_eventstream import send_event

        return lambda text: void(send_event(CHANNEL, "message", text))
    if way == "channels":
        from asgiref.sync import async_to_sync
        from channels.layers import get_channel_layer

        send = async_to_sync(get_channel_layer().group_send)
        return lambda text: void(send(CHANNEL, {"type": "told", "text": text}))
    from redis import Redis

    client = Redis.from_url(url)
    return lambda text: void(client.publish(CHANNEL, text))


def void(_: object) -> None:
    """What is returned is no matter here."""


class Bare:
    """As little as can be: one subscription, a queue for each client, and no ids."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: set[asyncio.Queue[bytes]] = set()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if self._task is None:
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[bytes] = asyncio.Queue(1000)
        self._clients.add(queue)
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
        writer = asyncio.create_task(self._write(queue, send))
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            writer.cancel()
            self._clients.discard(queue)

    async def _write(self, queue: "asyncio.Queue[bytes]", send: Any) -> None:
        while True:
            body = await queue.get()
            await send({"type": "http.response.body", "body": body, "more_body": True})

    async def _listen(self) -> None:
        from redis.asyncio import Redis

        pubsub = Redis.from_url(self._url).pubsub()
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            if message["type"] == "message":
                chunk = b'data: "%s"\n\n' % message["data"]
                for queue in self._clients:
                    if not queue.full():
                        queue.put_nowait(chunk)


def _consumer() -> Any:
    from channels.generic.http import AsyncHttpConsumer

    class Events(AsyncHttpConsumer):  # type: ignore[misc]  # it has no types
        async def handle(self, body: bytes) -> None:
            del body
            await self.channel_layer.group_add(CHANNEL, self.channel_name)
            await self.send_headers(headers=[(b"Content-Type", b"text/event-stream")])
            await self.send_body(b":\n\n", more_body=True)

        async def http_request(self, message: Any) -> None:
            # its own ends the response when `handle` returns
            del message
            await self.handle(b"")

        async def told(self, event: Any) -> None:
            await self.send_body(b'data: "%s"\n\n' % event["text"].encode(), more_body=True)

        async def disconnect(self) -> None:
            await self.channel_layer.group_discard(CHANNEL, self.channel_name)

    return Events.as_asgi()


def _parts(url: str) -> tuple[str, int, str]:
    from urllib.parse import urlsplit

    found = urlsplit(url)
    return found.hostname or "127.0.0.1", found.port or 6379, found.password or ""


def from_environment() -> tuple[str, str]:
    """The way and the Redis of this process."""
    return os.environ["BENCH_WAY"], os.environ["BENCH_REDIS"]
