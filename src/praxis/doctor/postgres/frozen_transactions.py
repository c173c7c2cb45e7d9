"""
Old transaction numbers are not frozen: the server stops writing when they run out.

PostgreSQL counts transactions with 32 bits. Vacuum marks old rows as such in time, unless it is
off, too slow, or held back by an open transaction, a prepared one or a slot.

## Measured

`age(datfrozenxid)` of this database; at some 2,100 million nothing can be written any more.

## Source

https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
"""

from collections.abc import Iterator

from praxis.audit.findings import Severity
from praxis.doctor.findings import Finding, Remedy, evidence
from praxis.doctor.postgres.session import Database
from praxis.doctor.registry import check

_NEAR_THE_END = 1_500_000_000
_AGE = """
SELECT age(datfrozenxid) AS age, current_setting('autovacuum') AS autovacuum,
       current_setting('autovacuum_freeze_max_age')::int AS due,
       (SELECT relation.oid::regclass::text FROM pg_class relation
          WHERE relation.relkind IN ('r', 'm', 't')
          ORDER BY age(relation.relfrozenxid) DESC LIMIT 1) AS oldest,
       (SELECT count(*) FROM pg_prepared_xacts) AS prepared
FROM pg_database WHERE datname = current_database()
"""


@check(code="DB109")
def ask(database: Database) -> Iterator[Finding]:
    row = database.row(_AGE)
    if row["age"] < database.limits.frozen_transactions:
        return
    yield Finding(
        message=f"The oldest row is {row['age']:,} transactions old; at 2,100 million the server "
        "stops writing. Vacuum should have frozen it at "
        f"{row['due']:,}: see what holds it back.",
        evidence=evidence(
            [
                ("age", row["age"]),
                ("autovacuum", row["autovacuum"]),
                ("oldest table", row["oldest"]),
                ("prepared transactions", row["prepared"]),
            ]
        ),
        remedies=(Remedy("SQL", "VACUUM (FREEZE, VERBOSE);"),),
        severity=Severity.ERROR if row["age"] >= _NEAR_THE_END else None,
    )
