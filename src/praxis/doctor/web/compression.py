"""
Text is sent uncompressed.

HTML, CSS and JavaScript shrink to a quarter; on a mobile connection that is most of the wait.

## Measured

The page and the files that it names on the same host, asked for with `Accept-Encoding: gzip`, and
what gzip makes of them.

## Misses

Pages that hold a secret beside what a visitor sends (BREACH): Django pads what its own
`GZipMiddleware` packs.

## Source

https://nginx.org/en/docs/http/ngx_http_gzip_module.html
"""

import zlib
from collections.abc import Iterator

from praxis.doctor.findings import Finding, Remedy, evidence, size
from praxis.doctor.registry import check
from praxis.doctor.web.answers import Answer
from praxis.doctor.web.files import files
from praxis.doctor.web.session import Page

_LEAST_BYTES = 1_400  # below it fits a packet all the same
_NGINX = """\
gzip on;
gzip_vary on;
gzip_proxied any;
gzip_min_length 1024;
gzip_types text/css application/javascript application/json image/svg+xml;"""


@check(code="OPS105")
def ask(page: Page) -> Iterator[Finding]:
    plain = [one for one in (page.answer(), *files(page)) if _is_plain(one)]
    if not plain:
        return
    sent = sum(len(one.body) for one in plain)
    packed = sum(len(zlib.compress(one.body, 6)) for one in plain)
    yield Finding(
        message=f"{size(sent)} of text are sent where {size(packed)} would do.",
        evidence=evidence((one.url, size(len(one.body))) for one in plain),
        remedies=(
            Remedy("nginx", _NGINX),
            Remedy("settings.py", 'MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", ...]'),
        ),
    )


def _is_plain(answer: Answer) -> bool:
    return (
        answer.status == 200
        and answer.is_text
        and len(answer.body) >= _LEAST_BYTES
        and (answer.header("content-encoding") or "identity") == "identity"
    )
