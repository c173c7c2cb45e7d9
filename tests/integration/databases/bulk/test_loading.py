import datetime as dt
import io
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connections, transaction
from django.db.models import F
from django.utils import timezone

from praxis.databases.bulk import CsvRows, bulk_load, copying
from praxis.errors import BulkLoadError
from praxis.exports import write_csv

pytestmark = pytest.mark.postgres


@pytest.fixture
def item(installed, database):
    return installed.Item


@pytest.fixture
def on_postgres(installed, postgres):
    return installed.Item


def numbers(count, **others):
    return ({"number": f"{at:06}", **others} for at in range(count))


def test_loads_dicts_with_the_defaults_of_the_model(item):
    before = timezone.now()
    loaded = bulk_load(item, numbers(2500, quantity=4, price="1.50"))
    assert (loaded.rows, loaded.written, loaded.pks) == (2500, 2500, None)
    found = item.objects.get(number="001234")
    assert (found.name, found.quantity, found.price) == ("nameless", 4, Decimal("1.50"))
    assert (found.rating, found.doubled, found.state) == (7, 8, "n")
    assert before <= found.created <= timezone.now()
    assert before <= found.changed <= timezone.now()
    assert item.objects.values("key").distinct().count() == 2500  # a callable is called each time


def test_loads_tuples_lists_and_objects(item):
    bulk_load(item, [("a", 1), ["b", 2]], fields=["number", "quantity"])
    made = [item(number="c", rating=3), item(number="d"), item(pk=1000, number="e", data={"x": 1})]
    bulk_load(item, (each for each in made))
    assert dict(item.objects.values_list("number", "rating")) == {
        "a": 7,
        "b": 7,
        "c": 3,
        "d": 7,
        "e": 7,
    }
    assert item.objects.get(number="e").pk == 1000
    assert item.objects.get(number="e").data == {"x": 1}
    assert item.objects.get(number="c").created is not None
    assert item.objects.create(number="f").pk > 1000  # the sequence has gone past


def test_every_kind_of_value_comes_back(item, installed):
    supplier = installed.Supplier.objects.create(name="s")
    values = {
        "number": "1",
        "name": 'tab\t line\n back\\slash \\N "q" ✓',
        "description": "",
        "quantity": -5,
        "price": Decimal("-12345678.90"),
        "weight": 0.1,
        "is_active": False,
        "made": dt.date(1066, 10, 14),
        "seen": dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC),
        "opens": dt.time(1, 2, 3),
        "key": uuid.uuid4(),
        "data": {"a": [1, None, "ü"]},
        "address": "10.0.0.1",
        "blob": bytes(range(256)),
        "state": "u",
        "level": 2,
        "supplier": supplier,
    }
    bulk_load(item, [values, values | {"number": "2", "description": None, "supplier": None}])
    first, second = item.objects.order_by("number")
    for name, value in values.items():
        found = getattr(first, name)
        assert (bytes(found) if name == "blob" else found) == value, name
    assert second.description is None
    bulk_load(item, [{"number": "3", "supplier": supplier.pk, "data": None}])
    assert item.objects.get(number="3").supplier_id == supplier.pk


def test_a_field_of_ones_own_is_asked(installed, database):
    bulk_load(installed.Odd, [{"word": "abc", "took": dt.timedelta(1)}])
    with database.cursor() as cursor:
        cursor.execute("SELECT word FROM warehouse_odd")
        assert cursor.fetchone() == ("cba",)


@pytest.mark.parametrize("binary", [True, False])
def test_reads_the_csv_that_an_export_wrote(item, binary):
    bulk_load(item, numbers(50, name='a "b",\nc', weight=1.5, made=dt.date(2026, 1, 2)))
    file = io.BytesIO()
    names = ["number", "name", "weight", "is_active", "made", "seen", "key", "data", "price"]
    write_csv(item.objects.order_by("number"), file, names, escape_formulas=False, bom=True)
    rows = list(item.objects.order_by("number").values_list(*names))
    item.objects.all().delete()
    file.seek(0)
    source = file if binary else io.TextIOWrapper(file, "utf-8", newline="")
    loaded = bulk_load(item, CsvRows(source))
    assert loaded.written == 50
    assert list(item.objects.order_by("number").values_list(*names)) == rows


