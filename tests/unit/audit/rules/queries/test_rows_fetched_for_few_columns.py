import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "rows_fetched_for_few_columns"
CODE = """
# file: shop/models.py
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    text = models.TextField()
    price = models.IntegerField()
    scan = models.FileField()
    added_at = models.DateTimeField(auto_now_add=True)
    author = models.ForeignKey(Author, on_delete=models.CASCADE)

    def get_absolute_url(self):
        return f"/books/{{self.title}}/"

    def excerpt(self):
        return self.text[:100]

    def save_it(self):
        keep(self)
# file: shop/views.py
from shop.models import Author, Book


def view(request):
    {}
"""


@pytest.mark.parametrize(
    ("body", "cure"),
    [
        ("return [book.title for book in Book.objects.all()]", 'values_list("title", flat=True)'),
        ("return [(book.pk, book.title) for book in Book.objects.all()]", 'only("id", "title")'),
        ("return [book.get_absolute_url() for book in Book.objects.all()]", 'only("title")'),
        ("return [book.author_id for book in Book.objects.all()]", 'values_list("author", flat'),
        ("for book in Book.objects.all():\n        print(book.title)", 'only("title")'),
        ("books = Book.objects.all()[:8]\n    return [b.title for b in books]", 'values_list("'),
    ],
)
def test_names_what_is_read(body, cure):
    (finding,) = flags(RULE, CODE.format(body))
    assert cure in finding.message


def test_leaves_out_what_is_not_read():
    body = "return [book.title for book in Book.objects.filter(author=1){}]"
    rewrites(RULE, CODE.format(body.format("")), CODE.format(body.format('.only("title")')))


@pytest.mark.parametrize(
    "body",
    [
        "return [book.text for book in Book.objects.all()]",
        "return [book.excerpt() for book in Book.objects.all()]",
        "return [book.author.name for book in Book.objects.all()]",
        "return [book.save_it() for book in Book.objects.all()]",
        "return [(book.title, book) for book in Book.objects.all()]",
        (
            "books = Book.objects.all()\n    for name in request.GET:\n"
            "        for book in books:\n            print(name, book.title)"
        ),
        "return [book.scan.url for book in Book.objects.all()]",
        "return [str(book) for book in Book.objects.all()]",
        "return [author.name for author in Author.objects.all()]",
        'return [book.title for book in Book.objects.only("title")]',
        'return [book.title for book in Book.objects.select_related("author")]',
        "books = Book.objects.all()\n    return [book.title for book in books], books",
        "for book in Book.objects.all():\n        book.title = 1\n        keep(book.title)",
        "for book in Book.objects.all():\n        print(book.title)\n    return book",
        "return [book.title for book in chosen(Book.objects.all())]",
        "return sum(book.price for book in Book.objects.all())",
    ],
)
def test_leaves_others_alone(body):
    accepts(RULE, CODE.format(body))
