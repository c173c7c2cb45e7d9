"""The ASGI application around the site's own."""

import asyncio
import logging
from typing import Any, Final

from django.core.handlers.asgi import ASGIHandler

from praxis.realtime.answers import Application, Message, Receive, Refusal, Scope, Send, send_other
from praxis.realtime.asking import Asked, BadRequestError, read_request
from praxis.realtime.authorising import ask
from praxis.realtime.capacity import most_connections
from praxis.realtime.channels import channels
from praxis.realtime.draining import drain_on_signals
from praxis.realtime.event_streams import serve_stream, stream_to
from praxis.realtime.hub import Hub, end_hub, hub
from praxis.realtime.rechecking import Recheck
from praxis.realtime.sockets import serve_socket

#: How long clients may take to hear that they shall go.
_LEAVE_S: Final = 5.0

logger = logging.getLogger("praxis.realtime")


def asgi(application: Any, *, path: str = "/events/") -> Application:
    """
    Return an ASGI application that serves events at a path, and everything else as before.

        application = praxis.realtime.asgi(get_asgi_application())

    ``GET /events/?channel=orders`` is answered with Server-Sent Events, or with a WebSocket where
    one is asked for. The site's middleware sees the opening request, with its session and user.

    Args:
        application: The site's own.
        path: Where events are, beginning and usually ending with a slash.

    Raises:
        ValueError: if the path does not begin with a slash.
    """
    if not path.startswith("/"):
        raise ValueError(f"The path has to begin with a slash: {path!r}")
    return Mount(application, path)


class Mount:
    """What `asgi` returns."""

    def __init__(self, application: Any, path: str) -> None:
        self._application: Final = application
        self._path: Final = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] in {"http", "websocket"} and _path_of(scope) == self._path:
            await _serve(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin when the server begins, and send clients away before it ends."""

        async def receive_first() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                drain_on_signals(hub())
            elif message["type"] == "lifespan.shutdown":
                await _end()
            return message

        if not isinstance(self._application, ASGIHandler):
            await self._application(scope, receive_first, send)
            return
        while True:  # Django's own knows of no lifespan
            message = await receive_first()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _end() -> None:
    """Send everybody away, and wait until they have heard it, not for ever."""
    ours = hub()
    ours.drain()
    await ours.wait_left(_LEAVE_S)
    end_hub()


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    ours = hub()
    drain_on_signals(ours)  # for servers without a lifespan
    try:
        _demand_room(ours)
        asked = _asked(scope, ours)
    except Refusal as refusal:
        await refusal.send(scope, send)
        return
    ours.opening += 1
    try:
        # in a task of its own: what middleware leaves in the context goes with it
        answer = await asyncio.create_task(ask(scope, asked.channels))
    finally:
        ours.opening -= 1
    if answer.response is not None:
        await send_other(answer, scope, send)
    elif answer.refused or len(asked.channels) < len(asked.names):
        # the same for what is not allowed and for what is not there
        await Refusal(403, "You may not subscribe this.").send(scope, send)
    elif scope["type"] == "http":
        client = stream_to(send)
        client.user, client.recheck = answer.user, Recheck(scope, client)
        client.is_id_unknown = asked.is_id_unknown
        await serve_stream(ours, client, asked.wanted, answer.headers, receive, send)
    else:
        await serve_socket(ours, scope, asked, answer, receive, send)


def _demand_room(ours: Hub) -> None:
    most = most_connections(ours.settings.max_connections)
    if ours.is_draining:
        raise Refusal(503, "This server is being restarted. Come back.", retry_after_s=1)
    if len(ours.clients) + ours.opening >= most:
        later_s = -(-ours.retry_ms(most) // 1000)
        raise Refusal(503, "This server has as many clients as it takes.", retry_after_s=later_s)


def _asked(scope: Scope, ours: Hub) -> Asked:
    if scope["type"] == "http" and scope["method"] != "GET":
        raise Refusal(405, "Events are read with GET.")
    try:
        asked = read_request(scope, channels(), ours.settings.max_channels)
    except BadRequestError as error:
        raise Refusal(400, str(error)) from None
    if scope["type"] == "http" and not asked.names:
        raise Refusal(400, "Name the channels: ?channel=orders&channel=user:5")
    return asked


def _path_of(scope: Scope) -> str:
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root else path
