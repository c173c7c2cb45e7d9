"""What visitors see while Redis does not answer."""

import logging

from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse

from praxis.redis import FAILURES
from praxis.sessions.rotation import rotate_if_due

_SERVER_ERROR = 500
logger = logging.getLogger("praxis.sessions")

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Back in a moment</title>
<h1>Back in a moment</h1><p>You are still logged in. Try again in a few seconds.</p></html>"""


class SessionMiddleware(DjangoSessionMiddleware):
    """
    Django's, in whose place it stands; and 503 while sessions cannot be read or written.

    Without it such requests are server errors. With neither is anybody logged out: a session that
    cannot be read is not taken for one that is not there.

    It also gives sessions new keys whose users have got other rights; see
    `praxis.sessions.rotation`.
    """

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 where a view could not read its session."""
        del request
        if isinstance(exception, FAILURES):
            return unavailable(exception)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Give the session a new key if that is due, and save it, as Django does."""
        try:
            # of errors of the server nothing is saved, nor is a cookie set
            if response.status_code < _SERVER_ERROR and not rotate_if_due(request):
                return response
            return super().process_response(request, response)
        except FAILURES as error:
            return unavailable(error)


def unavailable(error: Exception) -> HttpResponse:
    """The answer while sessions cannot be had."""
    logger.error("Sessions cannot be read or written: %s", error)
    return HttpResponse(
        _PAGE, status=503, headers={"Retry-After": "2", "Cache-Control": "no-store"}
    )
