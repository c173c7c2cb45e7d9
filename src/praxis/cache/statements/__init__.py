"""
What a raw SQL statement does: the tables it reads and writes, the locks it takes, and what it
does to the transaction and the session.

    from praxis.cache.statements import Table, analyse

    found = analyse('DELETE FROM "cart_line" USING orders WHERE order_id = orders.id', "postgresql")
    assert found.writes == {Table("", "cart_line")}

The answer errs on one side only. A statement that is not positively recognised is `Kind.UNKNOWN`
and has ``writes=None``: everything may have changed. A table that is named for nothing costs a
few hits; a table that is missing would leave stale rows in the cache.

Not visible in the text of a statement, and therefore up to the caller:

- what triggers, rules and ``ON DELETE CASCADE`` or ``SET NULL`` write in further tables;
- the tables under a view, the partitions and children of a table: names are just names, and
  ``Table("", "t")`` is whatever the search path makes of it;
- functions behind operators, casts, column defaults and PostgreSQL's ``row.function`` notation,
  and functions of the project that overload the name of a built-in one;
- values of parameters: ``%s`` may be the string ``'now'``;
- sequences: ``nextval`` writes no table;
- settings that change how text is read: ``standard_conforming_strings = off`` in PostgreSQL.
  MySQL's ``sql_mode`` may be any: text that it would make ambiguous is UNKNOWN.
"""

from praxis.cache.statements.analysis import analyse
from praxis.cache.statements.names import table_named
from praxis.cache.statements.statement import Action, Control, Kind, Statement, Table

__all__ = ["Action", "Control", "Kind", "Statement", "Table", "analyse", "table_named"]
