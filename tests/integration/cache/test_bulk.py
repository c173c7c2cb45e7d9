"""What is loaded and exported in bulk, with the cache on."""

import io

import pytest

from praxis.databases.bulk import bulk_load, bulk_update
from praxis.exports import write_csv


def rows(count, start=0):
    return [{"name": f"loaded {start + at}"} for at in range(count)]


@pytest.fixture
def author(library):
    return library.Author


def test_what_is_loaded_voids_what_is_cached(author, entries):
    def both():
        return author.objects.count(), author.objects.filter(name__startswith="loaded").count()

    total, _ = both()
    assert entries()
    assert both() == (total, 0)
    bulk_load(author, rows(1500))
    assert both() == (total + 1500, 1500)
    assert both() == (total + 1500, 1500)
    loaded = list(author.objects.filter(name__startswith="loaded").values_list("pk", flat=True)[:9])
    assert author.objects.filter(name="renamed").count() == 0
    bulk_update(author, [(pk, "renamed") for pk in loaded], ["name"])
    assert author.objects.filter(name="renamed").count() == 9
    assert both() == (total + 1500, 1491)


@pytest.mark.only("postgresql")
def test_what_goes_through_a_staging_table_voids_it_too(author, library):
    total = author.objects.count()
    pk = author.objects.order_by("pk")[0].pk
    assert author.objects.filter(name="new name").count() == 0
    bulk_load(
        author,
        [{"id": pk, "name": "new name"}, {"id": pk + 10**6, "name": "new name"}],
        on_conflict="update",
        match=["id"],
    )
    assert author.objects.filter(name="new name").count() == 2
    assert author.objects.count() == total + 1


def test_an_export_is_asked_of_the_database(author):
    bulk_load(author, rows(20))
    for name in ("before", "after"):
        author.objects.filter(name__startswith="loaded").update(name=f"loaded {name}")
        file = io.BytesIO()
        write_csv(author.objects.filter(name__startswith="loaded"), file, ["name"])
        assert file.getvalue() == b"name\n" + f"loaded {name}\n".encode() * 20
