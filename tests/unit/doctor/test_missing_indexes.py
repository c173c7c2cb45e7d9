import pytest

from praxis.doctor.postgres.missing_indexes import _columns


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        ("(orders.total > $1)", ("total",)),
        ('((orders."placed By" = $1) AND (orders.total > $2))', ("placed By", "total")),
        ("((orders.total > $1) AND (orders.id < $2) AND (o.a = 1))", ("a", "total")),
        ("((orders.state)::text = 'x'::text)", ("state",)),
        ("(orders.id = ANY ($1))", ("id",)),
        ("(lower(orders.state) = $1)", ()),
        ("((orders.a = 1) OR (orders.b = 2))", ()),
        ("((orders.total % $1) = 0)", ()),
        ("(orders.state ~~ 'a%'::text)", ()),
        ("orders.is_paid", ()),
        ('(t."a""b" = 1)', ('a"b',)),
    ],
)
def test_takes_bare_columns_of_a_conjunction_the_equal_ones_first(condition, columns):
    assert _columns(condition) == columns
