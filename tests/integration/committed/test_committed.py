"""What is told of committed changes, on a real PostgreSQL and on SQLite."""

import asyncio
import logging
import threading
import uuid

import pytest
from asgiref.sync import sync_to_async
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test import TestCase

from praxis.committed import Change, watch

pytestmark = pytest.mark.postgres


class StopError(Exception):
    pass


def test_each_statement_of_its_own_is_told_at_once(told, models):
    calls = told(models.Player)
    player = models.Player.objects.create(name="a")
    pk = player.pk
    player.save()
    player.delete()
    assert calls == [[("created", pk)], [("updated", pk)], [("deleted", pk)]]


def test_a_transaction_is_told_once_with_what_became_of_each_row(told, models):
    kept = models.Player.objects.create(name="kept")
    gone = models.Player.objects.create(name="gone")
    lost = gone.pk
    calls = told(models.Player)
    with transaction.atomic():
        new = models.Player.objects.create(name="new")
        new.points = 5
        new.save()
        kept.points = 1
        kept.save()
        kept.points = 2
        kept.save(update_fields=["points"])
        gone.save()
        gone.delete()
        assert calls == []
    assert calls == [[("created", new.pk), ("updated", kept.pk), ("deleted", lost)]]


def test_what_is_rolled_back_is_not_told(told, models):
    calls = told(models.Player)
    with pytest.raises(StopError), transaction.atomic():
        models.Player.objects.create(name="a")
        raise StopError
    models.Player.objects.all().count()
    assert calls == []


def test_nor_what_a_savepoint_took_back(told, models):
    calls = told(models.Player)
    with transaction.atomic():
        first = models.Player.objects.create(name="a")
        with pytest.raises(StopError), transaction.atomic():
            models.Player.objects.create(name="b")
            raise StopError
        with transaction.atomic():
            second = models.Player.objects.create(name="c")
        third = models.Player.objects.create(name="d")
    assert calls == [[("created", each.pk) for each in (first, second, third)]]


def test_a_row_that_a_savepoint_took_back_keeps_what_came_before(told, models):
    player = models.Player.objects.create(name="a")
    calls = told(models.Player)
    with transaction.atomic():
        player.save()
        with pytest.raises(StopError), transaction.atomic():
            models.Player.objects.filter(pk=player.pk).delete()
            raise StopError
    assert calls == [[("updated", player.pk)]]


def test_bulk_writes_name_their_rows(told, models):
    calls = told(models.Player)
    players = models.Player.objects.bulk_create([models.Player(name=n) for n in "abc"])
    pks = [each.pk for each in players]
    for each in players:
        each.points = 7
    models.Player.objects.bulk_update(players[:2], ["points"])
    models.Player.objects.filter(pk__in=pks[:2]).update(points=8)
    models.Player.objects.filter(pk=pks[0]).update(points=F("points") + 1)
    assert calls == [
        [("created", pk) for pk in pks],
        [("updated", pk) for pk in pks[:2]],
        [("updated", pk) for pk in pks[:2]],
        [("updated", pks[0])],
    ]


def test_a_condition_is_answered_with_its_rows(told, models):
    team = models.Team.objects.create(name="t")
    _, b, c = (
        models.Player.objects.create(name=n, points=p) for n, p in [("a", 1), ("b", 5), ("c", 9)]
    )
    b.team = team
    b.save()
    calls = told(models.Player)
    assert models.Player.objects.filter(points__gt=3).update(points=F("points") * 2) == 2
    assert models.Player.objects.filter(team__name="t").update(points=0) == 1
    assert models.Player.objects.filter(points__gt=999).update(points=0) == 0
    assert sorted(calls[0]) == [("updated", b.pk), ("updated", c.pk)]
    assert calls[1:] == [[("updated", b.pk)]]
    assert models.Player.objects.get(pk=c.pk).points == 18


def test_no_query_is_made_for_it(told, models, django_assert_num_queries):
    told(models.Player)
    models.Player.objects.create(name="a", points=2)
    with django_assert_num_queries(1):
        models.Player.objects.filter(points=2).update(points=3)


def test_the_whole_table_is_some_rows(told, models):
    models.Player.objects.create(name="a")
    calls = told(models.Player)
    assert models.Player.objects.update(points=1) == 1
    assert calls == [[("updated", None)]]


