import pytest

from tests.audit_cases import accepts, flags

RULE = "sql_for_a_plain_query"


@pytest.mark.parametrize(
    "call",
    [
        'extra(where=["a > b"])',
        'extra(select={"total": "a + b"}, order_by=["total"])',
        'extra(where=["a = %s"], params=[value])',
        'raw("SELECT * FROM shop_order")',
        'raw("select id, name from shop_order where id = %s order by name desc limit 10", [1])',
        'raw("SELECT * FROM shop_order WHERE paid IS NOT NULL AND total > 3;")',
    ],
)
def test_flags_what_the_orm_writes(call):
    flags(RULE, f"orders = Order.objects.{call}\n", 1)


@pytest.mark.parametrize(
    "call",
    [
        "extra(order_by=['-__tree.depth'])", "extra(where=[condition])", "extra(extra=1)",
        "extra(where=[f'a = {b}'])", "extra()", "extra({'a': 'b'})",
        "raw('SELECT * FROM a JOIN b ON a.id = b.a_id')", "raw(sql)", "raw(b'SELECT')",
        "raw('SELECT count(*) FROM a GROUP BY b')", "raw()",
    ],
)  # fmt: skip
def test_leaves_alone_what_it_does_not(call):
    accepts(RULE, f"orders = Order.objects.{call}\n")
    accepts(RULE, "extra(where=['a'])\n")
