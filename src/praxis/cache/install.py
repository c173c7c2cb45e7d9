"""Put between Django and the database, where the settings ask for it."""

from praxis.cache.hooks import queries, querysets, raw_queries, writes


def install() -> None:
    """Hook into Django; once a process, however often it is called."""
    writes.install()
    queries.install()
    querysets.install()
    raw_queries.install()
