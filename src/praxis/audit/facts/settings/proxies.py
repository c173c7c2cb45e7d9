"""
What the web server in front of Django does, by its configuration in the project.

A redirect to HTTPS or an HSTS header that the proxy adds need not be added by Django as well.
"""

import re
from dataclasses import dataclass

from praxis.audit.facts.configurations import configurations
from praxis.audit.project import Project

_REDIRECT = re.compile(
    r"(?:return|rewrite)\s[^\n;]*https://"
    r"|RewriteRule\s[^\n]*https://|Redirect\s[^\n]*https://"
    r"|redirect\s+scheme\s+https|redirectscheme|redirections\.entrypoint|ssl-redirect|RedirectTo",
    re.IGNORECASE,
)
_HSTS = re.compile(r"Strict-Transport-Security|stsSeconds|\bhsts\b", re.IGNORECASE)
_TLS = re.compile(r"^\s*(?:listen\s[^\n;]*(?:443|ssl)|ssl_certificate\s)", re.MULTILINE)
_FORWARDED = re.compile(r"proxy_set_header\s+X-Forwarded-Proto\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proxy:
    """
    What the configurations in the project show.

    Attributes:
        redirects: Plain HTTP is sent on to HTTPS.
        sends_hsts: ``Strict-Transport-Security`` is added.
        tells_scheme: It ends TLS and passes the scheme on as ``X-Forwarded-Proto``.
        path: The file that shows the latter.
    """

    redirects: bool = False
    sends_hsts: bool = False
    tells_scheme: bool = False
    path: str = ""


def proxy_of(project: Project) -> Proxy:
    """Read the project's web server configurations; for `Project.derive`."""
    redirects = sends_hsts = tells_scheme = False
    shown = ""
    for path, text in configurations(project):
        lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        redirects = redirects or _REDIRECT.search(lines) is not None
        sends_hsts = sends_hsts or _HSTS.search(lines) is not None
        if _TLS.search(lines) and _FORWARDED.search(lines) and not tells_scheme:
            tells_scheme, shown = True, path
    return Proxy(redirects, sends_hsts, tells_scheme, shown)