def test_csv_with_other_headers_and_delimiters(item):
    text = "Nummer;Menge;Bemerkung\r\n1;5;x\r\n2;;y\r\n\r\n"
    rows = CsvRows(text, {"Nummer": "number", "Bemerkung": "description"}, delimiter=";")
    assert bulk_load(item, rows).written == 2
    assert item.objects.get(number="2").description == "y"
    bulk_load(item, CsvRows("3,\n4,x\n", ["number", "description"]))
    assert item.objects.get(number="3").description is None
    with pytest.raises(BulkLoadError, match=r"no column 'Preis'\. It has: 'a'"):
        CsvRows("a\n", {"Preis": "price"})


def test_returns_primary_keys_in_the_order_of_the_rows(item):
    loaded = bulk_load(item, numbers(2100), returning=True)
    assert loaded.pks == list(item.objects.order_by("number").values_list("pk", flat=True))
    assert item.objects.create(number="x").pk not in loaded.pks


def test_returns_keys_that_are_no_numbers(installed, database):
    rows = [{"code": "b", "size": 1}, {"code": "a", "size": 2}]
    loaded = bulk_load(installed.Coded, rows, returning=True)
    assert loaded.pks == ["b", "a"]


def test_what_is_there_is_left_alone_or_refused(item):
    item.objects.create(number="000003", name="mine")
    bulk_load(item, numbers(5, name="new"), on_conflict="ignore")
    assert item.objects.get(number="000003").name == "mine"
    assert item.objects.count() == 5
    with pytest.raises(BulkLoadError, match=r"Row 4: .*000003|Rows 1 to 5: .*number"):
        bulk_load(item, ({"number": f"{at:06}", "name": "x"} for at in (7, 8, 9, 3, 10)))
    assert item.objects.count() == 5


def test_what_is_there_gets_what_the_rows_name_and_nothing_else(item):
    item.objects.create(number="000001", name="mine", quantity=9, rating=1)
    old = item.objects.get()
    loaded = bulk_load(item, numbers(3, quantity=5), on_conflict="update", match=["number"])
    assert loaded.written == 3
    found = item.objects.get(number="000001")
    assert (found.name, found.quantity, found.rating, found.pk) == ("mine", 5, 1, old.pk)
    assert found.created == old.created
    assert found.changed > old.changed
    bulk_load(
        item,
        numbers(3, quantity=6, name="n"),
        on_conflict="update",
        match=["number"],
        update=["name"],
    )
    found.refresh_from_db()
    assert (found.name, found.quantity) == ("n", 5)


def test_keys_of_rows_that_were_there(on_postgres):
    old = on_postgres.objects.create(number="000001")
    loaded = bulk_load(
        on_postgres, numbers(3), on_conflict="ignore", match=["number"], returning=True
    )
    assert loaded.written == 2
    assert loaded.pks == list(on_postgres.objects.order_by("number").values_list("pk", flat=True))
    assert loaded.pks[1] == old.pk


def test_invalid_rows_are_told_and_none_is_loaded(item):
    rows = [{"number": "1"}, {"number": "2", "state": "?"}, {"number": "", "level": 9}]
    with pytest.raises(BulkLoadError) as raised:
        bulk_load(item, rows, validate=True)
    assert raised.value.row == 2
    text = str(raised.value)
    assert "Row 2: state: Value '?' is not a valid choice." in text
    assert "Row 3: number: This field cannot be blank." in text
    assert not item.objects.exists()
    assert bulk_load(item, [{"number": "1"}, item(number="2")], validate=True).written == 2
    assert bulk_load(item, CsvRows("number,price\n3,1.5\n"), validate=True).written == 1


def test_clean_is_asked(item, monkeypatch):
    def clean(self):
        if self.quantity > 5:
            raise ValidationError("too many")

    monkeypatch.setattr(item, "clean", clean)
    with pytest.raises(BulkLoadError, match=r"^Invalid rows \(1\):\nRow 2: too many$"):
        bulk_load(item, [{"number": "1"}, {"number": "2", "quantity": 6}], validate=True)


def test_parts_that_are_committed_stay(item):
    rows = [{"number": f"{at}"} for at in (1, 2, 3, 4, 1)]
    seen = []
    with pytest.raises(BulkLoadError) as raised:
        bulk_load(item, rows, commit_every=2, progress=seen.append)
    assert raised.value.loaded == 4
    assert seen == [2, 4]
    assert item.objects.count() == 4
    nothing = pytest.raises(BulkLoadError, match="commit_every commits nothing within atomic")
    with nothing, transaction.atomic():
        bulk_load(item, rows, commit_every=2)
    assert bulk_load(item, numbers(4), commit_every=2).written == 4
    assert bulk_load(item, numbers(0), commit_every=2).written == 0


