import pytest

from tests.audit_cases import accepts, flags

RULE = "export_built_in_memory"
HEAD = """\
# file: shop/__init__.py
# file: shop/models.py
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=100)


class OrderQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(customer__user=user)


class Order(models.Model):
    number = models.CharField(max_length=20)
    paid = models.BooleanField(default=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    objects = OrderQuerySet.as_manager()
# file: shop/views.py
import csv
import io
from django.http import HttpResponse, StreamingHttpResponse
from openpyxl import Workbook
from shop.models import Customer, Order


def export(request, pk):
"""


def code(*lines):
    return HEAD + "".join(f"    {line}\n" for line in lines)


RESPONSE = ("response = HttpResponse()", "writer = csv.writer(response)")
BUFFER = ("out = io.StringIO()", "writer = csv.writer(out)")
DONE = "return HttpResponse(out.getvalue())"


@pytest.mark.parametrize(
    "rows",
    [
        "Order.objects.all()",
        "Order.objects.filter(paid=True).order_by('number')",
        "Order.objects.values_list('number', 'paid')",
        "Order.objects.all().iterator()",
    ],
)
def test_finds_rows_written_into_the_response(rows):
    flags(RULE, code(*RESPONSE, f"for row in {rows}:", "    writer.writerow([row])"), 9)


def test_finds_a_response_of_the_project_s_own():
    response = ("response = CsvResponse('x.csv')", "writer = csv.DictWriter(response, [])")
    flags(RULE, code(*response, "writer.writerows(Order.objects.values())"), 9)


def test_finds_rows_written_into_a_buffer():
    loop = ("for row in Order.objects.all():", "    writer.writerow([row.pk])", DONE)
    flags(RULE, code(*BUFFER, *loop), 9)


@pytest.mark.parametrize(
    "written",
    [
        "Order.objects.values_list('number')",
        "[[row.pk] for row in Order.objects.all()]",
    ],
)
def test_finds_rows_written_at_once(written):
    flags(RULE, code(*RESPONSE, f"writer.writerows({written})", "return response"), 9)


def test_conditions_that_may_not_hold_do_not_count():
    rows = ("orders = Order.objects.all()", "if pk:", "    orders = orders.filter(customer=pk)")
    loop = ("for row in orders:", "    writer.writerow([row.pk])")
    flags(RULE, code(*rows, *RESPONSE, *loop), 12)


def test_finds_a_workbook_of_all_rows():
    book = ("book = Workbook({})", "sheet = book.active", "for row in Order.objects.all():")
    rest = ("    sheet.append([row.pk])", "return HttpResponse(book)")
    flags(RULE, code(book[0].format(""), *book[1:], *rest), 9)
    accepts(RULE, code(book[0].format("write_only=True"), *book[1:], *rest))


@pytest.mark.parametrize(
    "rows",
    [
        "Order.objects.all()[:100]",
        "Order.objects.filter(customer=pk)",
        "Order.objects.filter(customer_id=pk)",
        "Order.objects.filter(pk__in=request.GET['ids'])",
        "Order.objects.visible_to(request.user)",
        "Customer.objects.get(pk=pk).orders.all()",
        "request.rows",
        "range(10)",
    ],
)
def test_leaves_few_or_unknown_rows_alone(rows):
    accepts(RULE, code(*RESPONSE, f"for row in {rows}:", "    writer.writerow([row])"))


@pytest.mark.parametrize(
    "writer",
    [
        "writer = csv.writer(Line())",
        "writer = csv.writer(open(pk, 'w'))",
        "writer = request.writer(HttpResponse())",
    ],
)
def test_leaves_other_writers_alone(writer):
    loop = (
        "for row in Order.objects.all():",
        "    writer.writerow([row])",
        "return HttpResponse()",
    )
    accepts(RULE, code(writer, *loop))


def test_leaves_a_buffer_that_answers_nobody_alone():
    loop = ("for row in Order.objects.all():", "    writer.writerow([row.pk])", "return out")
    accepts(RULE, code(*BUFFER, *loop))
