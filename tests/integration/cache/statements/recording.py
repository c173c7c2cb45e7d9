"""Runs Django on the database of DATABASE_URL and prints as JSON each SQL text that it executed."""

import json
import os
import sys
from pathlib import Path

TEXTS = {}


def main():
    what, out = sys.argv[1:]
    if what == "shop":
        run_shop()
    else:
        import orm

        orm.configure(os.environ["DATABASE_URL"])
        record()
        orm.run_everything()
    Path(out).write_text(json.dumps(list(TEXTS)))


def record():
    from django.db import connections
    from django.db.backends.signals import connection_created

    def note(execute, sql, params, many, context):
        TEXTS.setdefault(str(sql))
        return execute(sql, params, many, context)

    def watch(*, connection, **_):
        if note not in connection.execute_wrappers:
            connection.execute_wrappers.append(note)

    connection_created.connect(watch, weak=False)
    for connection in connections.all():
        connection.execute_wrappers.append(note)


def run_shop():
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings.dev"
    shop = Path(__file__).parents[4] / "examples" / "shop"
    sys.path.insert(0, str(shop))
    os.chdir(shop)
    django.setup()
    record()
    call_command("test", "tests", verbosity=0, interactive=False)


if __name__ == "__main__":
    main()
