"""How many clients a process takes."""

import sys
from typing import Final

#: Files that are left to everything else: databases, Redis, ordinary requests.
_LEFT: Final = 256
#: Where the system sets no limit.
_UNLIMITED: Final = 100_000


def most_connections(configured: int) -> int:
    """Return the limit: what is configured, or as many as may be open, less some for the rest."""
    if configured:
        return configured
    files = _open_files()
    return max(files - _LEFT, files // 2)


def _open_files() -> int:
    if sys.platform == "win32":
        return _UNLIMITED
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if soft == resource.RLIM_INFINITY else min(soft, _UNLIMITED)
