"""
Asking git about the audited project without running anything that its configuration names.

Only commands that read objects are for this: they run no filter, hook, pager or monitor. What
could still start a program is fetching objects that a partial clone lacks.
"""

import os
import subprocess
from pathlib import Path

_QUIET = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # older versions know no GIT_NO_LAZY_FETCH
}


def ask_git(folder: Path, *arguments: str, timeout_s: float) -> bytes | None:
    """
    What git answers in *folder*; None where it refuses.

    Raises:
        OSError: if there is no git.
        subprocess.TimeoutExpired: if it does not answer.
    """
    done = subprocess.run(  # noqa: S603 - without a shell
        ["git", "--no-pager", "-c", "core.fsmonitor=false", *arguments],  # noqa: S607 - the user's
        cwd=folder,
        env=os.environ | _QUIET,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    return done.stdout if done.returncode == 0 else None
