"""
A cookie is sent without the flags that protect it.

Without `Secure` it goes over unencrypted connections, too; without `HttpOnly` scripts read it, also
those that should not be there; without `SameSite` browsers choose.

## Measured

`Set-Cookie` of the page. The CSRF cookie may be read by scripts: it is made for that.

## Misses

Cookies that are set after logging in: name the address of the login page, too.

## Source

https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.registry import check
from praxis.doctor.web.session import Page

_SETTINGS = {"sessionid": "SESSION", "csrftoken": "CSRF", "django_language": "LANGUAGE"}


@check(code="SES102")
def ask(page: Page) -> Iterator[Finding]:
    for cookie in page.answer().all("set-cookie"):
        pair, *attributes = (part.strip() for part in cookie.split(";"))
        name = pair.partition("=")[0]
        flags = {part.partition("=")[0].lower(): part.partition("=")[2] for part in attributes}
        lacking = [
            flag
            for flag, is_there in (
                ("Secure", "secure" in flags or not page.is_encrypted),
                ("HttpOnly", "httponly" in flags or "csrf" in name.lower()),
                ("SameSite", "samesite" in flags),
            )
            if not is_there
        ]
        if not lacking:
            continue
        is_session = "sess" in name.lower()
        yield Finding(
            message=f"The cookie {name} is sent without {' and '.join(lacking)}.",
            evidence=evidence([("attributes", "; ".join(attributes) or "none")]),
            remedies=(Remedy("settings.py", "\n".join(_settings(name, lacking))),),
            severity=Severity.ERROR if is_session and lacking != ["SameSite"] else None,
        )


def _settings(name: str, lacking: list[str]) -> Iterator[str]:
    prefix = _SETTINGS.get(name, "SESSION" if "sess" in name.lower() else None)
    for flag in lacking:
        value = '"Lax"' if flag == "SameSite" else "True"
        if prefix is None:
            yield f"response.set_cookie({name!r}, ..., {flag.lower()}={value})"
        else:
            yield f"{prefix}_COOKIE_{flag.upper()} = {value}"
