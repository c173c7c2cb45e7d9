"""The site, in which who is present is said more often, so that a test need not wait."""

from praxis.realtime import attendance, roll

attendance.SAID_S = 0.5
roll.KEPT_S = 2.0

from tests.integration.realtime.site import application  # noqa: E402

__all__ = ["application"]
