import pytest

from praxis.databases.bulk import CsvRows, bulk_load, bulk_update
from praxis.errors import BulkLoadError

pytestmark = pytest.mark.postgres


@pytest.fixture
def item(installed, database):
    bulk_load(installed.Item, ({"number": f"{at:05}", "name": "old"} for at in range(2500)))
    return installed.Item


def test_writes_the_fields_of_objects(item):
    items = list(item.objects.order_by("number"))
    before = items[0].changed
    for at, each in enumerate(items):
        each.quantity, each.name = at, "not written"
    done = bulk_update(item, iter(items), ["quantity"])
    assert (done.rows, done.written) == (2500, 2500)
    found = list(item.objects.order_by("number").values_list("quantity", "name"))
    assert found == [(at, "old") for at in range(2500)]
    assert item.objects.get(number="00000").changed > before


def test_writes_tuples_dicts_and_csv(item):
    first, second, third = item.objects.order_by("number")[:3]
    bulk_update(item, [(first.pk, 5, "a")], ["quantity", "name"])
    bulk_update(item, [{"name": "b", "pk": second.pk}], ["name"])
    bulk_update(item, CsvRows(f"id,quantity\n{third.pk},9\n"), ["quantity"])
    found = item.objects.order_by("number").values_list("quantity", "name")[:3]
    assert list(found) == [(5, "a"), (1, "b"), (9, "old")]


def test_rows_that_are_not_there_are_counted(item):
    pk = item.objects.first().pk
    done = bulk_update(item, [(pk, 5), (10**9, 5)], ["quantity"])
    assert (done.rows, done.written) == (2, 1)


def test_finds_rows_by_what_is_unique(installed, postgres):
    bulk_load(installed.Item, [{"number": "1"}, {"number": "2"}])
    done = bulk_update(installed.Item, [("2", 8)], ["quantity"], match=["number"])
    assert done.written == 1
    assert installed.Item.objects.get(number="2").quantity == 8


@pytest.mark.parametrize(
    ("fields", "options", "message"),
    [
        (["quantiy"], {}, r"Did you mean 'quantity'\?"),
        (["id"], {}, "by which rows are found"),
        (["quantity"], {"match": ["name"]}, "makes name unique"),
        ([], {}, "fields is empty"),
        ("name", {}, "must be a list of names"),
    ],
)
def test_wishes_that_do_not_fit(item, fields, options, message):
    with pytest.raises(BulkLoadError, match=message):
        bulk_update(item, [], fields, **options)


def test_rows_that_are_wrong_change_nothing(item):
    first, second = item.objects.order_by("number")[:2]
    for rows, message in (
        ([(first.pk, 5), (first.pk, 6)], "the same id"),
        ([(first.pk, 5), (second.pk,)], "Row 2 has 1 values"),
        ([(first.pk, 5), (second.pk, "x")], "Row 2: quantity: |Rows 1 to 2"),
        ([{"pk": first.pk}], "Row 1 must have the fields id, quantity; it lacks quantity"),
        ([(first.pk, 5), (second.pk, None)], "quantity"),
    ):
        with pytest.raises(BulkLoadError, match=message):
            bulk_update(item, rows, ["quantity"])
        assert not item.objects.exclude(quantity=1).exists()
