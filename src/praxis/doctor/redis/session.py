"""What the checks of Redis are given; the session of redis-py is one."""

from typing import Any, Protocol

from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target


class Server(Protocol):
    """One server that can be asked; `praxis.doctor.redis.redis_session` says more."""

    target: Target
    site: Site
    limits: Limits
    kept: dict[str, Any]

    def ask(self, *words: str | int) -> Any:
        """Send one reading command."""

    def info(self) -> dict[str, str]:
        """All that ``INFO`` tells."""

    def setting(self, name: str) -> str | None:
        """A setting; None where it may not be read."""

    def round_trip_ms(self) -> float:
        """The median of a few empty commands."""
