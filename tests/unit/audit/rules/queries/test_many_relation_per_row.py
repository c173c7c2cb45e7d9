# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import finds, ignores, mends

RULE = "many_relation_per_row"


def test_prefetches_all_relations_of_a_loop_by_one_call():
    mends(
        RULE,
        """
def show():
    for book in Book.objects.filter(published=True):
        print([tag.name for tag in book.tags.all()], len(book.chapter_set.all()))
""",
        """
def show():
    for book in Book.objects.filter(published=True).prefetch_related(
        "tags", "chapter_set"
    ):
        print([tag.name for tag in book.tags.all()], len(book.chapter_set.all()))
""",
    )


EVALUATIONS = {
    "loop": "for t in b.tags.all():\n            print(t)",
    "list": "print(list(b.tags.all()))",
    "len": "print(len(b.tags.all()))",
    "sorted": "print(sorted(b.tags.all(), key=str))",
    "in": "print(tag in b.tags.all())",
    "sum": "print(sum(t.pk for t in b.tags.all()))",
    "any": "print(any(t.pk for t in b.tags.all()))",
    "truth": "print('tagged' if b.tags.all() else '')",
    "star": "print(*b.tags.all())",
    "enumerate": "print([t for i, t in enumerate(b.tags.all())])",
    "reverse": "print(list(b.chapter_set.all()))",
    "generic": "print(list(b.comments.all()))",
    "through one": "print(list(b.author.edited.all()))",
    "by a name": "tags = b.tags\n        print(list(tags.all()))",
}


@pytest.mark.parametrize("body", EVALUATIONS.values(), ids=EVALUATIONS)
def test_sees_every_way_to_fetch_the_rows(body):
    finds(RULE, f"\ndef show(tag):\n    for b in Book.objects.all():\n        {body}\n")


def test_names_the_whole_path_of_nested_loops():
    (finding, inner) = finds(
        RULE,
        """
def show():
    for author in Author.objects.all():
        for book in author.books.all():
            for tag in book.tags.all():
                print(tag)
""",
        4,
        5,
    )
    assert '.prefetch_related("books")' in finding.message
    assert '.prefetch_related("books__tags")' in inner.message


ACCEPTED = {
    "prefetched": "for b in Book.objects.prefetch_related('tags'):\n        print(list(b.tags.all()))",
    "prefetched deeper": (
        "for a in Author.objects.prefetch_related('books__tags'):\n"
        "        print([list(b.tags.all()) for b in a.books.all()])"
    ),
    "prefetched by queryset": (
        "for a in Author.objects.prefetch_related(Prefetch('books', Book.objects.all())):\n"
        "        print(list(a.books.all()))"
    ),
    "prefetched after a join": (
        "for b in Book.objects.select_related('author').prefetch_related('author__edited'):\n"
        "        print(list(b.author.edited.all()))"
    ),
    "add": "for b in Book.objects.all():\n        b.tags.add(tag)",
    "set": "for b in Book.objects.all():\n        b.tags.set([tag])",
    "remove": "for b in Book.objects.all():\n        b.tags.remove(tag)",
    "clear": "for b in Book.objects.all():\n        b.tags.clear()",
    "create": "for b in Book.objects.all():\n        b.chapter_set.create(title='x')",
    "filtered": "for b in Book.objects.all():\n        print(list(b.tags.filter(pk=1)))",
    "ordered": "for b in Book.objects.all():\n        print(list(b.tags.order_by('name')))",
    "counted": "for b in Book.objects.all():\n        print(b.tags.count(), b.tags.exists())",
    "first": "for b in Book.objects.all():\n        print(b.tags.first())",
    "values": "for b in Book.objects.all():\n        print(list(b.tags.values_list('name')))",
    "joined there": (
        "for b in Book.objects.all():\n        print(list(b.chapter_set.select_related('book')))"
    ),
    "handed on": "for b in Book.objects.all():\n        tag(b.tags.all())",
    "a single row": "b = Book.objects.get(pk=1)\n    print(list(b.tags.all()))",
    "rows that are not known": "for b in tag:\n        print(list(b.tags.all()))",
    "iterated per key": "for k in tag:\n        print(list(Book.objects.get(pk=k).tags.all()))",
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef show(tag):\n    {body}\n")


def test_streamed_rows_want_a_chunk_size_and_get_no_edit():
    (finding,) = finds(
        RULE,
        "\ndef show():\n    for b in Book.objects.iterator():\n        print(list(b.tags.all()))\n",
    )
    assert finding.fix is None
    assert "chunk_size" in finding.message


def test_streamed_in_chunks_is_prefetched_before_the_stream():
    mends(
        RULE,
        """
def show():
    for book in Book.objects.all().iterator(chunk_size=500):
        print(list(book.tags.all()))
""",
        """
def show():
    for book in Book.objects.all().prefetch_related("tags").iterator(chunk_size=500):
        print(list(book.tags.all()))
""",
    )
