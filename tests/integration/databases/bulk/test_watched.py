"""Those who watch a model are told of what is loaded, after the commit."""

import pytest

from praxis.committed import watch
from praxis.databases.bulk import bulk_load, bulk_update
from praxis.errors import BulkLoadError

pytestmark = pytest.mark.postgres


@pytest.fixture
def told(installed, database):
    heard = []
    stops = [
        watch(installed.Item, lambda changes: heard.append([(c.kind, c.pk) for c in changes])),
        watch(installed.Item, lambda _: heard.append("name"), fields=["name"]),
    ]
    yield heard
    for stop in stops:
        stop()


def test_a_load_is_told_once(told, installed, database):
    bulk_load(installed.Item, ({"number": str(at)} for at in range(10)))
    changes, name = told
    assert name == "name"
    assert {kind for kind, _ in changes} == {"created"}
    if database.vendor == "postgresql":
        assert [pk for _, pk in changes] == [None]


def test_what_is_rolled_back_is_not_told(told, installed):
    with pytest.raises(BulkLoadError):
        bulk_load(installed.Item, [{"number": "1"}, {"number": "1"}])
    assert told == []


def test_an_update_tells_its_fields(told, installed):
    bulk_load(installed.Item, [{"number": "1"}])
    told.clear()
    bulk_update(installed.Item, [(installed.Item.objects.get().pk, 5)], ["quantity"])
    assert len(told) == 1
    assert {kind for kind, _ in told[0]} == {"updated"}
