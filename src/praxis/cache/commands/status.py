"""Show the Redis that holds the cache, and what is going on in it."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from praxis.cache.commands.databases import add_database, chosen
from praxis.cache.hooks.connections import CachedConnection
from praxis.cache.hooks.dead_writers import SUSPICIOUS_AFTER_S
from praxis.cache.protocol.calls import MAX_SHAPES
from praxis.cache.server import ServerFacts, ask_server
from praxis.cache.store import TableState

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def add_arguments(parser: ArgumentParser) -> None:
    add_database(parser)


def run(options: Mapping[str, Any], write: Callable[[str], object]) -> None:
    for alias, connection in chosen(options["database"]).items():
        for line in _lines(alias, connection):
            write(line)


def _lines(alias: str, connection: CachedConnection) -> Iterator[str]:
    store = connection.store
    tables = sorted(connection.watched.tables)
    states = store.survey(tables)
    yield f"{alias}: {store.name}, era {store.era}"
    yield from map("  {}".format, _of_server(ask_server(store.session())))
    used = {table: state for table, state in states.items() if state.is_known}
    yield f"  {len(tables)} tables are watched, {len(used)} were read or written in this era"
    for table, state in used.items():
        if state.marks_s or state.shapes:
            yield f"  {table}: {_of_table(state)}"


def _of_server(facts: ServerFacts) -> Iterator[str]:
    most = size(facts.max_bytes) if facts.max_bytes else "no limit"
    yield f"Redis {facts.version} at {facts.address}, up {facts.uptime_s} s"
    yield f"memory {size(facts.used_bytes)} of {most}; eviction: {facts.policy}"
    yield f"{facts.keys} keys of all who use this database of it; {facts.evicted} were evicted"
    if not facts.evicts_safely:
        yield (
            f"WRONG: {facts.policy} may evict the marks of writes. Set maxmemory-policy to "
            "noeviction or one of volatile-…"
        )


def _of_table(state: TableState) -> str:
    parts = []
    if state.shapes:
        full = ", no more fit" if len(state.shapes) >= MAX_SHAPES else ""
        parts.append(f"conditions on {'; '.join(state.shapes)}{full}")
    if state.marks_s:
        ages = ", ".join(f"{age:g} s" for age in state.marks_s)
        parts.append(f"writes in flight since {ages}")
        if state.marks_s[0] > SUSPICIOUS_AFTER_S:
            parts.append("the next reader asks the database whether the old ones are over")
    return "; ".join(parts)


def size(count: float) -> str:
    """Bytes as people read them."""
    unit = 0
    while count >= 1024 and unit < len(_UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.0f} {_UNITS[unit]}" if not unit else f"{count:.1f} {_UNITS[unit]}"
