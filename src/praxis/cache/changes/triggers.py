"""
Triggers of PostgreSQL that leave word of what is written past Django.

They fire once a statement, whoever sends it: other programs, ``psql``, COPY, TRUNCATE, cascades and
triggers of the database. A session that says ``praxis.told = on`` tells Redis itself of its own
statements, so nothing is left of these; what the database does on its own account, one trigger
deeper, is told of all the same. One row for each table and transaction, whatever it writes.

They fire before the statement, since those after it that belong to a cascade wait for the end of
the outer statement, where nobody can tell them from its own.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from praxis.cache.changes import table

TRIGGER = "praxis_cache_changed"
FUNCTION = "praxis_cache_changed"
#: What sessions say that tell of their own statements, and what a transaction has told of.
TOLD, TOLD_OF = "praxis.told", "praxis.told_of"
#: What the relay listens for.
CHANNEL = "praxis_cache_change"


def function(schema: str, *, notifies: bool) -> str:
    """
    The function that all triggers call.

    Args:
        schema: Of the table of words, quoted.
        notifies: Whether it wakes relays, which makes commits that leave word wait in line.
    """
    notify = f"\n    PERFORM pg_notify('{CHANNEL}', '');" if notifies else ""
    return f"""\
CREATE OR REPLACE FUNCTION {schema}.{FUNCTION}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $praxis$
DECLARE
    told_of text := coalesce(current_setting('{TOLD_OF}', true), '');
    this text := TG_RELID::text || ';';
BEGIN
    IF pg_trigger_depth() = 1 AND coalesce(current_setting('{TOLD}', true), '') = 'on' THEN
        RETURN NULL;
    END IF;
    -- what a savepoint takes back it takes back here, too
    IF position(';' || this IN ';' || told_of) > 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO {schema}.{table.TABLE} (table_name, made_at)
    VALUES (TG_ARGV[0], clock_timestamp());
    PERFORM set_config('{TOLD_OF}', told_of || this, true);{notify}
    RETURN NULL;
END
$praxis$"""  # noqa: S608 - the schema is quoted, all else are constants


def install(schema: str, quoted: str, name: str) -> list[str]:
    """
    The statements that put a trigger on a table, in the place of one that is there.

    Args:
        schema: Of the table of words, quoted.
        quoted: The table, as SQL has it.
        name: What the cache calls it.
    """
    literal = "'" + name.replace("'", "''") + "'"
    return [
        remove(quoted),
        (
            f"CREATE TRIGGER {TRIGGER} BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {quoted} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.{FUNCTION}({literal})"
        ),
        # those that replay a log of changes, and restores, count as well
        f"ALTER TABLE {quoted} ENABLE ALWAYS TRIGGER {TRIGGER}",
    ]


def remove(quoted: str) -> str:
    """The statement that takes the trigger from a table."""
    return f"DROP TRIGGER IF EXISTS {TRIGGER} ON {quoted}"


def missing(database: Any, tables: Iterable[str]) -> list[str]:
    """Those of *tables*, named as in the database, that are there and have no trigger."""
    names: Sequence[str] = sorted(tables)
    found = table.run(
        database,
        "SELECT relname FROM pg_class WHERE oid = ANY(SELECT to_regclass(quote_ident(name))::oid "
        "FROM unnest(%s::text[]) name) AND NOT EXISTS (SELECT 1 FROM pg_trigger "
        "WHERE tgrelid = pg_class.oid AND tgname = %s AND tgenabled = 'A')",
        [names, TRIGGER],
        is_read=True,
    )
    return sorted(name for (name,) in found)
