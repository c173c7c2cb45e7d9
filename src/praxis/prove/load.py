"""Asking pages: one request with its number of statements, or many at once with their times."""

import http.client
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

from praxis.errors import MeasureError
from praxis.prove.counting import ASK_HEADER, COUNT_HEADER

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """
    A page to ask for.

    Attributes:
        name: How reports call it.
        path: From the root, with its query string.
        user: Which of the logged-in users asks; empty for a visitor.
    """

    name: str
    path: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """The answers to one round of requests: each one's time in seconds, and the round's length."""

    times_s: tuple[float, ...]
    duration_s: float

    @property
    def median_ms(self) -> float:
        return _quantile(self.times_s, 50) * 1000

    @property
    def p95_ms(self) -> float:
        return _quantile(self.times_s, 95) * 1000

    @property
    def per_second(self) -> float:
        return len(self.times_s) / self.duration_s


def _quantile(values: tuple[float, ...], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def count_queries(url: str, page: Page, cookies: Mapping[str, str]) -> int:
    """
    Ask for *page* once and return how many statements it took.

    Raises:
        MeasureError: if the answer is no success or tells no count.
    """
    connection = _connect(url)
    try:
        headers = _headers(cookies) | {ASK_HEADER: "1"}
        response = _ask(connection, page, headers)
        count = response.getheader(COUNT_HEADER)
    finally:
        connection.close()
    if count is None:
        raise MeasureError(f"{url}{page.path} is not served through praxis.prove")
    return int(count)


def sample(
    url: str, page: Page, cookies: Mapping[str, str], *, clients: int, duration_s: float
) -> Sample:
    """
    Ask for *page* over *clients* kept-alive connections for about *duration_s* seconds.

    Each client asks again as soon as it has its answer, and at least once.

    Raises:
        MeasureError: if an answer is no success.
    """
    times_s: list[float] = []
    errors: list[MeasureError] = []
    barrier = threading.Barrier(clients + 1)

    def ask_for_a_while() -> None:
        connection = _connect(url)
        mine: list[float] = []
        try:
            headers = _headers(cookies)
            _open(connection)
            barrier.wait()
            deadline = time.perf_counter() + duration_s
            while not mine or time.perf_counter() < deadline:
                started = time.perf_counter()
                _ask(connection, page, headers)
                mine.append(time.perf_counter() - started)
        except MeasureError as error:
            barrier.abort()
            errors.append(error)
        except threading.BrokenBarrierError:
            return  # another client failed and says why
        finally:
            connection.close()
            times_s.extend(mine)

    threads = [threading.Thread(target=ask_for_a_while) for _ in range(clients)]
    for thread in threads:
        thread.start()
    with suppress(threading.BrokenBarrierError):  # the client that failed is reported below
        barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed_s = time.perf_counter() - started
    if errors:
        raise errors[0]
    return Sample(tuple(times_s), elapsed_s)


def log_in(url: str, path: str, fields: Mapping[str, str]) -> dict[str, str]:
    """
    Log in through the site's own form and return the cookies of the session.

    Args:
        url: The site's address.
        path: Of the login page, which sets a CSRF cookie and redirects after success.
        fields: The form's fields, the CSRF token left out.

    Raises:
        MeasureError: if the site does not let the user in.
    """
    connection = _connect(url)
    try:
        cookies = _received(_answer(connection, "GET", path))
        token = cookies.get("csrftoken", "")
        body = urlencode({**fields, "csrfmiddlewaretoken": token})
        headers = _headers(cookies) | {"Content-Type": "application/x-www-form-urlencoded"}
        response = _answer(connection, "POST", path, body, headers)
    finally:
        connection.close()
    if response.status not in {302, 303}:
        raise MeasureError(f"{url}{path} does not let the user in: status {response.status}")
    return cookies | _received(response)


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)


def _headers(cookies: Mapping[str, str]) -> dict[str, str]:
    if not cookies:
        return {}
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def _received(response: http.client.HTTPResponse) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for header in response.headers.get_all("Set-Cookie", ()):
        jar.load(header)
    return {name: morsel.value for name, morsel in jar.items()}


def _open(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except OSError as error:
        where = f"http://{connection.host}:{connection.port}"
        raise MeasureError(f"{where}: no connection ({error})") from error


def _ask(
    connection: http.client.HTTPConnection, page: Page, headers: dict[str, str]
) -> http.client.HTTPResponse:
    response = _answer(connection, "GET", page.path, None, headers)
    if response.status != 200:
        raise MeasureError(
            f"http://{connection.host}:{connection.port}{page.path} answered {response.status}; "
            "only pages that answer 200 can be compared"
        )
    return response


def _answer(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> http.client.HTTPResponse:
    """The whole answer, whatever its status; MeasureError where none came."""
    try:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        where = f"http://{connection.host}:{connection.port}{path}"
        raise MeasureError(f"{where}: no answer ({type(error).__name__}: {error})") from error
    return response
