"""What differs between vendors beyond the form of tokens."""

import re
from dataclasses import dataclass

from praxis.cache.statements import functions
from praxis.cache.statements.words import words

# Words that no vendor takes for the name of a table, unless they are quoted. A word missing here
# is read as a name, and the statement then fails to be recognised a little later.
_RESERVED = words(
    """
    ALL ALTER AND AS BETWEEN BY CASE CREATE CROSS DEFAULT DELETE DISTINCT DROP ELSE EXCEPT
    EXISTS FETCH FOR FROM GROUP HAVING IN INNER INSERT INTERSECT INTO IS JOIN LATERAL LEFT
    LIKE LIMIT NATURAL NOT NULL ON ONLY OR ORDER OUTER RETURNING RIGHT SELECT SET TABLE THEN
    TO UNION UPDATE USING VALUES WHEN WHERE WITH
    """
)

# Types whose names PostgreSQL and MySQL allow for no function, or for a pure one.
_TYPES = words(
    """
    BIT CHAR CHARACTER DEC DECIMAL FLOAT INTERVAL NCHAR NUMERIC TIME TIMESTAMP VARCHAR
    """
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """
    One vendor's rules.

    Attributes:
        vendor: As in ``connection.vendor``.
        reserved: Words that are no names.
        pure: Functions whose result depends on their arguments alone.
        volatile: Functions that change no table, whose result depends on more.
        locking: Functions that take or give back locks.
        volatile_words: Words that are functions of time or session without parentheses.
        volatile_strings: Strings that become a time when they are cast.
        system_schemas: Where the catalogues are.
        system_prefixes: How the names of catalogues begin.
        not_functions: Further words before a parenthesis that are no functions.
        strings_are_names: A string may stand where a table's name is expected.
        nested_writes: INSERT, UPDATE, DELETE and MERGE may stand inside WITH.
    """

    vendor: str
    reserved: frozenset[str]
    pure: frozenset[str]
    volatile: frozenset[str]
    locking: frozenset[str]
    volatile_words: frozenset[str]
    system_schemas: frozenset[str]
    system_prefixes: tuple[str, ...]
    volatile_strings: re.Pattern[str] | None = None
    not_functions: frozenset[str] = frozenset()
    strings_are_names: bool = False
    nested_writes: bool = False


DIALECTS = {
    "postgresql": Dialect(
        vendor="postgresql",
        reserved=_RESERVED | {"OFFSET", "TABLESAMPLE", "WINDOW"},
        pure=functions.POSTGRESQL_PURE,
        volatile=functions.POSTGRESQL_VOLATILE,
        locking=functions.POSTGRESQL_LOCKING,
        volatile_words=words(
            """
    CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP
    CURRENT_USER LOCALTIME LOCALTIMESTAMP SESSION_USER SYSTEM_USER USER
    """
        ),
        volatile_strings=re.compile(r"\b(?:now|today|tomorrow|yesterday)\b", re.IGNORECASE),
        system_schemas=frozenset({"pg_catalog", "information_schema"}),
        system_prefixes=("pg_",),
        not_functions=_TYPES,
        nested_writes=True,
    ),
    "sqlite": Dialect(
        vendor="sqlite",
        reserved=_RESERVED | {"INDEXED"},
        pure=functions.SQLITE_PURE,
        volatile=functions.SQLITE_VOLATILE,
        locking=frozenset(),
        volatile_words=frozenset({"CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"}),
        system_schemas=frozenset(),
        system_prefixes=("sqlite_",),
        strings_are_names=True,
    ),
    "mysql": Dialect(
        vendor="mysql",
        reserved=_RESERVED | {"FORCE", "IGNORE", "LOCK", "PARTITION", "STRAIGHT_JOIN", "USE"},
        pure=functions.MYSQL_PURE,
        volatile=functions.MYSQL_VOLATILE,
        locking=functions.MYSQL_LOCKING,
        volatile_words=words(
            """
    CURRENT_DATE CURRENT_ROLE CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER LOCALTIME
    LOCALTIMESTAMP UTC_DATE UTC_TIME UTC_TIMESTAMP
    """
        ),
        system_schemas=frozenset({"information_schema", "mysql", "performance_schema", "sys"}),
        system_prefixes=(),
        not_functions=_TYPES | {"DIV", "ESCAPE", "RLIKE", "XOR"},
        strings_are_names=True,
    ),
}
