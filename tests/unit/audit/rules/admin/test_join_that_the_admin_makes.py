import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "join_that_the_admin_makes"
CODE = """
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
# file: shop/admin.py
from django.contrib import admin

from shop.models import Book


class OwnAdmin(admin.ModelAdmin):
    list_select_related = ()


@admin.register(Book)
class BookAdmin({}):
    list_display = {}
    list_select_related = {}
    ordering = ["title"]
{}
"""


def test_takes_the_line_out():
    before = CODE.format("admin.ModelAdmin", ["title", "author"], True, "")
    rewrites(RULE, before, before.replace("    list_select_related = True\n", ""))


def test_names_the_foreign_key():
    (finding,) = flags(RULE, CODE.format("admin.ModelAdmin", ("author",), True, ""))
    assert "author" in finding.message


@pytest.mark.parametrize(
    ("base", "shown", "value", "more"),
    [
        ("admin.ModelAdmin", ["title"], True, ""),
        ("admin.ModelAdmin", ["author_id"], True, ""),
        ("admin.ModelAdmin", ["author"], ["author"], ""),
        ("admin.ModelAdmin", ["author"], False, ""),
        ("OwnAdmin", ["author"], True, ""),
        (
            "admin.ModelAdmin",
            ["author"],
            True,
            "    def get_list_display(self, request):\n        return ['title']",
        ),
    ],
)
def test_leaves_others_alone(base, shown, value, more):
    accepts(RULE, CODE.format(base, shown, value, more))
