"""Who watches committed changes, while the same models are cached."""

import pytest
from django.db import transaction
from django.db.models import F

from praxis.committed import watch

pytestmark = [pytest.mark.redis, pytest.mark.postgres]


@pytest.fixture
def told(library):
    calls = []
    stop = watch(library.Book, lambda changes: calls.append([(c.kind, c.pk) for c in changes]))
    yield calls
    stop()


def test_both_hear_of_rows_that_a_condition_names(library, told):
    books = library.Book.objects.order_by("pk")
    before = dict(books.values_list("pk", "pages"))
    some = [pk for pk, pages in before.items() if pages >= min(before.values())][:2]
    wanted = books.filter(title__in=[books.get(pk=pk).title for pk in some])
    expected = sorted(wanted.values_list("pk", flat=True))
    assert list(books.values_list("pages", flat=True))  # cached
    wanted.order_by().update(pages=F("pages") + 1000)
    assert [sorted(pk for _, pk in call) for call in told] == [expected]
    after = dict(books.values_list("pk", "pages"))
    assert after == {pk: n + 1000 * (pk in expected) for pk, n in before.items()}


def test_who_is_told_reads_what_was_committed(library):
    book = library.Book.objects.first()
    seen = []
    stop = watch(library.Book, lambda _: seen.append(library.Book.objects.get(pk=book.pk).pages))
    try:
        for pages in (7, 8, 9):
            assert library.Book.objects.get(pk=book.pk).pages != pages  # cached
            with transaction.atomic():
                library.Book.objects.filter(pk=book.pk).update(pages=pages)
    finally:
        stop()
    assert seen == [7, 8, 9]


def test_deleted_rows_are_told_to_both(library, told):
    titles = list(library.Book.objects.values_list("title", flat=True))
    gone = library.Book.objects.filter(title=titles[0])
    expected = sorted(("deleted", pk) for pk in gone.values_list("pk", flat=True))
    gone.delete()
    assert sorted(change for call in told for change in call if change[0] == "deleted") == expected
    assert titles[0] not in library.Book.objects.values_list("title", flat=True)
