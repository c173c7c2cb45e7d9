"""What a row of the table of words says."""

import pytest

from praxis.cache.changes.table import packed, unpacked


@pytest.mark.parametrize(
    "conditions",
    [
        None,
        {},
        {("id",): {(1,), (2,)}},
        {("id",): {(None,)}, ("active", "author_id"): {(1, "x"), (0, "é")}},
    ],
)
def test_conditions_come_back_as_they_were(conditions):
    assert unpacked(packed(conditions)) == conditions


@pytest.mark.parametrize(
    "text",
    ["", "{", "7", "[]", "null", '{"id": 1}', '{"id": [1]}', '{"id": [[[]]]}', '{"id": [[{}]]}'],
)
def test_whatever_is_not_one_stands_for_any_row(text):
    assert unpacked(text) is None
