"""Visitors of a site without a browser: cookies, forms, and what the pages said."""

import re
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    url: str
    text: str


class Visitor:
    """One who keeps cookies; *agent* is what the browser calls itself."""

    def __init__(self, url: str, agent: str = "a visitor of the tests") -> None:
        self._url, self._agent = url, agent
        self._open = build_opener(HTTPCookieProcessor(CookieJar())).open

    def get(self, path: str) -> Answer:
        return self._send(Request(self._url + path))

    def post(self, path: str, page: str = "", **fields: str) -> Answer:
        """Send a form, with the token that its page has; redirects are followed."""
        token = _TOKEN.search(self.get(page or path).text)
        if token:
            fields["csrfmiddlewaretoken"] = token[1]
        return self._send(Request(self._url + path, urlencode(fields).encode()))

    def _send(self, request: Request) -> Answer:
        request.add_header("User-Agent", self._agent)
        try:
            response = self._open(request, timeout=60)
        except HTTPError as error:
            response = error
        with response:
            return Answer(response.status, response.url, response.read().decode())
