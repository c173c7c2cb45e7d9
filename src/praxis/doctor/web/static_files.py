"""
Static files are asked for again at each visit.

A file whose name holds a hash of its content never changes: browsers and proxies may keep it for a
year. Others should at least be told apart by `ETag` or `Last-Modified`.

## Measured

`Cache-Control`, `ETag` and `Last-Modified` of the scripts, styles and pictures that the page names.

## Source

https://whitenoise.readthedocs.io/en/stable/django.html
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.answers import Answer
from praxis.doctor.web.files import files
from praxis.doctor.web.session import Page

_HASHED = re.compile(r"[.-][0-9a-f]{8,32}\.\w+$", re.IGNORECASE)
_WHITENOISE = """\
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware",
              "whitenoise.middleware.WhiteNoiseMiddleware", ...]
STORAGES = {..., "staticfiles": {
    "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}"""
_NGINX = """\
location /static/ {
    alias /srv/site/static/;
    add_header Cache-Control "public, max-age=31536000, immutable";  # names hold a hash
}"""


@check(code="OPS107")
def ask(page: Page) -> Iterator[Finding]:
    asked_again = [
        (one.url, told)
        for one in files(page)
        if one.status == 200 and (told := _lack(one, page.limits.static_s))
    ]
    if asked_again:
        yield Finding(
            message=f"{len(asked_again)} of {len(files(page))} static files that were looked at "
            "are fetched or asked for again at each visit.",
            evidence=evidence(asked_again),
            remedies=(Remedy("settings.py", _WHITENOISE), Remedy("nginx", _NGINX)),
        )


def _lack(answer: Answer, least_s: int) -> str:
    """What is wrong with how long a file may be kept; empty if nothing."""
    control = (answer.header("cache-control") or "").lower()
    match = re.search(r"max-age\s*=\s*(\d+)", control)
    age_s = int(match[1]) if match else 0
    if _HASHED.search(urlsplit(answer.url).path):
        return "" if age_s >= least_s else f"its name holds a hash; Cache-Control: {control or '-'}"
    if age_s > 0 or answer.header("etag") or answer.header("last-modified"):
        return ""
    return f"no hash, no ETag, no Last-Modified; Cache-Control: {control or '-'}"
