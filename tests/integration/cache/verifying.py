"""Writes past Django, reads with hits compared, and prints as JSON what was served and told."""

import json
import sqlite3
import sys

import django
from django.conf import settings  # noqa: TID251 - they are made here
from django.test.utils import override_settings


def main():
    redis_url, name = sys.argv[1:]
    praxis = {"cache": {"models": {"library.*": {}}}, "redis": {"url": redis_url, "timeout_s": 5.0}}
    settings.configure(
        INSTALLED_APPS=["praxis", "django.contrib.contenttypes", "tests.integration.cache.library"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PRAXIS=praxis,
    )
    django.setup()
    praxis_of = {share: _verifying(praxis, share) for share in (0.0, 1.0)}
    sys.stdout.write(json.dumps(_run(name, praxis_of)))


def _verifying(praxis, share):
    return {**praxis, "cache": {**praxis["cache"], "verify_share": share}}


def _run(name, praxis_of):
    from django.apps import apps
    from django.db import connection

    from praxis.announcements import StaleResult, listen
    from tests.integration.cache.library.models import Author

    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    author = Author.objects.create(name="old")
    reads = {
        "get": lambda: Author.objects.get(pk=author.pk).name,
        "list": lambda: [a.name for a in Author.objects.all()],
        "parts": lambda: [a.name for a in Author.objects.filter(pk__gt=0).iterator(chunk_size=1)],
    }
    list(Author.objects.filter(pk__gt=0))  # what is read in parts is found, and never put there
    found, events = {}, []
    listen(StaleResult, events.append)
    for what, read in reads.items():
        read()
        with sqlite3.connect(name) as raw:
            raw.execute("UPDATE library_author SET name = ?", [f"new {what}"])
        raw.close()
        events.clear()
        seen = {"served": read()}
        with override_settings(PRAXIS=praxis_of[1.0]):
            seen["compared"] = read()
        seen["told"] = [(e.database, e.lacking, e.surplus) for e in events]
        seen["afterwards"] = read()
        found[what] = seen
    return found


if __name__ == "__main__":
    main()