def test_deleting_names_what_it_cascades_to(told, models):
    team = models.Team.objects.create(name="t")
    players = [models.Player.objects.create(name=n, team=team) for n in "ab"]
    coin = models.Coin.objects.create(owner=team)
    of_players, of_coins, of_teams = told(models.Player), told(models.Coin), told(models.Team)
    pk = team.pk
    team.delete()
    assert [sorted(call) for call in of_players] == [[("deleted", p.pk) for p in players]]
    assert of_coins == [[("updated", coin.pk)]]
    assert of_teams == [[("deleted", pk)]]


def test_fast_and_raw_deletes_name_their_rows(told, models):
    coins = models.Coin.objects.bulk_create([models.Coin(value=v) for v in (1, 2, 3)])
    calls = told(models.Coin)
    models.Coin.objects.filter(value=1).delete()
    queryset = models.Coin.objects.filter(value__gt=1, owner=None)
    queryset._raw_delete(queryset.db)
    assert calls[0] == [("deleted", coins[0].pk)]
    assert sorted(calls[1]) == sorted(("deleted", coin.pk) for coin in coins[1:])


def test_keys_are_what_python_has_for_them(told, models):
    calls = told(models.Coin)
    coin = models.Coin.objects.create(value=4)
    models.Coin.objects.filter(value=4).update(value=5)
    models.Coin.objects.filter(pk=str(coin.pk)).update(value=6)
    assert [call[0][1] for call in calls] == [coin.pk] * 3
    assert {type(call[0][1]) for call in calls} == {uuid.UUID}


def test_an_upsert_names_rows_where_it_can(told, models):
    first = models.Player.objects.create(name="a")
    coin = models.Coin.objects.create(value=4)
    of_players, of_coins = told(models.Player), told(models.Coin)
    models.Player.objects.bulk_create(
        [models.Player(name="a", points=3)],
        update_conflicts=True, unique_fields=["name"], update_fields=["points"],
    )  # fmt: skip
    models.Coin.objects.bulk_create(
        [models.Coin(value=4)],
        update_conflicts=True, unique_fields=["value"], update_fields=["owner"],
    )  # fmt: skip
    models.Coin.objects.bulk_create(
        [models.Coin(pk=coin.pk, value=9)],
        update_conflicts=True, unique_fields=["id"], update_fields=["value"],
    )  # fmt: skip
    assert of_players == [[("updated", first.pk)]]
    assert of_coins == [[("updated", None)], [("updated", coin.pk)]]


def test_a_changed_key_is_some_rows(told, models):
    coin = models.Coin.objects.create(value=4)
    calls = told(models.Coin)
    models.Coin.objects.filter(pk=coin.pk).update(id=uuid.uuid4())
    assert calls == [[("updated", None)]]


def test_rows_between_many_to_many_fields_may_be_watched(told, models):
    a, b = (models.Player.objects.create(name=n) for n in "ab")
    calls = told(models.Player.friends.through)
    a.friends.add(b)
    a.friends.remove(b)
    assert [sorted({kind for kind, _ in call}) for call in calls] == [["created"], ["deleted"]]


def test_of_a_child_the_rows_of_its_parents_count(told, models):
    of_parents, of_children = told(models.Player), told(models.Captain)
    captain = models.Captain.objects.create(name="a")
    pk = captain.pk
    models.Captain.objects.filter(rank=0).update(points=5)
    captain.delete()
    assert of_parents == of_children
    assert of_children == [[("created", pk)], [("updated", pk)], [("deleted", pk)]]


def test_a_proxy_stands_for_its_model(told, models):
    calls = told(models.Star)
    player = models.Player.objects.create(name="a")
    models.Star.objects.filter(pk=player.pk).update(points=1)
    assert calls == [[("created", player.pk)], [("updated", player.pk)]]


def test_updates_of_other_fields_are_not_told(told, models):
    player = models.Player.objects.create(name="a")
    calls = told(models.Player, fields=["points"])
    models.Player.objects.filter(pk=player.pk).update(name="b")
    player.save(update_fields=["name"])
    assert calls == []
    player.save(update_fields=["points"])
    player.save()
    assert calls == [[("updated", player.pk)]] * 2


