"""
Headers that protect visitors are not sent.

## Measured

One page, as a browser asks for it, and once more as another site would. The grade is that of
Mozilla's HTTP Observatory, from A+ to F, for what one page can tell: content security policy,
strict transport security, frames, sniffing, referrers, sharing with other origins.

## Misses

Other pages, which may send other headers; scripts of other hosts without integrity.

## Source

https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.answers import Answer
from praxis.doctor.web.scoring import grade_of, lacks
from praxis.doctor.web.session import Page

_GOOD = 80
_POOR = 50


@check(code="SEC108")
def ask(page: Page) -> Iterator[Finding]:
    shared = page.get(page.url, {"Origin": "https://praxis.invalid"})
    extra = tuple(
        (name, value) for name, value in shared.headers if name.startswith("access-control-")
    )
    own = page.answer()
    answer = Answer(own.url, own.status, own.headers + extra, b"", own.version)
    found = list(lacks(answer, is_encrypted=page.is_encrypted))
    if not found:
        return
    points = 100 - sum(lack.points for lack in found)
    severity = Severity.NOTE if points >= _GOOD else None
    yield Finding(
        message=f"The headers of {page.url} get the grade {grade_of(points)} ({max(points, 0)} of "
        "100).",
        evidence=evidence((lack.header, f"{lack.says} (-{lack.points})") for lack in found),
        remedies=(Remedy("settings.py", "\n".join(dict.fromkeys(lack.setting for lack in found))),),
        severity=Severity.ERROR if points < _POOR and page.is_encrypted else severity,
    )
