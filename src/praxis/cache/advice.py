"""What to do about a query that is not cached, by the reason."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps

from praxis.announcements import BypassReason
from praxis.cache.watched import Watched

_ADVICE: Mapping[BypassReason, str] = {
    BypassReason.ASKED_FOR: "Take out uncached() or bypass() if its results may be cached.",
    BypassReason.VOLATILE: (
        "Give it the time as a parameter, rounded (timezone.now().replace(second=0, …)), instead "
        "of letting the database tell it; order by something else than chance."
    ),
    BypassReason.LOCKS: "A lock is there to read what is in the database now.",
    BypassReason.OWN_WRITE: "Read before the first write of the transaction, or after it.",
    BypassReason.SNAPSHOT: (
        "Read outside of the transaction, or in READ COMMITTED on PostgreSQL: SQLite, MySQL and "
        "the other levels show a transaction what was there when it began."
    ),
    BypassReason.SESSION_CHANGED: (
        "Set what has to be set in the OPTIONS of the connection, or by SET LOCAL in a "
        "transaction, instead of by SET; calls of functions that are not known count likewise."
    ),
    BypassReason.PARAMETER_TYPE: "Give it a number, text, date, time or UUID instead.",
    BypassReason.WRITE_IN_FLIGHT: (
        "Nothing, if it passes; manage.py praxis_cache status shows writes that do not end."
    ),
    BypassReason.TOO_MANY_SHAPES: (
        "manage.py praxis_cache clear makes room; fewer combinations of columns that are compared "
        "with constants keep it."
    ),
    BypassReason.REDIS_DOWN: "manage.py praxis_cache status tells why.",
}


def advice(reason: BypassReason, watched: Watched, tables: frozenset[str], functions: str) -> str:
    """
    What the project can do; "" for nothing.

    Args:
        reason: Why the query is not cached.
        watched: What is cached.
        tables: Those that the query reads.
        functions: Which of those that it calls are not known.
    """
    if reason is BypassReason.NOT_A_READ and functions:
        return f"What {functions} does is not known: have the query do without, or leave it so."
    if reason is BypassReason.NOT_AUTOMATIC:
        manual = [one for one in sorted(tables) if _is_manual(watched, one)]
        names = ", ".join(dict.fromkeys(f'"{watched.patterns[table]}"' for table in manual))
        return f'Ask for it by .cached(), or take "automatic": False out of {names}.'
    if reason is BypassReason.UNWATCHED_TABLE:
        return " ".join(_of_unwatched(table) for table in sorted(tables - watched.tables.keys()))
    return _ADVICE.get(reason, "")


def _is_manual(watched: Watched, table: str) -> bool:
    return table in watched.tables and not watched.tables[table].automatic


def _of_unwatched(table: str) -> str:
    model = _model_of(table)
    if model is None:
        return f"{table} is no model's table, so that nobody tells of what is written to it."
    meta = model._meta  # noqa: SLF001 - public since ever
    if not meta.managed:
        return f"{table} is of {meta.label}, which is not managed and may be a view."
    owner = (meta.auto_created or model)._meta  # noqa: SLF001
    return f'{table} is not watched: add "{owner.label_lower}" to PRAXIS["cache"]["models"].'


def _model_of(table: str) -> Any:
    models = apps.get_models(include_auto_created=True)
    return next((one for one in models if one._meta.db_table.lower() == table.lower()), None)  # noqa: SLF001
