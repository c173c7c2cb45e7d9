"""Who may subscribe what: the site's own middleware runs once, and then the functions it names."""

import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

from asgiref.sync import ThreadSensitiveContext, iscoroutinefunction, sync_to_async
from django.core.exceptions import PermissionDenied
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.signals import request_started, setting_changed
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from praxis.conf import trusted_origins
from praxis.realtime.channels import Channel

logger = logging.getLogger("praxis.realtime")

WORDS: Final = frozenset({"all", "authenticated", "staff", "owner", "nobody"})
_SCHEMES: Final = {"ws": "http", "wss": "https"}


@dataclass(slots=True)
class Answer:
    """
    What became of a request to subscribe.

    Attributes:
        response: What the site's middleware says instead, such as a redirect; None if it let the
            request through.
        headers: What the middleware wants to be sent along.
        refused: The channels that may not be subscribed.
        user: The user's key as text; empty where nobody is logged in.
    """

    response: HttpResponseBase | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    user: str = ""


class Admitted(HttpResponse):
    """What goes back through the middleware in the place of a view's response."""

    def __init__(self, refused: list[str], user: str) -> None:
        super().__init__(b"")
        self.refused: Final = refused
        self.user: Final = user
        self["Cache-Control"] = "no-store, no-transform"


class Gate(ASGIHandler):
    """Django's handler of requests, with the question who may subscribe for a view."""

    async def _get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """Stand at the end of the middleware."""
        request = cast("GateRequest", request)
        request.get_host()  # DisallowedHost is answered 400
        if request.is_socket and not is_same_origin(request):
            return HttpResponseForbidden("Another site may not open this.")
        wanted = request.wanted
        refused = [each.name for each in wanted if not await _may(request, each)]
        user = await _user_of(request)
        return Admitted(refused, "" if user is None else str(user.pk))


class GateRequest(ASGIRequest):
    """The opening request, whatever the protocol."""

    def __init__(self, scope: Mapping[str, Any], wanted: Sequence[Channel]) -> None:
        scheme = scope.get("scheme", "http")
        changed = {"type": "http", "method": "GET", "scheme": _SCHEMES.get(scheme, scheme)}
        super().__init__(dict(scope) | changed, io.BytesIO())
        self.wanted: Final = wanted
        self.is_socket: Final = scope["type"] == "websocket"


async def ask(scope: Mapping[str, Any], wanted: Sequence[Channel]) -> Answer:
    """
    Find out whether whoever sent a request may subscribe channels.

    Run it in a task of its own: what middleware leaves in the context then goes with it.
    """
    async with ThreadSensitiveContext():
        await request_started.asend(sender=Gate, scope=scope)
        request = GateRequest(scope, wanted)
        response = await gate().get_response_async(request)
        try:
            if not isinstance(response, Admitted):
                return Answer(response=response)
            return Answer(None, _headers(response), response.refused, response.user)
        finally:
            await sync_to_async(response.close)()  # database connections are given back


def is_same_origin(request: HttpRequest) -> bool:
    """
    Whether a WebSocket was opened by a page of this site, or of one that the settings trust.

    Browsers send cookies along with WebSockets of any page, and say which page that is. What sends
    no origin is no browser.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        return True
    if origin == f"{request.scheme}://{request.get_host()}":
        return True
    scheme, _, host = origin.partition("://")
    for trusted in trusted_origins():
        if trusted == origin:
            return True
        trusted_scheme, _, pattern = trusted.partition("://")
        if pattern.startswith("*") and trusted_scheme == scheme and host.endswith(pattern[1:]):
            return True
    return False


def authoriser(path: str) -> Callable[..., Any]:
    """
    Return the function that a dotted path names.

    Raises:
        ImportError: if there is nothing.
        TypeError: if that is no function.
    """
    found = import_string(path)
    if not callable(found):
        raise TypeError(f"{path} is no function.")
    return cast("Callable[..., Any]", found)


@lru_cache(maxsize=1)
def gate() -> Gate:
    """Return the site's middleware, made when it is first needed."""
    return Gate()


async def _may(request: HttpRequest, channel: Channel) -> bool:
    rule = channel.config.authorise
    if rule == "all":
        return True
    if rule == "nobody":
        return False
    if rule in WORDS:
        user = await _user_of(request)
        if user is None or rule == "authenticated":
            return user is not None
        return bool(user.is_staff) if rule == "staff" else channel.params.get("pk") == str(user.pk)
    function = authoriser(rule)
    if not iscoroutinefunction(function):
        function = sync_to_async(function)
    try:
        return bool(await function(request, **channel.params))
    except PermissionDenied:
        return False


async def _user_of(request: HttpRequest) -> Any:
    """Return who is logged in; None if nobody is, or if the site has no users."""
    if not hasattr(request, "auser"):
        return None
    user = await request.auser()
    return user if user.is_authenticated else None


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    """Return what middleware has set; not what describes a body that is not sent."""
    ours = {"content-type", "content-length", "content-encoding", "etag"}
    found = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in response.items()
        if name.lower() not in ours
    ]
    cookies = [
        (b"set-cookie", cookie.output(header="").strip().encode("latin-1"))
        for cookie in response.cookies.values()
    ]
    return found + cookies


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"MIDDLEWARE", "AUTHENTICATION_BACKENDS", "SESSION_ENGINE"}:
        gate.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.realtime.authorising")