def test_all_or_none_within_a_transaction_of_the_caller(item):
    with transaction.atomic():
        bulk_load(item, numbers(3))
        with pytest.raises(BulkLoadError):
            bulk_load(item, numbers(5))
        assert item.objects.count() == 3
        bulk_load(item, numbers(5), on_conflict="ignore")
    assert item.objects.count() == 5


def test_progress_is_told_by_the_copy(on_postgres, monkeypatch):
    monkeypatch.setattr(copying, "ROWS_A_COPY", 100)
    seen = []
    bulk_load(on_postgres, numbers(250), progress=seen.append)
    assert seen == [100, 200, 250]
    rows = [{"number": f"x{at}"} for at in range(220)] + [{"number": "x7"}]
    with pytest.raises(BulkLoadError, match="Row 221: ") as raised:
        bulk_load(on_postgres, rows)
    assert raised.value.row == 221


def test_a_field_that_has_no_default(installed, database):
    message = "Row 2 has no 'size', which has no|Rows 1 to 2: .*size"
    with pytest.raises(BulkLoadError, match=message):
        bulk_load(installed.Coded, [{"code": "a", "size": 1}, {"code": "b"}])
    assert not installed.Coded.objects.exists()


def test_no_rows_are_no_error(item):
    assert bulk_load(item, []).rows == 0
    assert bulk_load(item, [], on_conflict="update", match=["number"]).written == 0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"number": "1"}, {"nubmer": "2"}], r"Row 2: .*no field 'nubmer'.* mean 'number'\?"),
        ([{"number": "1", "doubled": 2}], r"Row 1: warehouse.Item.doubled is generated"),
        ([{"number": "1", "supplier": None, "supplier_id": 1}], "Row 1 names a field twice"),
        ([("1", 2, 3)], "Row 1 has 3 values, and there are 2 fields"),
        ([("1", 2), ("1",)], "Row 2 has 1 values, and there are 2 fields"),
        ([("1", 2), 5], "Row 2 is a int: rows are objects of warehouse.Item"),
        ([("1", 2), None], "Row 2 is a NoneType"),
        ([("1", 2), ("2", "many")], r"Row 2: quantity: .*many|Rows 1 to 2: .*many"),
        ([("1", 2), ("2", float("nan"))], "Row 2: quantity: |Rows 1 to 2: "),
        ([("1", 2), ("2", F("quantity"))], "Row 2: quantity: an expression|Rows? "),
        ([{"number": "1"}, {"number": "2", "price": Decimal("NaN")}], "Row 2: price: |Rows 1 to 2"),
        ([{"number": "1"}, {"number": "2", "price": float("nan")}], "Row 2: price: |Rows 1 to 2"),
        ([{"number": "1"}, {"number": "2", "seen": "soon"}], "Row 2: seen: .*soon|Rows 1 to 2"),
        ([{"number": "1"}, {"number": None}], "Row 2: .*number|Rows 1 to 2: .*number"),
        ([{"number": "1"}, {"number": "1"}], "Row 2: .*number|Rows 1 to 2: .*number"),
        ([{"number": "1", "supplier_id": 99}], "Rows 1 to 1: |FOREIGN KEY"),
    ],
)
def test_rows_that_are_wrong(item, rows, message):
    with pytest.raises(BulkLoadError, match=message):
        bulk_load(item, rows, fields=["number", "quantity"])
    assert not item.objects.exists()
    item.objects.create(number="after")  # the connection is as good as before


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"number": "nul\0"}, "Row 3: .*NUL"),
        ({"number": "long" * 20}, r"Row 3: (number: )?value too long for type .*\(20\)"),
        ({"number": "3", "quantity": 2**40}, "Row 3: (quantity: )?.*out of range"),
        ({"number": "3", "price": Decimal(10**12)}, "Row 3: (price: )?numeric field overflow"),
    ],
)
@pytest.mark.parametrize("conflict", [{}, {"on_conflict": "update", "match": ["number"]}])
def test_rows_that_postgresql_refuses(on_postgres, row, message, conflict):
    rows = [{"quantity": 1, "price": 1} | each for each in ({"number": "1"}, {"number": "2"}, row)]
    with pytest.raises(BulkLoadError, match=message) as raised:
        bulk_load(on_postgres, rows, **conflict)
    assert raised.value.row == 3
    assert not on_postgres.objects.exists()


def test_two_rows_for_the_same_one(on_postgres):
    rows = [{"number": each, "quantity": 1} for each in ("1", "2", "1", "1")]
    with pytest.raises(BulkLoadError, match="Rows 1 and 3 and 4 have the same number='1'"):
        bulk_load(on_postgres, rows, on_conflict="update", match=["number"])
    assert not on_postgres.objects.exists()


