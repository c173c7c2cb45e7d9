"""Asks a running site what a browser would: GET, and TLS handshakes."""

import contextlib
import gzip
import http.client
import socket
import ssl
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from praxis import __version__
from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target
from praxis.doctor.web.answers import Answer
from praxis.errors import NotAnsweredError, UnreachableError

_MAX_BYTES = 4 << 20
_MAX_REDIRECTS = 5
_BROWSER = {
    "User-Agent": f"praxis-doctor/{__version__}",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en",
}


class HttpSession:
    """
    Asks one site.

    A certificate that cannot be trusted is told by its own check; the others look all the same.

    Attributes:
        url: The page: the target's, or where that redirects to on the same host.
        kept: What several checks need and is asked once.
    """

    is_broken = False  # each question has a connection of its own

    def __init__(self, target: Target, limits: Limits, *, timeout_s: float) -> None:
        self.target, self.limits = target, limits
        self.url = str(target.parameters["url"])
        self.kept: dict[str, Any] = {}
        self._timeout_s = timeout_s
        self._open: http.client.HTTPConnection | None = None

    @property
    def is_encrypted(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def arrive(self) -> None:
        """Follow redirects of the same host to the page itself."""
        for _ in range(_MAX_REDIRECTS):
            answer = self.get(self.url)
            self.kept["answer"] = answer
            place = answer.header("location")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                return
            wanted = urlsplit(place)
            here = urlsplit(self.url)
            if wanted.netloc not in ("", here.netloc) or wanted.scheme not in ("", here.scheme):
                return
            self.url = wanted._replace(scheme=here.scheme, netloc=here.netloc).geturl()

    def answer(self) -> Answer:
        found: Answer = self.kept["answer"]
        return found

    def text(self) -> str:
        answer = self.answer()
        return _unpacked(answer).decode("utf-8", "replace")

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """
        Ask for *url*; redirects are not followed.

        Raises:
            NotAnsweredError: if nothing came that is HTTP.
        """
        connection = self._connection(url)
        try:
            return _ask(connection, url, headers)
        finally:
            connection.close()

    def twice(self) -> tuple[Answer, bool]:
        """The page, and whether the same connection answered again."""
        connection = self._connection(self.url)
        with contextlib.closing(connection):
            answer = _ask(connection, self.url, None)
            kept = connection.sock
            if kept is None:  # the server has said that it closes
                return answer, False
            with contextlib.suppress(NotAnsweredError):
                _ask(connection, self.url, None)
                return answer, connection.sock is kept
            return answer, False

    def handshake(self, context: ssl.SSLContext) -> dict[str, Any]:
        """
        Shake hands once as *context* says.

        Raises:
            ssl.SSLError: if that is refused.
            NotAnsweredError: if nobody is there.
        """
        parts = urlsplit(self.url)
        address = (parts.hostname or "", parts.port or 443)
        try:
            with (
                socket.create_connection(address, self._timeout_s) as plain,
                context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
            ):
                return {
                    "version": secured.version(),
                    "cipher": (secured.cipher() or ("",))[0],
                    "protocol": secured.selected_alpn_protocol(),
                    "certificate": secured.getpeercert(),
                    "encoded": secured.getpeercert(binary_form=True),
                }
        except ssl.SSLError:
            raise
        except OSError as error:
            raise NotAnsweredError(f"{parts.netloc}: {error.strerror or error}") from error

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=self._timeout_s, context=unchecked()
            )
        else:
            made = http.client.HTTPConnection(host, parts.port, timeout=self._timeout_s)
        self._open = made
        return made

    def abort(self) -> None:
        stream = self._open.sock if self._open is not None else None
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Nothing stays open."""


def unchecked() -> ssl.SSLContext:
    """A context that trusts everybody: what is wrong with the certificate is told elsewhere."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(target: Target, site: Site, limits: Limits, *, budget_s: float) -> HttpSession:
    """
    Ask for the page once.

    Raises:
        UnreachableError: in one line.
    """
    del site
    session = HttpSession(target, limits, timeout_s=budget_s)
    try:
        session.arrive()
    except NotAnsweredError as error:
        raise UnreachableError(str(error)) from error
    return session


def _ask(
    connection: http.client.HTTPConnection, url: str, headers: Mapping[str, str] | None
) -> Answer:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={**_BROWSER, **(headers or {})})
        response = connection.getresponse()
        body = response.read(_MAX_BYTES)
        if len(body) < _MAX_BYTES:
            response.read()  # the end of it, which lets the connection be used again
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise NotAnsweredError(f"{parts.scheme}://{parts.netloc}: {reason}") from error
    found = tuple((name.lower(), value) for name, value in response.getheaders())
    return Answer(url, response.status, found, body, response.version)


def _unpacked(answer: Answer) -> bytes:
    """The body as it was before compression, where the standard library can tell."""
    try:
        if answer.header("content-encoding") == "gzip":
            return gzip.decompress(answer.body)
    except (OSError, EOFError, zlib.error):
        return b""
    return answer.body
