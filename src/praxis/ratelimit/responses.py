"""What a refused request is answered, and what every answer tells of the limits."""

from math import ceil, isinf
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template import TemplateDoesNotExist, loader

from praxis.ratelimit.decisions import By, Decision

#: A template of the project's own takes the place of ours.
TEMPLATE = "429.html"
_YEAR_S = 366 * 24 * 3600
_OWN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;margin:15vh auto;max-width:32rem;padding:0 1rem}}
:root{{color-scheme:light dark}}</style>
<h1>{title}</h1><p>{text}</p></html>"""


def refusal(request: HttpRequest, decision: Decision) -> HttpResponse:
    """
    The answer to a request that is refused.

    429, with ``Retry-After``; 503 where nobody counted, because Redis does not answer; 403 for
    those who are never let in. JSON for whoever prefers it to HTML, else the template
    ``429.html`` if there is one, with ``retry_after_s``, or a page of our own.
    """
    status = {By.POLICY: 503, By.LIST: 403}.get(decision.by, 429)
    wait_s = _seconds(decision.retry_after_s) if status == 429 else 0
    title = {503: "Not available now", 403: "Not allowed"}.get(status, "Too many requests")
    text = f"Try again in {wait_s} seconds." if wait_s else "Try again later."
    if status == 403:
        text = "Requests from your address are not answered."
    if prefers_json(request):
        said: dict[str, Any] = {"title": title, "status": status, "detail": text}
        response: HttpResponse = JsonResponse(said, content_type="application/problem+json")
    else:
        response = HttpResponse(_page(request, title, text, wait_s))
    response.status_code = status
    if status == 503:
        response["Retry-After"] = "1"
    elif wait_s:
        response["Retry-After"] = str(wait_s)
    response["Cache-Control"] = "no-store"
    tell(response, decision)
    return response


def tell(response: HttpResponseBase, decision: Decision) -> None:
    """
    Add the headers ``RateLimit-Policy`` and ``RateLimit``, unless there are some.

    Source: draft-ietf-httpapi-ratelimit-headers-10. What is told of several limiters is told in
    one list.
    """
    if not decision.states or decision.by is By.PROCESS:
        return
    policies, states = [], []
    for at, one in enumerate(decision.states):
        suffix = f"-{at + 1}" if len(decision.states) > 1 else ""
        name = f'"{_token(decision.name)}{suffix}"'
        policies.append(f"{name};q={one.limit.rate.count};w={ceil(one.limit.rate.period_s)}")
        states.append(f"{name};r={one.remaining};t={_seconds(one.reset_s)}")
    for header, told in (("RateLimit-Policy", policies), ("RateLimit", states)):
        before = [response[header]] if response.has_header(header) else []
        response[header] = ", ".join([*before, *told])


def prefers_json(request: HttpRequest) -> bool:
    """Whether whoever asks would rather read JSON than HTML."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return True
    preferred = request.get_preferred_type(["text/html", "application/json"])
    return preferred == "application/json"


def _page(request: HttpRequest, title: str, text: str, wait_s: int) -> str:
    try:
        template = loader.get_template(TEMPLATE)
    except TemplateDoesNotExist:
        return _OWN.format(title=title, text=text)
    return template.render({"retry_after_s": wait_s, "title": title, "text": text}, request)


def _seconds(wait_s: float) -> int:
    return _YEAR_S if isinf(wait_s) else ceil(wait_s)


def _token(name: str) -> str:
    """A name as a structured field takes it: printable ASCII without quotes."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "_" for c in name)
