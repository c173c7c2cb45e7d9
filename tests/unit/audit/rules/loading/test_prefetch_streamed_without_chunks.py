import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "prefetch_streamed_without_chunks"


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.prefetch_related("tags").{}',
        'Book.objects.prefetch_related(Prefetch("tags")).order_by("title").{}',
        'books.prefetch_related("tags").filter(x=1).{}',
    ],
)
def test_adds_the_size_of_a_chunk(query):
    code = "\ndef view(books):\n    return list({})\n"
    mends(
        RULE,
        code.format(query.format("iterator()")),
        code.format(query.format("iterator(chunk_size=2000)")),
    )


def test_follows_a_name():
    (finding,) = finds(
        RULE,
        '\ndef view():\n    books = Book.objects.prefetch_related("tags", "cover")\n'
        "    return list(books.iterator())\n",
        4,
    )
    assert "tags, cover" in finding.message


@pytest.mark.parametrize(
    "query",
    [
        'Book.objects.select_related("author").iterator()',
        'Book.objects.prefetch_related("tags").iterator(chunk_size=10)',
        'Book.objects.prefetch_related("tags").iterator(10)',
        'Book.objects.prefetch_related("tags").aiterator()',
        'Book.objects.prefetch_related("tags").prefetch_related(None).iterator()',
        'names.prefetch_related("tags").prefetch_related(None).iterator()',
        'names(x.prefetch_related("tags")).iterator()',
        "names.prefetch_related().iterator()",
    ],
)
def test_leaves_others_alone(query):
    ignores(RULE, f"\ndef view(names, x):\n    return {query}\n")
