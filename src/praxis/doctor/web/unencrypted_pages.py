"""
The site answers unencrypted, instead of sending visitors to https.

Who types the name without `https://` is listened to: password, session and all.

## Measured

The same host over http. A site on this machine alone, as behind a proxy, is left alone.

## Source

https://docs.djangoproject.com/en/stable/ref/settings/#secure-ssl-redirect
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.answers import Answer
from praxis.doctor.web.session import Page
from praxis.errors import NotAnsweredError

_HERE = ("127.0.0.1", "::1", "localhost")
_NGINX = """\
server {
    listen 80;
    server_name NAME;
    return 301 https://$host$request_uri;
}"""


@check(code="SEC101")
def ask(page: Page) -> Iterator[Finding]:
    parts = urlsplit(page.url)
    plain = page.target.parameters.get("plain_url")  # where http has no usual port
    if plain is None and page.is_encrypted:
        if parts.port not in (None, 443):
            return
        plain = f"http://{parts.hostname}{parts.path or '/'}"
    if plain is None:
        if parts.hostname in _HERE:
            return
        plain = page.url
    try:
        answer = page.get(str(plain))
    except NotAnsweredError:
        return  # nobody answers there: as good as a redirect
    place = answer.header("location") or ""
    if _leads_to_https(answer):
        return
    yield Finding(
        message=f"{plain} answers {answer.status} without encryption"
        f"{f' and leads to {place}' if place else ''}: who comes there is listened to.",
        evidence=evidence([("status", answer.status), ("location", place or "none")]),
        remedies=(
            Remedy(
                "settings.py",
                "SECURE_SSL_REDIRECT = True\n"
                'SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # behind a proxy '
                "that sets it",
            ),
            Remedy("nginx", _NGINX.replace("NAME", page.host)),
        ),
    )


def _leads_to_https(answer: Answer) -> bool:
    place = urlsplit(answer.header("location") or "")
    return answer.status in (301, 302, 307, 308) and place.scheme == "https"
