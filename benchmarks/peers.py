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


def configure(url: str) -> None:
    """Django's settings for all that counts or keeps something in the Redis at *url*."""
    import django
    from django.conf import settings  # noqa: TID251 - the peers ask Django for their own

    settings.configure(
        PRAXIS={"redis": {"url": url, "timeout_s": 5.0}},
        CACHES={
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url},
            "django_redis": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url},
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "praxis"],
        ALLOWED_HOSTS=["*"],
        SILENCED_SYSTEM_CHECKS=["django_ratelimit.E003", "django_ratelimit.W001"],
    )
    django.setup()
