"""Packages to measure against, besides what the project itself needs; none of it is committed."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import SCRATCH


def beside(subject: str, requirements: Sequence[str]) -> Path:
    """
    A folder for ``sys.path`` with these packages, on top of what the environment has.

    Args:
        subject: What is measured; each has a folder of its own.
        requirements: Exact versions. What they depend on has to be among them or installed.
    """
    folder = SCRATCH / "peers" / subject
    installed = folder / "installed.txt"
    wanted = "\n".join(requirements)
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", folder, "--no-deps"]
        subprocess.run([*command, "--upgrade", *requirements], check=True)
        installed.write_text(wanted, encoding="utf-8")
    return folder
