"""How one page is answered: from what is kept, or by its view. No decorator, no middleware yet."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from praxis.announcements import ResultBypass
from praxis.cache import dimensions as declared
from praxis.cache.codec import CorruptEntryError
from praxis.cache.results import requests, responses
from praxis.cache.results.computing import forbid_all, holds_part
from praxis.cache.results.kept import Absent, Found, Terms
from praxis.cache.results.naming import name_of
from praxis.cache.results.shown import read_before
from praxis.cache.results.steps import (
    UNCACHED_HERE,
    UNREADABLE,
    Looking,
    Own,
    Steps,
    Waiting,
    filled,
    tell_not_kept,
    unpacked,
)
from praxis.cache.results.subjects import Subject
from praxis.cache.results.watching import Watch
from praxis.conf import is_debug

#: Every page differs in these, as nobody thinks of them.
ALWAYS = ("language", "time_zone")
_HEADER = "X-Praxis-Cache"
#: What the name of a page tells in any case: its host, and by that the site.
_TOLD = frozenset({"host", "site"})


@dataclass(slots=True)
class Policy:
    """
    How the pages of one view, or of some paths, are kept.

    Attributes:
        terms: How long, and who may wait.
        vary: The dimensions that they differ in, besides `ALWAYS`.
        ignore_params: Parameters of the query string that do not count.
        headers: Further headers that are for everybody, in small letters.
        varies: The headers of requests that its pages said they vary on, so far: this process
            learns them, and names pages by them from then on.
    """

    terms: Terms
    vary: tuple[str, ...] = ()
    ignore_params: tuple[str, ...] = ()
    headers: frozenset[str] = frozenset()
    varies: frozenset[str] = field(default=frozenset())

    @property
    def dimensions(self) -> frozenset[str]:
        """The names of all that they differ in."""
        return frozenset((*ALWAYS, *self.vary)) | _TOLD

    @property
    def personal(self) -> bool:
        """Whether they are made for one visitor."""
        return any(map(declared.is_personal, self.vary))

    def name(
        self, request: HttpRequest, what: str, varies: frozenset[str], values: object
    ) -> bytes:
        """What the page of *request* is called in Redis."""
        told = [(header, request.headers.get(header)) for header in sorted(varies)]
        place = requests.address(request, self.ignore_params)
        return name_of("page", what, place, told, (*ALWAYS, *self.vary), values)


View = Callable[[], Any]


def answer(
    policy: Policy,
    request: HttpRequest,
    subject: Subject,
    view: View,
    given: Mapping[str, object] = MappingProxyType({}),
) -> Steps[HttpResponseBase]:
    """
    The steps to a page.

    Args:
        policy: How it is kept.
        request: Whose answer it is.
        subject: Which view it is, by a name that is the same in all processes.
        view: Makes it.
        given: What the view has besides the request, by the names of it.

    Raises:
        DimensionError: if a dimension is unknown, or cannot be told from this request.
    """
    dimensions = policy.dimensions
    holds_part(dimensions - _TOLD, policy.terms.ttl_s)
    why = requests.why_not(request, dimensions)
    before = None if why else read_before(given)
    if before is not None:
        why = f"its view is given {before!r}, which was read before: let it read that itself"
    if why:
        return (yield from _bypassed(subject, view, why))
    values = yield Waiting(lambda: declared.values((*ALWAYS, *policy.vary), request))
    if values is declared.UNCACHED:
        forbid_all(f"a page in it, {subject}, is not kept here")
        return (yield from _bypassed(subject, view, UNCACHED_HERE))
    varies = policy.varies
    name = policy.name(request, subject.name, varies, values)
    found = yield Looking(name, policy.terms)
    if isinstance(found, Found):
        try:
            page = unpacked(found, responses.unpack, subject)
        except CorruptEntryError:
            return _told((yield from _computed(view)), f"bypass; {UNREADABLE}")
        return _told(
            responses.conditional(request, page), "hit; stale" if found.is_stale else "hit"
        )
    if request.method == "HEAD":  # whose page may lack what one of GET has
        yield Waiting(found.abandon)
        return (yield from _bypassed(subject, view, "HEAD, and GET's page is not kept"))
    return (yield from _made(policy, request, subject, view, found, varies))


def _bypassed(subject: Subject, view: View, why: str) -> Steps[HttpResponseBase]:
    subject.tell(ResultBypass, why)
    return _told((yield from _computed(view)), f"bypass; {why}")


def _computed(view: View) -> Steps[HttpResponseBase]:
    return (yield from _rendered((yield Own(view))))


def _made(
    policy: Policy,
    request: HttpRequest,
    subject: Subject,
    view: View,
    absent: Absent,
    varies: frozenset[str],
) -> Steps[HttpResponseBase]:
    cookies = frozenset(filter(None, map(declared.cookie_of, policy.vary)))
    watch = Watch(request, policy.dimensions, cookies)

    def compute() -> Steps[HttpResponseBase]:
        with ExitStack() as stack:
            stack.enter_context(requests.for_all(request, policy.ignore_params))
            stack.enter_context(watch.watching())
            return (yield from _computed(view))

    def packed(response: Any) -> bytes | None:
        if not isinstance(response, HttpResponseBase):
            return None  # Django says what is wrong with it
        why = responses.why_not(
            response,
            watch.reasons,
            personal=policy.personal,
            headers=policy.headers,
            varies=varies,
        )
        news = responses.varied(response) - varies - {"cookie", "*"}
        if news:
            policy.varies = policy.varies | news
        if why is None and isinstance(response, HttpResponse):
            responses.finish(response, personal=policy.personal)
            return responses.pack(response, policy.headers)
        absent.forbid(str(why))
        return None

    response = yield from filled(absent, policy.dimensions, compute, packed, subject)
    if absent.reason:
        tell_not_kept(subject, absent.reason)
        return _told(response, f"bypass; {absent.reason}")
    if isinstance(response, HttpResponse):
        response = responses.conditional(request, response)
    return _told(response, "miss")


def _rendered(response: Any) -> Steps[HttpResponseBase]:
    """The response with its content, which a template makes only when it is asked to."""
    if callable(getattr(response, "render", None)) and not response.is_rendered:
        response = yield Waiting(response.render)
    rendered: HttpResponseBase = response
    return rendered


def _told(response: HttpResponseBase, how: str) -> HttpResponseBase:
    if is_debug() and isinstance(response, HttpResponseBase):
        response.headers[_HEADER] = how.encode("ascii", "replace").decode()
    return response
