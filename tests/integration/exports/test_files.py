import csv
import io

import pytest
from django.db import DatabaseError, transaction
from django.test.utils import CaptureQueriesContext, override_settings

from praxis.exports import write_csv, write_ndjson

COLUMNS = {"number": "Nummer", "state": "Zustand", "is_active": "aktiv", "price": "Preis"}


@pytest.fixture
def items(installed, database):
    installed.Item.objects.bulk_create(
        installed.Item(number=f"{at:05}", state="nu"[at % 2], price=at) for at in range(3000)
    )
    return installed.Item.objects.order_by("number")


@pytest.mark.postgres
def test_writes_to_binary_and_text_files(items):
    file, text = io.BytesIO(), io.StringIO()
    written = write_csv(items, file, COLUMNS, labels=["state"])
    assert written == len(file.getvalue())
    assert write_csv(items, text, COLUMNS, labels=["state"]) == written
    assert text.getvalue().encode() == file.getvalue()
    rows = list(csv.reader(io.StringIO(text.getvalue())))
    assert rows[0] == list(COLUMNS.values())
    assert rows[1] == ["00000", "Brand new", "true", "0.00"]
    assert rows[2] == ["00001", "'=used", "true", "1.00"]
    assert len(rows) == 3001
    lines = io.BytesIO()
    write_ndjson(items[:1], lines, COLUMNS)
    assert lines.getvalue() == b'{"Nummer":"00000","Zustand":"n","aktiv":true,"Preis":"0.00"}\n'


@pytest.mark.postgres
def test_sees_what_the_transaction_wrote_and_leaves_it_as_it_was(items, database):
    with transaction.atomic():
        items.filter(number__gt="00000").delete()
        file = io.BytesIO()
        write_csv(items, file, ["number", "seen"], timeout_s=50)
        assert len(file.getvalue().splitlines()) == 2
        if database.vendor == "postgresql":
            with database.cursor() as cursor:
                cursor.execute("SELECT current_setting('statement_timeout')")
                assert cursor.fetchone() == ("0",)
        transaction.set_rollback(True)
    assert items.count() == 3000


@pytest.mark.postgres
@pytest.mark.parametrize("column", ["slow", "day"], ids=["copied", "fetched"])
def test_the_statement_timeout_ends_it(installed, postgres, column):
    from django.db.models import FloatField, Func, TextField
    from django.db.models.functions import Cast, TruncDay

    installed.Item.objects.create(number="1")
    sleep = Func(60, function="pg_sleep", output_field=FloatField())
    items = installed.Item.objects.annotate(slow=Cast(sleep, TextField()), day=TruncDay("seen"))
    with pytest.raises(DatabaseError, match="statement timeout"), transaction.atomic():
        write_csv(
            items, io.BytesIO(), ["slow", column] if column != "slow" else ["slow"], timeout_s=0.2
        )
    assert installed.Item.objects.count() == 1


@pytest.mark.postgres
def test_with_the_log_of_queries(items, database):
    file = io.BytesIO()
    with CaptureQueriesContext(database) as queries:
        write_csv(items, file, ["number"])
    assert file.getvalue().count(b"\n") == 3001
    if database.vendor == "postgresql":
        assert any("COPY (SELECT" in each["sql"] for each in queries.captured_queries)


def test_the_router_is_asked_once(installed, sqlite, settings):
    asked = []

    class Router:
        def db_for_read(self, model, **hints):
            asked.append(model)
            return "default"

    installed.Item.objects.create(number="1")
    with override_settings(DATABASE_ROUTERS=[Router()]):
        write_csv(installed.Item.objects.all(), io.BytesIO(), ["number"])
    assert len(asked) == 1
