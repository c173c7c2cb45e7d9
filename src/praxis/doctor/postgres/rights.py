"""What the role that asks may not see, so that nobody takes silence for health."""

from praxis.errors import NotAnsweredError


def hidden(what: str) -> NotAnsweredError:
    """The error that says so, with what to grant."""
    return NotAnsweredError(f"{what} may not be seen. GRANT pg_monitor TO the role that asks")
