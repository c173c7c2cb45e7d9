"""
The queries of every page of a project, with few rows and with twice as many.

Run in the project's folder by its own interpreter: ``count_queries.py SETTINGS ROWS APP,APP``.
The answer is JSON. A page is a URL without arguments, or with nothing but the key of the first
row. What a page writes is rolled back.
"""

import hashlib
import io
import json
import logging
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path[:0] = [str(Path.cwd()), str(Path(__file__).parent)]

#: What differs between two answers that say the same.
_CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="\w+"|csrf\w*["\']?\s*[:=]\s*["\']\w+["\']'
    rb'|nonce="[^"]+"',
    re.IGNORECASE,
)

#: Routes with arguments that are not known here, and pages that list nothing.
_NO_PAGE = re.compile(r"[()<>*+?\[\]|\\]|logout|/add/$|jsi18n|autocomplete")


def main() -> None:
    settings_module, rows, labels = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
    os.environ["DJANGO_SETTINGS_MODULE"] = settings_module
    socket.setdefaulttimeout(2)  # no page shall wait for a server elsewhere
    moment = datetime(2026, 4, 1, 12, tzinfo=UTC)
    with redirect_stdout(io.StringIO()), patch("django.utils.timezone.now", lambda: moment):
        counted = _count_all(labels, rows)
    print(json.dumps(counted))


def _count_all(labels: list[str], rows: int) -> dict[str, dict[str, Any]]:
    import django
    from django.conf import settings

    settings.LOGGING_CONFIG = None
    settings.DATABASES["default"] |= {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["*"]
    django.setup()
    logging.disable(logging.CRITICAL)
    from django.contrib.auth import get_user_model
    from django.test.utils import setup_test_environment
    from made_up_rows import fill

    setup_test_environment()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)
    fill(labels, rows)
    users = get_user_model()._base_manager
    users.filter(pk=users.order_by("pk").first().pk).update(**_powers(users.model))
    paths = sorted(set(_paths()))
    for path in paths:
        _count(path)  # the first call fills what lives as long as the process
    few = {path: _count(path) for path in paths}
    fill(labels, rows, first=rows)
    many = {path: _count(path) for path in paths}
    return {
        path: {"few": few[path][0], "many": many[path][0], "content": many[path][1]}
        for path in paths
        if few[path] is not None and many[path] is not None
    }


def _powers(model: Any) -> dict[str, bool]:
    """May do everything, by whatever fields the project has for it."""
    names = {field.name for field in model._meta.concrete_fields}
    wanted = {"is_superuser", "is_staff", "is_active", "is_user_office", "is_technician"}
    return dict.fromkeys(names & wanted, True)


def _paths() -> Iterator[str]:
    from django.urls import URLPattern, get_resolver

    def walk(patterns: Any, prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + _route(str(pattern.pattern))
            if isinstance(pattern, URLPattern):
                if not _NO_PAGE.search(route):
                    yield "/" + route
            else:
                yield from walk(pattern.url_patterns, route)

    yield from walk(get_resolver().url_patterns, "")


def _route(pattern: str) -> str:
    """The pattern as a path, the keys in it those of the first row."""
    pattern = re.sub(r"<int:\w+>|<(?:pk|id|\w+_id)>", "1", pattern)
    pattern = re.sub(r"\(\?P<\w+>(?:\\d\+|\[0-9\]\+)\)", "1", pattern)
    return pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z").replace("/?", "/")


def _count(path: str) -> tuple[int, str] | None:
    """The queries of a page and a digest of what it shows; None where it shows nothing."""
    from django.contrib.auth import get_user_model
    from django.core.cache import cache
    from django.db import connection, transaction
    from django.test import Client

    count = 0

    def note(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    client = Client(raise_request_exception=False)
    cache.clear()
    try:
        with transaction.atomic():
            client.force_login(get_user_model()._base_manager.order_by("pk").first())
            with connection.execute_wrapper(note):
                response = client.get(path)
                held = b"".join(response) if response.streaming else response.content
            transaction.set_rollback(True)
    except Exception:
        return None
    if response.status_code != 200:
        return None
    return count, hashlib.sha256(_CHANGING.sub(b"", held)).hexdigest()[:16]


if __name__ == "__main__":
    main()
