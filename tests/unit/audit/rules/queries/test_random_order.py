import pytest

from tests.audit_cases import accepts, flags

RULE = "random_order"


def test_flags_chance_in_a_request():
    flags(RULE, 'books = Book.objects.order_by("?")[:3]\n', 1)


@pytest.mark.parametrize("order", ['"-pages", "?"', '"title"', "", "order", '"?"[0:]'])
def test_leaves_other_orders_alone(order):
    accepts(RULE, f"books = Book.objects.order_by({order})\n")


def test_leaves_a_command_alone():
    accepts(RULE, 'Book.objects.order_by("?")\n', path="shop/management/commands/pick.py")
    accepts(RULE, 'order_by("?")\n')
