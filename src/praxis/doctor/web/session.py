"""What the checks of a running site are given; `praxis.doctor.web.http_session` is one."""

import ssl
from collections.abc import Mapping
from typing import Any, Protocol

from praxis.doctor.limits import Limits
from praxis.doctor.targets import Target
from praxis.doctor.web.answers import Answer


class Page(Protocol):
    """One page of a running site."""

    target: Target
    limits: Limits
    url: str
    kept: dict[str, Any]

    @property
    def is_encrypted(self) -> bool:
        """Whether the address is https."""

    @property
    def host(self) -> str:
        """The name of the site."""

    def answer(self) -> Answer:
        """The page, asked for once, as a browser does."""

    def text(self) -> str:
        """The page's text, unpacked."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for anything else; redirects are not followed."""

    def twice(self) -> tuple[Answer, bool]:
        """The page, and whether the same connection answered again."""

    def handshake(self, context: ssl.SSLContext) -> dict[str, Any]:
        """What was agreed on."""
