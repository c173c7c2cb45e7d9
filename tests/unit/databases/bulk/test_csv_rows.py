import io

import pytest

from praxis.databases.bulk.csv_rows import CsvRows
from praxis.errors import BulkLoadError


def test_the_first_line_names_the_fields():
    rows = CsvRows('\ufeffa,b\r\n1,"x,\r\ny"\r\n')
    assert rows.fields == ["a", "b"]
    assert list(rows) == [["1", "x,\r\ny"]]


def test_a_binary_file_with_a_mark_is_decoded():
    rows = CsvRows(io.BytesIO("\ufeffa;b\nü;2\n".encode()), delimiter=";")
    assert rows.fields == ["a", "b"]
    assert list(rows) == [["ü", "2"]]


def test_a_dict_chooses_columns_and_their_order():
    rows = CsvRows("x,y,z\n1,2,3\n", {"Z".lower(): "last", "x": "first"})
    assert rows.fields == ["last", "first"]
    assert list(rows) == [["3", "1"]]


def test_rows_are_read_as_they_are_wanted():
    def lines():
        yield "a\n"
        yield "1\n"
        raise AssertionError("nobody asked")

    class File:
        closed = False

        def read(self):
            raise AssertionError("not as a whole")

        def __iter__(self):
            return lines()

    assert next(iter(CsvRows(File()))) == ["1"]


def test_a_row_of_another_length_is_told_by_its_number():
    rows = iter(CsvRows("a,b\n1,2\n\n3\n"))
    assert next(rows) == ["1", "2"]
    with pytest.raises(BulkLoadError, match="Row 3 has 1 cells, and there are 2 columns") as raised:
        next(rows)
    assert raised.value.row == 3
