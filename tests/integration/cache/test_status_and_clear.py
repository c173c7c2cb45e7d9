"""``praxis_cache status`` and ``praxis_cache clear`` on real servers."""

import io

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test.utils import override_settings

from praxis.cache.hooks.connections import cached
from praxis.cache.protocol.calls import Writing, Written
from tests.integration.cache.points import elsewhere, is_hit, learn, warm
from tests.integration.cache.results.computing import computed


def command(*words):
    out = io.StringIO()
    call_command("praxis_cache", *words, stdout=out)
    return out.getvalue()


def books(m):
    return list(m.Book.objects.filter(author=1).order_by("pk").values_list("title"))


def authors(m):
    return list(m.Author.objects.order_by("pk").values_list("name"))


def test_status_tells_of_the_server_and_of_what_is_asked_for(library):
    books(library)
    told = command("status")
    assert told.startswith("default: ")
    assert "eviction: noeviction" in told
    assert "library_book: conditions on author_id" in told
    assert "in flight" not in told


def test_status_tells_of_writes_in_flight_and_their_age(library, connection):
    store = cached(connection).store
    writing = Writing({"library_book": Written(None)}, store.shapes)
    store.mark(writing)
    assert "library_book: writes in flight since 0 s" in command("status")
    store.settle(writing, written=False)
    assert "in flight" not in command("status")


def test_status_tells_of_a_policy_that_may_evict_marks(library, redis_client):
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        told = command("status")
    finally:
        redis_client.config_set("maxmemory-policy", "noeviction")
    assert "WRONG: allkeys-lru may evict the marks of writes" in told


def test_the_check_for_deployment_tells_of_it_too(library, redis_client):
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        messages = run_checks(include_deployment_checks=True, tags=["praxis"])
    finally:
        redis_client.config_set("maxmemory-policy", "noeviction")
    assert [message.id for message in messages] == ["praxis.E007"]
    assert run_checks(include_deployment_checks=True, tags=["praxis"]) == []


def test_status_without_redis_is_an_error(library, servers):
    servers.redis.kill()
    try:
        with pytest.raises(CommandError, match="did not answer"):
            command("status")
        with pytest.raises(CommandError, match="did not answer"):
            command("clear")
    finally:
        servers.redis.restart()


def test_clearing_voids_everything(library, connection):
    warm(connection, lambda: books(library))
    warm(connection, lambda: authors(library))
    assert "nothing is cached any more" in command("clear")
    assert not is_hit(connection, lambda: books(library))
    assert not is_hit(connection, lambda: authors(library))
    assert is_hit(connection, lambda: books(library))


def test_clearing_a_model_leaves_the_others(library, connection):
    warm(connection, lambda: books(library))
    warm(connection, lambda: authors(library))
    assert "of 2 tables" in command("clear", "library.Book")  # with that of its tags
    assert is_hit(connection, lambda: authors(library))
    assert not is_hit(connection, lambda: books(library))


def test_clearing_makes_room_for_new_conditions(library, connection):
    columns = ("title", "author", "pages", "for_sale", "price")
    for one in columns:
        for other in columns:
            values = {"title": "A", "author": 1, "pages": 1, "for_sale": True, "price": 1}
            list(library.Book.objects.filter(**{one: values[one], other: values[other]}))
    before = command("status")
    command("clear")
    books(library)
    after = command("status")
    line = next(one for one in after.splitlines() if "library_book:" in one)
    assert line.strip() == "library_book: conditions on author_id"
    assert len(before) > len(after)


def test_what_is_written_after_clearing_is_told(library, connection):
    warm(connection, lambda: books(library))
    learn(library)
    command("clear")
    warm(connection, lambda: books(library))
    elsewhere(lambda: library.Book.objects.filter(author=1).update(title="Z"))
    assert books(library) == [("Z",), ("Z",)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clear", "library.bok"], "Did you mean 'library.book'?"),
        (["clear", "--database", "defalt"], "Did you mean 'default'?"),
        (["status", "--database", "other"], "DATABASES has no 'other'"),
    ],
)
def test_wrong_names_are_told_and_nothing_is_cleared(library, connection, words, said):
    warm(connection, lambda: books(library))
    with pytest.raises(CommandError) as told:
        command(*words)
    assert said in str(told.value)
    assert is_hit(connection, lambda: books(library))


def test_where_nothing_is_cached_it_says_so(library, servers):
    with (
        override_settings(PRAXIS={"redis": {"url": servers.redis.url}}),
        pytest.raises(CommandError, match="Nothing is cached of default"),
    ):
        command("status")


@pytest.mark.parametrize("models", [[], ["library.book"], ["library.author"]])
def test_clearing_voids_what_was_computed_from_it(library, connection, models):
    def page():
        return library.Book.objects.select_related("author").get(pk=1).title

    computed("page", page)
    assert not computed("page", page).was_computed
    assert is_hit(connection, page)
    command("clear", *models)
    assert not is_hit(connection, page)
    assert computed("page", page).was_computed
