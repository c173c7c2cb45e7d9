"""What cannot be exported is refused before anything is sent, and the message says why."""

import io

import pytest

from praxis.errors import ExportError
from praxis.exports import stream_csv, stream_ndjson, write_csv


@pytest.fixture
def items(installed, sqlite):
    return installed.Item.objects.all()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["nmae"], r"warehouse.Item has no field 'nmae'. Did you mean 'name'\?"),
        (["supplier__nam"], r"warehouse.Supplier has no field 'nam'. Did you mean 'name'\?"),
        (["suplier__name"], r"has no field 'suplier'. Did you mean 'supplier'\?"),
        (["name__x"], r"Item.name has no 'x'"),
        (["shout"], r"Item.shout is Python, which the database cannot select"),
        ("name", r"columns must be a list of names, not a str"),
        ([], r"columns is empty"),
        ({}, r"columns is empty"),
        (["name", "name"], r"Two columns are called 'name'"),
        ({"name": "A", "number": "A"}, r"Two columns are called 'A'"),
        ([5], r"Columns are named by str"),
    ],
)
def test_columns_that_are_not_there(items, columns, message):
    with pytest.raises(ExportError, match=message):
        stream_csv(items, columns)


def test_what_is_no_queryset(items, installed):
    with pytest.raises(ExportError, match=r"raw\(\) cannot be exported"):
        stream_csv(installed.Item.objects.raw("SELECT 1"))
    with pytest.raises(ExportError, match="needs a queryset, not list"):
        stream_ndjson([1, 2])


def test_labels_of_no_column(items):
    with pytest.raises(ExportError, match=r"'stat', which is no column\. Did you mean 'state'"):
        stream_csv(items, ["state"], labels=["stat"])


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "é", "\0"])
def test_delimiters_that_would_not_be_read(items, delimiter):
    with pytest.raises(ExportError, match="cannot be the delimiter"):
        stream_csv(items, delimiter=delimiter)


def test_a_null_that_would_be_quoted(items):
    with pytest.raises(ExportError, match="cannot stand for NULL"):
        stream_csv(items, null="a,b")


def test_files_that_take_nothing(items, tmp_path):
    closed = io.BytesIO()
    closed.close()
    path = tmp_path / "there.csv"
    path.write_bytes(b"")
    with path.open("rb") as reading:
        for file, message in (
            (None, "not NoneType"),
            (str(path), "not str"),
            (closed, "is closed"),
            (reading, "reading alone"),
        ):
            with pytest.raises(ExportError, match=message):
                write_csv(items, file)
