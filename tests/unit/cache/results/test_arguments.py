import pytest
from django.contrib.auth.models import Group

from praxis.cache.results.arguments import NotTheRowError, Signature, holds_rows, reread
from praxis.errors import NotCacheableError


class Rows:
    """Instead of the manager that asks the database."""

    def __init__(self):
        self.found = []

    def using(self, database):
        return self

    def get(self, *, pk):
        if pk == 404:
            raise Group.DoesNotExist
        self.found.append(pk)
        return Group(pk=pk, name="now")


@pytest.fixture
def rows(monkeypatch):
    found = Rows()
    monkeypatch.setattr(type(Group), "_base_manager", property(lambda model: found))
    return found


def row(pk=1, **more):
    made = Group(pk=pk, name="before")
    made._state.adding, made._state.db = False, "default"
    made.__dict__.update(more)
    return made


def function(first, *rest, second=2, **others):
    pass


def test_arguments_are_told_by_their_names():
    told = Signature(function).told
    assert told((1,), {}) == told((), {"first": 1}) == told((1,), {"second": 2})
    calls = [((1,), {}), ((1, 2), {}), ((1,), {"second": 3}), ((1,), {"third": 2})]
    assert len({repr(told(*call)) for call in calls}) == len(calls)


def test_what_cannot_be_told_is_named():
    with pytest.raises(NotCacheableError, match="'others' of function"):
        Signature(function).told((1,), {"third": object()})


def test_rows_are_read_wherever_they_are(rows):
    one = row()
    nested = {"a": [one, (one,)], "b": 1}
    assert holds_rows(nested)
    now = reread(nested)
    assert now["a"][0].name == now["a"][1][0].name == "now"
    assert now["b"] == 1
    assert rows.found == [1, 1]
    assert not holds_rows({"a": [1, ("b",)]})


def test_what_a_class_computes_itself_is_computed_again(rows, monkeypatch):
    monkeypatch.setattr(Group, "label", property(lambda self: "x"), raising=False)
    held = row(label="computed", _memory="remembered", _prefetched_objects_cache={})
    assert reread(held).name == "now"


@pytest.mark.parametrize(
    ("more", "what"),
    [({"count": 1}, "count"), ({"_prefetched_objects_cache": {"user_set": []}}, "prefetched")],
)
def test_what_the_row_lacks_is_told(rows, more, what):
    with pytest.raises(NotTheRowError, match=f"Group that it is given holds .*{what}"):
        reread(row(**more))


def test_a_row_that_is_gone_is_told(rows):
    with pytest.raises(NotTheRowError, match="gone"):
        reread(row(pk=404))


def test_rows_without_some_columns_are_rows(rows):
    held = row()
    del held.__dict__["name"]  # as only("id") leaves it
    assert reread(held).name == "now"
