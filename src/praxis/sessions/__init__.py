"""
Sessions in Redis, in which requests that come at once lose nothing.

    SESSION_ENGINE = "praxis.sessions"

`devices_of`, `revoke`, `revoke_others` and `revoke_all` are for a page on which users see where
they are logged in.
"""

from praxis.errors import SessionValueError
from praxis.sessions.devices import Device, devices_of, revoke, revoke_all, revoke_others
from praxis.sessions.rotation import rotate_sessions
from praxis.sessions.store import SessionStore

__all__ = [
    "Device",
    "SessionStore",
    "SessionValueError",
    "devices_of",
    "revoke",
    "revoke_all",
    "revoke_others",
    "rotate_sessions",
]
