"""Carries what a visitor has written and seen from one request to the next."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from praxis.conf import config, session_cookie
from praxis.databases import router as _router  # noqa: F401 - stands around the connections
from praxis.databases.scopes import Scope, accepted, entered, settle_reads, settle_writes
from praxis.databases.tokens import write_token
from praxis.middleware import EitherWayMiddleware


class ReplicaMiddleware(EitherWayMiddleware):
    """
    Lets requests read from replicas, and what they wrote be seen by those that follow.

    Put it first in ``MIDDLEWARE``: what stands before it is read from the primary, and what is
    written there is not noticed. A request that wrote costs one trip to the primary more, and its
    response carries a cookie and a header.
    """

    def __call__(self, request: HttpRequest) -> Any:
        if self._is_async:
            return self._answer(request)
        scope = scope_of(request)
        with entered(scope):
            response = self._get_response(request)
            return _finished(request, response, scope)

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        scope = scope_of(request)
        with entered(scope):
            response = await self._get_response(request)
            if not scope.dirty and not scope.visited:
                return _within(scope, response)
            # on the connections of the thread that the ORM has used
            return await sync_to_async(_finished)(request, response, scope)


def scope_of(request: HttpRequest) -> Scope:
    """What the visitor brings along."""
    settings = config().databases
    brought = [
        request.COOKIES.get(settings.cookie, ""),
        request.headers.get(settings.header, ""),
    ]
    own = request.COOKIES.get(session_cookie()) or request.headers.get("Authorization", "")
    is_known = bool(own or any(brought))
    meta = request.META
    session = own or f"{meta.get('REMOTE_ADDR', '')} {meta.get('HTTP_USER_AGENT', '')}"
    scope = Scope(session=session, is_known=is_known)
    for token in brought:
        for identifier, position in accepted(token).items():
            known = scope.floors.get(identifier)
            scope.floors[identifier] = position if known is None else max(known, position)
    return scope


def _finished(request: HttpRequest, response: HttpResponseBase, scope: Scope) -> HttpResponseBase:
    before = dict(scope.floors)
    has_written = bool(scope.dirty)
    settle_writes(scope)
    if scope.is_known or has_written:
        settle_reads(scope)
    if scope.floors and scope.floors != before:
        _tell(request, response, write_token(scope.floors))
    return _within(scope, response)


def _tell(request: HttpRequest, response: HttpResponseBase, token: str) -> None:
    settings = config().databases
    response[settings.header] = token
    response.set_cookie(
        settings.cookie,
        token,
        max_age=settings.token_age_s,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _within(scope: Scope, response: HttpResponseBase) -> HttpResponseBase:
    """Let a response that is made while it is sent read from replicas, too."""
    if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
        content = response.streaming_content
        if response.is_async:
            response.streaming_content = _async_stream(scope, cast("Any", content))
        else:
            response.streaming_content = _stream(scope, cast("Any", content))
    return response


def _stream(scope: Scope, content: Iterator[bytes]) -> Iterator[bytes]:
    parts = iter(content)
    while True:
        with entered(scope):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


async def _async_stream(scope: Scope, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    parts = aiter(content)
    while True:
        with entered(scope):
            try:
                part = await anext(parts)
            except StopAsyncIteration:
                return
        yield part
