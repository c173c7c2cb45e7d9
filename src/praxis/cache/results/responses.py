"""Responses: which may be kept, what of them is, and what they tell browsers and proxies."""

from collections.abc import Collection, Iterable
from functools import cache
from hashlib import blake2b
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.cache import get_conditional_response, has_vary_header
from django.utils.http import parse_http_date_safe

from praxis.cache.codec import CorruptEntryError
from praxis.cache.results.framing import framed, unframed

_KIND = b"R1"
#: 404 is not among them: anybody can ask for as many addresses as there are letters.
_STATUSES = frozenset({200, 301, 302})
_ETAG_BYTES = 16

#: Headers that say something of the content, and so are the same whenever it is.
KEPT = frozenset({
    "accept-ranges", "access-control-allow-origin", "access-control-expose-headers", "allow",
    "cache-control", "content-disposition", "content-encoding", "content-language",
    "content-location", "content-security-policy", "content-security-policy-report-only",
    "content-type", "cross-origin-embedder-policy", "cross-origin-opener-policy",
    "cross-origin-resource-policy", "etag", "last-modified", "link", "location",
    "permissions-policy", "referrer-policy", "vary", "x-content-type-options",
    "x-frame-options", "x-robots-tag",
})  # fmt: skip
#: Headers that say something of one response: hits do without them.
_DROPPED = frozenset({
    "age", "connection", "content-length", "date", "expires", "pragma", "server-timing",
    "x-correlation-id", "x-praxis-cache", "x-request-id", "x-runtime",
})  # fmt: skip
#: What decorators of Django leave on a response for its middleware, and hits have, too.
_KEPT_MARKS = ("xframe_options_exempt",)
#: What djangorestframework and Django's test client put on responses for themselves.
_OTHERS = frozenset({
    "accepted_media_type", "accepted_renderer", "content_type", "data", "exception",
    "renderer_context", "context", "client", "request", "templates", "json", "resolver_match",
    "wsgi_request", "asgi_request",
})  # fmt: skip


def why_not(
    response: HttpResponseBase,
    looked: Iterable[str],
    *,
    personal: bool,
    headers: Collection[str],
    varies: Iterable[str],
) -> str | None:
    """
    Why a response must not be kept; None if it may be.

    Args:
        response: As the view answered, rendered.
        looked: What its view looked at that belongs to one visitor, in words.
        personal: Whether it is kept for one visitor alone.
        headers: Further headers, in small letters, that are the same for everybody.
        varies: The headers of requests, in small letters, that its name tells.
    """
    if response.streaming or not isinstance(response, HttpResponse):
        return "it is streamed"
    if response.status_code not in _STATUSES:
        return f"its status is {response.status_code}"
    for reason in looked:
        return reason
    if response.cookies or response.has_header("Set-Cookie"):
        return "it sets a cookie"
    refused = _refused(response, personal=personal)
    if refused:
        return refused
    for policy in ("Content-Security-Policy", "Content-Security-Policy-Report-Only"):
        if "'nonce-" in response.get(policy, ""):
            return f"it has a nonce of {policy}, which is for one response"
    if has_vary_header(response, "*"):
        return "it says Vary: *"
    for name in varied(response) - set(varies):
        if name != "cookie":
            return f"that it varies on {name} is news: the next one is kept"
        if not personal:
            return "it says Vary: Cookie: vary on 'user', 'session' or a cookie instead"
    known = KEPT | _DROPPED | set(headers)
    for name in response.headers:
        if name.lower() not in known:
            return f"it may be that its header {name} is not for everybody: allow it by headers"
    marks = vars(response).keys() - _own() - _OTHERS - set(_KEPT_MARKS)
    if marks:
        return f"something was left on it for a middleware: {', '.join(sorted(marks))}"
    return None


@cache
def _own() -> frozenset[str]:
    """What responses have of themselves."""
    return frozenset(vars(HttpResponse())) | frozenset(vars(TemplateResponse(HttpRequest(), "")))


def _refused(response: HttpResponseBase, *, personal: bool) -> str | None:
    said = {one.partition("=")[0] for one in _listed(response, "Cache-Control")}
    for directive in ("no-store", "no-cache", "private"):
        if directive in said:
            if directive == "private" and personal:
                continue
            return f"it says Cache-Control: {directive}"
    return None


def varied(response: HttpResponseBase) -> frozenset[str]:
    """The headers that it says it varies on, in small letters."""
    return frozenset(_listed(response, "Vary"))


def _listed(response: HttpResponseBase, header: str) -> list[str]:
    """The parts of a header that is a list, in small letters."""
    parts = (part.strip() for part in response.get(header, "").lower().split(","))
    return [part for part in parts if part]


def finish(response: HttpResponse, *, personal: bool) -> None:
    """
    Tell browsers and proxies to ask each time, and how to ask whether it is still the same.

    Nothing is called public: a middleware further out may add a cookie, which is not.
    The ETag is weak: who compresses the page, or puts something into it on its way, has no need
    to know of it. What the view said itself stands.
    """
    if not response.has_header("ETag"):
        digest = blake2b(response.content, digest_size=_ETAG_BYTES).hexdigest()
        response.headers["ETag"] = f'W/"{digest}"'
    if not response.has_header("Cache-Control"):
        who = "private, " if personal else ""
        response.headers["Cache-Control"] = f"{who}max-age=0, must-revalidate"


def pack(response: HttpResponse, headers: Collection[str]) -> bytes:
    """A response as bytes, with those of its headers that are for everybody."""
    allowed = KEPT | set(headers)
    told = [[name, text] for name, text in response.headers.items() if name.lower() in allowed]
    marks = [name for name in _KEPT_MARKS if getattr(response, name, False)]
    entry = response.status_code, response.reason_phrase, told, marks, response.content
    return framed(_KIND, msgspec.msgpack.encode(entry))


def unpack(data: bytes) -> HttpResponse:
    """
    The response that `pack` was given, as a new one.

    Raises:
        CorruptEntryError: if *data* is anything else.
    """
    try:
        status, reason, told, marks, content = _ENTRY.decode(unframed(_KIND, data))
        headers: Any = dict(told)
        response = HttpResponse(content, status=status, reason=reason, headers=headers)
    except (msgspec.MsgspecError, ValueError) as error:
        raise CorruptEntryError(str(error)) from error
    for mark in marks:
        if mark in _KEPT_MARKS:
            setattr(response, mark, True)
    return response


_ENTRY: msgspec.msgpack.Decoder[tuple[int, str, list[tuple[str, str]], list[str], bytes]] = (
    msgspec.msgpack.Decoder(tuple[int, str, list[tuple[str, str]], list[str], bytes])
)


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """The response, or 304 without content where the browser has this one."""
    modified = response.get("Last-Modified")
    moment = parse_http_date_safe(modified) if modified else None
    found = get_conditional_response(request, response.get("ETag"), moment, response)
    return response if found is None else found
