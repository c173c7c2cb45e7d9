"""How each vendor folds the names of tables, so that equal names become equal strings."""

from praxis.cache.statements.statement import Table

# PostgreSQL cuts longer names (NAMEDATALEN - 1).
POSTGRESQL_NAME_BYTES = 63

_TO_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def lower_ascii(text: str) -> str:
    """*text* with A to Z in lower case, and nothing else changed."""
    return text.lower() if text.isascii() else text.translate(_TO_LOWER)


def fold(name: str, vendor: str, *, quoted: bool) -> str:
    """
    The string under which *vendor* knows *name*.

    MySQL compares names of tables with or without case, depending on the server; here always
    without: two tables that differ in case alone count as one.
    """
    if vendor == "postgresql":
        return _cut(name if quoted else lower_ascii(name))
    return name.lower() if vendor == "mysql" else lower_ascii(name)


def table_named(name: str, vendor: str, *, schema: str = "") -> Table:
    """
    The `Table` that ``analyse`` reports for *name*, given as the database stores it.

    For names that Django quotes: ``table_named(model._meta.db_table, connection.vendor)``.
    """
    folded = fold(schema, vendor, quoted=True)
    return Table(folded, fold(name, vendor, quoted=True))


def _cut(name: str) -> str:
    if len(name) * 4 <= POSTGRESQL_NAME_BYTES:
        return name
    encoded = name.encode("utf-8", "surrogatepass")
    if len(encoded) <= POSTGRESQL_NAME_BYTES:
        return name
    return encoded[:POSTGRESQL_NAME_BYTES].decode("utf-8", "ignore")
