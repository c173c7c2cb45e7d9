"""
A grade for the headers of a site, as Mozilla's HTTP Observatory gives it.

From 100 points each lack takes some. The points and the letters are those of
https://github.com/mozilla/http-observatory/blob/main/httpobs/docs/scoring.md, for the tests that
one page can answer; its bonus points are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from praxis.doctor.web.answers import Answer

_GRADES = (
    (100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"),
    (45, "C-"), (40, "D+"), (30, "D"), (25, "D-"), (0, "F"),
)  # fmt: skip
HALF_A_YEAR_S = 15_768_000
_SAFE_REFERRERS = frozenset(
    {
        "no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin",
        "same-origin", "strict-origin", "strict-origin-when-cross-origin",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a header should say; *points* is what it takes, *setting* what mends it."""

    header: str
    says: str
    points: int
    setting: str


def grade_of(points: int) -> str:
    """The letter."""
    return next(letter for least, letter in _GRADES if max(points, 0) >= least)


def lacks(answer: Answer, *, is_encrypted: bool) -> Iterator[Lack]:
    """What the headers of a page lack, the costliest first."""
    policy = parse_policy(answer.header("content-security-policy") or "")
    yield from sorted(
        [
            *_policy(policy),
            *_transport(answer, is_encrypted=is_encrypted),
            *_frames(answer, policy),
            *_sniffing(answer),
            *_referrer(answer),
            *_sharing(answer),
        ],
        key=lambda lack: -lack.points,
    )


def parse_policy(text: str) -> dict[str, list[str]]:
    """A content security policy by directive; the first of a name counts, as browsers have it."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"[;,]", text):
        name, *sources = part.split()[:1] + part.split()[1:] if part.strip() else [""]
        if name:
            found.setdefault(name.lower(), [source.lower() for source in sources])
    return found


_CSP = """\
# Django 6.0; before it, django-csp
MIDDLEWARE = [..., "django.middleware.csp.ContentSecurityPolicyMiddleware"]
from django.utils.csp import CSP
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}"""


def _policy(policy: dict[str, list[str]]) -> Iterator[Lack]:
    name = "Content-Security-Policy"
    if not policy:
        yield Lack(name, "not sent: a script that gets into a page runs", 25, _CSP)
        return
    scripts = policy.get("script-src", policy.get("default-src"))
    guarded = scripts is not None and any(
        source.startswith(("'nonce-", "'sha", "'strict-dynamic'")) for source in scripts
    )
    if scripts is None or "*" in scripts or "data:" in scripts:
        yield Lack(name, "scripts may come from anywhere", 20, _CSP)
    elif "'unsafe-inline'" in scripts and not guarded:
        yield Lack(name, "'unsafe-inline' lets any script in the page run", 20, _CSP)
    elif any(source.startswith("http:") for source in scripts):
        yield Lack(name, "scripts may come unencrypted", 20, _CSP)
    elif "'unsafe-eval'" in scripts:
        yield Lack(name, "'unsafe-eval' lets text become script", 10, _CSP)


def _transport(answer: Answer, *, is_encrypted: bool) -> Iterator[Lack]:
    name, setting = "Strict-Transport-Security", "SECURE_HSTS_SECONDS = 31_536_000"
    if not is_encrypted:
        yield Lack(name, "cannot be sent: the page is not encrypted", 20, setting)
        return
    value = answer.header("strict-transport-security") or ""
    match = re.search(r'max-age\s*=\s*"?(\d+)', value, re.IGNORECASE)
    if match is None:
        yield Lack(name, "not sent: the first visit can be listened to", 20, setting)
    elif int(match[1]) < HALF_A_YEAR_S:
        yield Lack(name, f"{int(match[1]):,} s is less than half a year", 10, setting)


def _frames(answer: Answer, policy: dict[str, list[str]]) -> Iterator[Lack]:
    value = (answer.header("x-frame-options") or "").strip().upper()
    if "frame-ancestors" not in policy and value not in ("DENY", "SAMEORIGIN"):
        says = "not sent" if not value else f"{value} is not known"
        yield Lack(
            "X-Frame-Options",
            f"{says}: another site can show this one in a frame and have it clicked",
            20,
            'MIDDLEWARE = [..., "django.middleware.clickjacking.XFrameOptionsMiddleware"]',
        )


def _sniffing(answer: Answer) -> Iterator[Lack]:
    if (answer.header("x-content-type-options") or "").strip().lower() != "nosniff":
        yield Lack(
            "X-Content-Type-Options",
            "not nosniff: an upload can be taken for a script",
            5,
            "SECURE_CONTENT_TYPE_NOSNIFF = True  # with SecurityMiddleware",
        )


def _referrer(answer: Answer) -> Iterator[Lack]:
    value = answer.header("referrer-policy")
    policies = [part.strip().lower() for part in (value or "").split(",") if part.strip()]
    if policies and policies[-1] not in _SAFE_REFERRERS:
        yield Lack(
            "Referrer-Policy",
            f"{policies[-1]} tells other sites the whole address",
            5,
            'SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"',
        )


def _sharing(answer: Answer) -> Iterator[Lack]:
    is_open = answer.header("access-control-allow-credentials") == "true"
    if is_open and answer.header("access-control-allow-origin") == "https://praxis.invalid":
        yield Lack(
            "Access-Control-Allow-Origin",
            "repeats whoever asks, and allows credentials: any site reads what the visitor may",
            50,
            'CORS_ALLOWED_ORIGINS = ["https://www.example.com"]  # django-cors-headers',
        )
