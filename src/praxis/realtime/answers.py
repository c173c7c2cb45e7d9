"""Answers to clients that are not let in, over either protocol."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, cast

from praxis.realtime.authorising import Answer, gate

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

#: The close codes of WebSocket that browsers show: RFC 6455, 7.4.1, and the registry of IANA.
NOT_JSON, FORBIDDEN, TOO_LONG, RESTARTING, TRY_LATER = 1007, 1008, 1009, 1012, 1013
_SOCKET_CODES: Final = {503: TRY_LATER}


class Refusal(Exception):  # noqa: N818 - it is an answer
    """A client is not let in."""

    def __init__(self, status: int, error: str, *, retry_after_s: int = 0) -> None:
        super().__init__(error)
        self.status: Final = status
        self.body: Final = json.dumps({"error": error}).encode()
        self.headers: Final = [(b"content-type", b"application/json"),
                               (b"cache-control", b"no-store")]  # fmt: skip
        if retry_after_s:
            self.headers.append((b"retry-after", str(retry_after_s).encode()))

    async def send(self, scope: Scope, send: Send) -> None:
        """Answer with it."""
        prefix = "http" if scope["type"] == "http" else "websocket.http"
        if prefix != "http" and "websocket.http.response" not in (scope.get("extensions") or {}):
            code = _SOCKET_CODES.get(self.status, FORBIDDEN)
            await send({"type": "websocket.close", "code": code})  # before accept: a 403
            return
        length = (b"content-length", str(len(self.body)).encode())
        start = {"type": f"{prefix}.response.start", "status": self.status}
        await send(start | {"headers": [*self.headers, length]})
        await send({"type": f"{prefix}.response.body", "body": self.body})


async def send_other(answer: Answer, scope: Scope, send: Send) -> None:
    """Answer what the site's middleware said, such as a redirect to the login."""
    response = answer.response
    if response is None:
        return
    if scope["type"] == "http":
        await gate().send_response(response, cast("Any", send))
    else:
        await Refusal(response.status_code, "The site does not let this through.").send(scope, send)
