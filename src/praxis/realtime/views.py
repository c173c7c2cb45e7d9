"""A Django view of events, for sites that cannot mount an ASGI application of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from praxis.errors import RealtimeSetupError
from praxis.realtime.asking import Asked, read_last
from praxis.realtime.capacity import most_connections
from praxis.realtime.channels import channels as known_channels
from praxis.realtime.client import EventStream
from praxis.realtime.draining import drain_on_signals
from praxis.realtime.hub import Hub, hub

_TYPE: Final = "text/event-stream; charset=utf-8"


async def event_stream(request: HttpRequest, channels: Iterable[str]) -> HttpResponseBase:
    """
    Return a response of Server-Sent Events, for an async view.

        async def live_orders(request):
            if not await may_see_orders(request):
                raise PermissionDenied
            return await praxis.realtime.event_stream(request, ["orders"])

    The view says who may subscribe: ``authorise`` is not asked, then or later on. A client takes
    three times the memory that it takes with `praxis.realtime.asgi`.

    Args:
        request: Its ``Last-Event-ID`` says from where on.
        channels: The names of declared channels.

    Returns:
        The events, or a 503 if the process has as many clients as it takes.

    Raises:
        RealtimeSetupError: under WSGI.
        ChannelError: if a channel is not declared.
    """
    if not isinstance(request, ASGIRequest):
        raise RealtimeSetupError(
            "Events need a server of ASGI, such as uvicorn, and this request came by WSGI, which "
            "keeps a thread for each client. Serve these paths by an ASGI server."
        )
    ours, names = hub(), sorted(set(channels))
    found = [known_channels().demand(name) for name in names]
    drain_on_signals(ours)
    most = most_connections(ours.settings.max_connections)
    if ours.is_draining or len(ours.clients) >= most:
        answer = JsonResponse({"error": "This server takes no more clients now."}, status=503)
        answer["Retry-After"] = str(-(-ours.retry_ms(most) // 1000))
        return answer
    asked = read_last(names, found, request.headers.get("Last-Event-ID", ""))
    response = StreamingHttpResponse(_chunks(ours, asked), content_type=_TYPE)
    response["Cache-Control"] = "no-store, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response


async def _chunks(ours: Hub, asked: Asked) -> AsyncIterator[bytes]:
    """Give what there is whenever more is taken."""
    waiting: asyncio.Queue[bytes] = asyncio.Queue(1)
    ended = asyncio.Event()
    client = EventStream(waiting.put, ended.set)
    client.is_id_unknown = asked.is_id_unknown
    end = asyncio.ensure_future(ended.wait())
    try:
        await ours.join(client, asked.wanted)
        while not ended.is_set():
            take = asyncio.ensure_future(waiting.get())
            await asyncio.wait((take, end), return_when=asyncio.FIRST_COMPLETED)
            if take.done():
                yield take.result()
            else:
                take.cancel()
        while not waiting.empty():  # the last word
            yield waiting.get_nowait()
    finally:
        end.cancel()
        ours.leave(client)