def test_databases_are_told_apart(using, models):
    found = []
    stop = watch(models.Player, found.extend)
    with transaction.atomic(using="other"):
        player = models.Player.objects.using("other").create(name="a")
    stop()
    models.Player.objects.create(name="b")
    assert found == [Change(models.Player, player.pk, "created", "other")]


def test_one_who_fails_harms_nobody(told, models, caplog):
    def fail(changes):
        raise StopError

    stop = watch(models.Player, fail)
    calls = told(models.Player)
    ran = []
    try:
        with caplog.at_level(logging.ERROR, "praxis.committed"), transaction.atomic():
            models.Player.objects.create(name="a")
            transaction.on_commit(lambda: ran.append(1))
    finally:
        stop()
    assert len(calls) == 1
    assert ran == [1]
    assert "committed.Player" in caplog.text


def test_a_hook_that_fails_does_not_keep_it_back(told, models):
    calls = told(models.Player)

    def fail():
        raise StopError

    with pytest.raises(StopError), transaction.atomic():
        transaction.on_commit(fail)
        models.Player.objects.create(name="a")
    assert len(calls) == 1


def test_who_is_told_sees_it_from_another_connection(using, models):
    seen = []

    def look(changes):
        def elsewhere():
            try:
                seen.extend(models.Player.objects.values_list("name", flat=True))
            finally:
                connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()

    stop = watch(models.Player, look)
    with transaction.atomic():
        models.Player.objects.create(name="a")
        models.Player.objects.create(name="b")
    stop()
    assert sorted(seen) == ["a", "b"]


def test_who_is_told_may_write(using, models):
    def note(changes):
        if models.Team.objects.count() < 3:
            with transaction.atomic():
                models.Team.objects.create(name="x")

    stop = watch(models.Team, note)
    with transaction.atomic():
        models.Team.objects.create(name="first")
    stop()
    assert models.Team.objects.count() == 3


def test_coroutines_are_told_of_as_well(told, models):
    calls = told(models.Player)

    async def write():
        await sync_to_async(forget)()  # the thread may have been used before
        player = await models.Player.objects.acreate(name="a")
        await models.Player.objects.filter(points=0).aupdate(points=2)
        await sync_to_async(forget)()
        return player.pk

    def forget():  # the thread is used again, on another database
        connection.close()
        del connections["default"]

    pk = asyncio.run(write())
    assert calls == [[("created", pk)], [("updated", pk)]]


def test_a_test_that_captures_hooks_hears_it(told, models):
    calls = told(models.Player)
    with transaction.atomic():
        with TestCase.captureOnCommitCallbacks(execute=True):
            player = models.Player.objects.create(name="a")
        assert calls == [[("created", player.pk)]]
    assert len(calls) == 1


def test_without_autocommit_it_is_told_when_autocommit_is_on_again(told, models):
    calls = told(models.Player)
    transaction.set_autocommit(False)
    try:
        models.Player.objects.create(name="a")
        transaction.rollback()
        player = models.Player.objects.create(name="b")
        transaction.commit()
        assert calls == []
    finally:
        transaction.set_autocommit(True)
    assert calls == [[("created", player.pk)]]


def test_a_statement_that_fails_is_not_told(told, models):
    models.Player.objects.create(name="a")
    calls = told(models.Player)
    with pytest.raises(IntegrityError):
        models.Player.objects.create(name="a")
    assert calls == []


def test_very_many_rows_are_some(told, models, monkeypatch):
    monkeypatch.setattr("praxis.written_rows.MAX_ROWS", 2)
    monkeypatch.setattr("praxis.committed.MAX_ROWS", 2)
    calls = told(models.Player)
    with transaction.atomic():
        for name in "abc":
            models.Player.objects.create(name=name)
    pks = list(models.Player.objects.order_by("pk").values_list("pk", flat=True))
    assert calls == [[("created", pks[0]), ("created", pks[1]), ("created", None)]]
    assert models.Player.objects.filter(points=0).update(points=1) == 3
    assert calls[1:] == [[("updated", None)]]


def test_what_has_no_table_cannot_be_watched(models):
    with pytest.raises(ValueError, match="no table"):
        watch(models.Ghost, print)
    with pytest.raises(ValueError, match="no field 'score'"):
        watch(models.Player, print, fields=["score"])
