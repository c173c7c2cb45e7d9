"""Random statements from a fixed seed: the database says what they touch, the analysis agrees."""

import random
import sqlite3

import psycopg
import pytest

from praxis import embedded
from praxis.cache.statements import Kind, analyse
from tests.integration.cache.statements.generator import TABLES, Generator

STATEMENTS = 1000
SEED = 20261127


def create(execute):
    for table in TABLES:
        execute(f"CREATE TABLE {table} (id int, n int)")
        execute(f"INSERT INTO {table} VALUES (1, 2), (2, 3)")


def check(sql, vendor, reads, writes):
    found = analyse(sql, vendor)
    named, written = ({table.name for table in tables} for tables in (found.reads, found.writes))
    assert found.kind is not Kind.UNKNOWN, sql
    assert writes <= written, sql
    assert reads <= named | written, sql
    assert named | written <= set(TABLES), sql  # a WITH query is no table


def test_agrees_with_sqlite():
    connection, choice, ran = sqlite3.connect(":memory:"), random.Random(SEED), 0
    create(connection.execute)
    touched = set()

    def authorize(action, first, _second, _schema, _inner):
        if first in TABLES:
            touched.add((action == sqlite3.SQLITE_READ, first))
        return sqlite3.SQLITE_OK

    connection.set_authorizer(authorize)
    for _ in range(STATEMENTS):
        sql = Generator(choice, "sqlite").statement()
        touched.clear()
        try:
            connection.execute(f"EXPLAIN {sql}")
        except sqlite3.OperationalError:
            continue  # columns out of reach, and the like
        ran += 1
        reads = {table for is_read, table in touched if is_read}
        check(sql, "sqlite", reads, {table for is_read, table in touched if not is_read})
    connection.close()
    assert ran > STATEMENTS / 2


@pytest.mark.postgres
def test_agrees_with_postgresql():
    choice, ran = random.Random(SEED), 0
    with embedded.postgres() as server, psycopg.connect(server.url) as connection:
        connection.prepare_threshold = None
        for number in range(STATEMENTS):
            if number % 20 == 0:  # rows that were rolled back stay in the tables, and are read
                connection.execute("DROP TABLE IF EXISTS a, b, c, d, e")
                create(connection.execute)
                # Not to plan, compile and time out for tables that it takes to be large.
                connection.execute("ANALYZE; SET jit = off; SET statement_timeout = '2s'")
                connection.commit()
            sql = Generator(choice, "postgresql").statement()
            before = counters(connection)
            try:
                connection.execute(sql)
            except psycopg.Error:
                connection.rollback()
                continue
            after = counters(connection)
            connection.rollback()
            ran += 1
            scanned, written = (
                {table for table in TABLES if after[table][what] > before[table][what]}
                for what in (0, 1)
            )
            check(sql, "postgresql", scanned, written)
    assert ran > STATEMENTS / 2


def counters(connection):
    rows = connection.execute("""
        SELECT relname, coalesce(seq_scan, 0), n_tup_ins + n_tup_upd + n_tup_del
        FROM pg_stat_xact_user_tables
    """)
    return dict.fromkeys(TABLES, (0, 0)) | {name: counts for name, *counts in rows}