def test_nan_does_not_become_null(installed, sqlite):
    with pytest.raises(BulkLoadError, match="Row 1: weight: NaN is no number"):
        bulk_load(installed.Item, [{"number": "1", "weight": float("nan")}])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_conflict": "replace"}, "must be None"),
        ({"on_conflict": "update"}, "match="),
        ({"match": ["number"]}, "belong to on_conflict"),
        ({"on_conflict": "ignore", "match": ["number"], "update": ["name"]}, "update belongs"),
        ({"on_conflict": "update", "match": ["name"]}, "makes name unique. These are: .*number"),
        ({"on_conflict": "update", "match": ["nmae"]}, r"match: .*Did you mean 'name'\?"),
        ({"on_conflict": "update", "match": "number"}, "must be a list of names"),
        ({"on_conflict": "update", "match": ["number"], "update": []}, "update is empty"),
        ({"commit_every": 0}, "at least 1"),
        ({"fields": ["number", "number"]}, "names 'number' twice"),
        ({"fields": []}, "fields is empty"),
        (
            {"on_conflict": "update", "match": ["supplier", "name", "key"], "returning": True},
            "cannot be NULL",
        ),
    ],
)
def test_wishes_that_do_not_fit(item, options, message):
    with pytest.raises(BulkLoadError, match=message):
        bulk_load(item, [("1",)], **{"fields": ["number"]} | options)


def test_what_is_no_model_or_no_rows(item, installed, tmp_path):
    with pytest.raises(BulkLoadError, match=r"several tables\. Load warehouse\.Item first"):
        bulk_load(installed.SpecialItem, [])
    with pytest.raises(BulkLoadError, match="into a model, not 5"):
        bulk_load(5, [])
    for rows in (None, "a,b", b"a", {"number": "1"}):
        with pytest.raises(BulkLoadError, match="must be an iterable of rows"):
            bulk_load(item, rows)
    with pytest.raises(BulkLoadError, match=r"say what is in them with fields="):
        bulk_load(item, [("1",)])
    with pytest.raises(BulkLoadError, match="Row 1 is a Supplier"):
        bulk_load(item, [installed.Supplier(name="x")])


def test_files_that_cannot_be_read(item, tmp_path):
    closed = io.StringIO()
    closed.close()
    for source, message in ((None, "not NoneType"), (closed, "closed"), ("", "is empty")):
        with pytest.raises(BulkLoadError, match=message):
            CsvRows(source)
    for text, message in (
        ("number,name\n1,a\n2\n", "Row 2 has 1 cells, and there are 2 columns"),
        ("number,nmae\n1,a\n", r"no field 'nmae'.*Did you mean 'name'\?"),
        ('number\n1\n"2\n', "Row 2 .*no CSV"),
        ("number,quantity\n1,2\n2,x\n", "Row 2: quantity: "),
        ("number,is_active\n1,true\n2,perhaps\n", "Row 2: is_active: "),
    ):
        with pytest.raises(BulkLoadError, match=message):
            bulk_load(item, CsvRows(text))
    with pytest.raises(BulkLoadError, match=r"Row 1 .*no CSV in UTF-8"):
        bulk_load(item, CsvRows(io.BytesIO(b"number\n\xff\n")))
    assert not item.objects.exists()


def test_a_generator_that_fails_leaves_nothing(item):
    def rows():
        yield from numbers(1500)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bulk_load(item, rows())
    assert not item.objects.exists()


def test_a_connection_that_is_lost_in_the_middle(on_postgres, postgres_server, postgres):
    def rows():
        yield from numbers(10)
        postgres_server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'"
        )
        yield from ({"number": f"x{at}", "description": "x" * 5000} for at in range(20_000))

    with pytest.raises(OperationalError):
        bulk_load(on_postgres, rows())
    connections.close_all()
    assert not on_postgres.objects.exists()


def test_no_signals(item):
    from django.db.models.signals import post_save, pre_save

    heard = []
    for signal in (pre_save, post_save):
        signal.connect(lambda **_: heard.append(1), sender=item, weak=False, dispatch_uid="t")
    try:
        bulk_load(item, numbers(3))
    finally:
        for signal in (pre_save, post_save):
            signal.disconnect(sender=item, dispatch_uid="t")
    assert heard == []


def test_the_cause_is_kept(item):
    with pytest.raises(BulkLoadError) as raised:
        bulk_load(item, [{"number": "1"}, {"number": "1"}])
    assert isinstance(raised.value.__cause__, IntegrityError)
