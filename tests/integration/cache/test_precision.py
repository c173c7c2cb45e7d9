"""What has nothing to do with a write stays in the cache."""

import pytest
from django.db import transaction

from tests.integration.cache.points import elsewhere, is_hit, learn, queries


def get_a(m):
    return m.Book.objects.get(pk=1).title


def get_b(m):
    return m.Book.objects.get(pk=2).title


def books_of_ann(m):
    return sorted(m.Book.objects.filter(author=1).values_list("title", flat=True))


def books_of_bob(m):
    return sorted(m.Book.objects.filter(author=2).values_list("title", flat=True))


def count_of_ann(m):
    return m.Book.objects.filter(author=1).count()


def authors(m):
    return sorted(m.Author.objects.values_list("name", flat=True))


def a_with_author(m):
    return m.Book.objects.select_related("author").get(pk=1).author.name


def c_with_author(m):
    return [book.author.name for book in m.Book.objects.select_related("author").filter(pk=3)]


def by_title(m):
    return list(m.Book.objects.filter(title="A").values_list("pk", flat=True))


def tags_of_a(m):
    return m.Book.tags.through.objects.filter(book=1).count()


def tags_of_c(m):
    return m.Book.tags.through.objects.filter(book=3).count()


def missing(m):
    return m.Book.objects.filter(pk=99).exists()


def everything(m):
    return m.Book.objects.count()


READS = [
    get_a, get_b, books_of_ann, books_of_bob, count_of_ann, authors, a_with_author, c_with_author,
    by_title, tags_of_a, tags_of_c, missing, everything,
]  # fmt: skip


def save_b(m):
    book = m.Book.objects.get(pk=2)
    book.pages = 5
    book.save()


def update_c(m):
    m.Book.objects.filter(pk=3).update(pages=5)


def create_for_bob(m):
    m.Book.objects.create(title="Q", author_id=2)


def move_b_to_bob(m):
    m.Book.objects.filter(pk=2).update(author=2)


def rename_bob(m):
    m.Author.objects.filter(pk=2).update(name="Rob")


def link_c(m):
    m.Book.objects.get(pk=3).tags.add(1)


def write_of_countries(m):
    m.Country.objects.create(name="Peru")


def write_of_visits(m):
    m.Visit.objects.create(page="/x")


def delete_c(m):
    m.Book.objects.get(pk=3).tags.clear()
    m.Book.objects.filter(pk=3)._raw_delete("default")


#: What each write must not touch. On SQLite only what the text of the statement tells counts.
STAYS = {
    save_b: {get_a, books_of_bob, authors, a_with_author, c_with_author, tags_of_a, tags_of_c},
    update_c: {get_a, get_b, books_of_ann, count_of_ann, authors, a_with_author, tags_of_a},
    create_for_bob: {get_a, get_b, books_of_ann, count_of_ann, authors, a_with_author, by_title},
    move_b_to_bob: {get_a, authors, a_with_author, c_with_author, by_title, tags_of_a},
    rename_bob: {get_a, get_b, books_of_ann, books_of_bob, a_with_author, by_title, everything},
    link_c: {get_a, get_b, books_of_ann, tags_of_a, authors, everything, missing},
    write_of_countries: set(READS),
    write_of_visits: set(READS),
    delete_c: {get_a, get_b, books_of_ann, count_of_ann, authors, a_with_author, tags_of_a},
}
#: SQLite does not tell the old values of a row. Where conditions on other columns than keys are in
#: use, an UPDATE or DELETE empties all that depends on the table.
OF_BOOKS = {
    get_a, get_b, books_of_ann, books_of_bob, count_of_ann, a_with_author, c_with_author, by_title,
    missing, everything,
}  # fmt: skip
OF_TAGS = {tags_of_a, tags_of_c}
EMPTIED_ON_SQLITE = {
    save_b: OF_BOOKS, update_c: OF_BOOKS, move_b_to_bob: OF_BOOKS, delete_c: OF_BOOKS | OF_TAGS,
}  # fmt: skip


@pytest.mark.parametrize("way", ["alone", "in a transaction"])
@pytest.mark.parametrize("write", STAYS, ids=lambda write: write.__name__)
def test_what_has_nothing_to_do_with_it_stays(library, connection, vendor, write, way):
    for _ in range(2):
        for read in READS:
            read(library), read(library)
        learn(library)  # of the kinds of conditions that are in use, which the next write knows
    for read in READS:
        read(library), read(library)
    if way == "alone":
        elsewhere(lambda: write(library))
    else:
        with transaction.atomic():
            write(library)
    stays = STAYS[write]
    if vendor == "sqlite":
        stays = stays - EMPTIED_ON_SQLITE.get(write, set())
    asked = {read.__name__ for read in READS if not is_hit(connection, lambda r=read: r(library))}
    assert asked & {read.__name__ for read in stays} == set()


@pytest.mark.parametrize("write", STAYS, ids=lambda write: write.__name__)
def test_what_has_to_do_with_it_does_not(library, connection, write):
    before = {}
    for read in READS:
        before[read] = read(library)
    elsewhere(lambda: write(library))
    changed = {r for r in READS if elsewhere(lambda r=r: fresh(library, r)) != before[r]}
    for read in changed:
        assert queries(connection, lambda r=read: r(library))[1], read.__name__


def fresh(library, read):
    from praxis.cache.hooks.queries import bypass

    with bypass():
        return read(library)


def test_a_rolled_back_write_empties_nothing(library, connection):
    for read in READS:
        read(library), read(library)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        library.Book.objects.update(pages=1)
        raise ZeroDivisionError
    assert [
        read.__name__ for read in READS if not is_hit(connection, lambda r=read: r(library))
    ] == []


def test_a_failed_statement_empties_nothing(library, connection):
    from django.db import IntegrityError

    for read in READS:
        read(library), read(library)
    with pytest.raises(IntegrityError):
        library.Book.objects.update(pages=None)
    assert [
        read.__name__ for read in READS if not is_hit(connection, lambda r=read: r(library))
    ] == []
