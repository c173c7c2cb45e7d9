"""Boards that are kept in step with a model, on PostgreSQL and SQLite."""

import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q

from praxis.errors import RankingError, RedisUnavailableError
from praxis.rankings import Leaderboard, ShardedLeaderboard, follow, ranked
from praxis.rankings.checks import check_rankings_server
from praxis.redis import link
from tests.integration.committed.conftest import models, postgres, using, vendor

__all__ = ["models", "postgres", "using", "vendor"]
pytestmark = [pytest.mark.redis, pytest.mark.postgres]


@pytest.fixture
def following(configured, using):
    made = []

    def make(*args, **options):
        made.append(follow(*args, **options))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def until_it_answers():
    deadline = time.monotonic() + 10
    while True:
        try:
            return link().call("PING")
        except RedisUnavailableError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def scores(board):
    return {entry.member: entry.score for entry in board.top(1000)}


@pytest.mark.parametrize("kind", [Leaderboard, ShardedLeaderboard])
def test_every_change_is_on_the_board(following, models, kind):
    board = kind("players")
    following(models.Player, board, score="points")
    a, b, c = models.Player.objects.bulk_create(
        [models.Player(name=n, points=p) for n, p in [("a", 1), ("b", 2), ("c", 3)]]
    )
    assert scores(board) == {a.pk: 1, b.pk: 2, c.pk: 3}
    a.points = 10
    a.save()
    models.Player.objects.filter(points__lt=5).update(points=F("points") * 10)
    assert scores(board) == {a.pk: 10, b.pk: 20, c.pk: 30}
    lost = c.pk
    c.delete()
    with transaction.atomic():
        models.Player.objects.filter(pk=b.pk).update(points=99)
        transaction.set_rollback(True)
    assert scores(board) == {a.pk: 10, b.pk: 20}
    assert board.standing(lost) is None


def test_only_those_that_are_ranked_are_there(following, models):
    board = Leaderboard("players")
    following(models.Player, board, score=F("points") * 2, where=Q(team=None))
    team = models.Team.objects.create(name="t")
    player = models.Player.objects.create(name="a", points=4)
    assert scores(board) == {player.pk: 8}
    player.team = team
    player.save()
    assert scores(board) == {}
    models.Player.objects.filter(team=team).update(team=None)
    assert scores(board) == {player.pk: 8}


def test_keys_that_are_no_numbers_are_texts(following, models):
    board = Leaderboard("coins")
    following(models.Coin, board, score="value")
    coin = models.Coin.objects.create(value=7)
    assert scores(board) == {str(coin.pk): 7}


def test_some_rows_are_all_of_them(following, models, monkeypatch, caplog):
    board = Leaderboard("players")
    made = following(models.Player, board, score="points")
    models.Player.objects.bulk_create([models.Player(name=n) for n in "abc"])
    models.Player.objects.update(points=5)
    assert set(scores(board).values()) == {5}
    monkeypatch.setattr("praxis.rankings.following.REBUILT_AT_ONCE", 2)
    models.Player.objects.update(points=6)
    assert "praxis_rankings rebuild players" in caplog.text
    made.rebuild()
    assert set(scores(board).values()) == {6}


def test_what_nobody_saw_can_be_refreshed(following, models):
    board = Leaderboard("players")
    made = following(models.Player, board, score="points")
    player = models.Player.objects.create(name="a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE committed_player SET points = 77")
    assert scores(board) == {player.pk: 0}
    made.refresh([player.pk, 12345])
    assert scores(board) == {player.pk: 77}


@pytest.mark.parametrize("remembered", [10_000, 1])
def test_the_last_to_commit_counts_whoever_is_slow(following, models, monkeypatch, remembered):
    """One has read its row and is held up; another commits and writes; the first goes on."""
    monkeypatch.setattr("praxis.rankings.calls._TICKETS", remembered)
    board = Leaderboard("players")
    made = following(models.Player, board, score="points")
    player = models.Player.objects.create(name="a", points=1)
    other = models.Player.objects.create(name="b", points=1)
    has_read, may_go_on = threading.Event(), threading.Event()
    plain = made._ranked

    def held_up(rows, **options):
        found = list(plain(rows, **options))
        if threading.current_thread().name == "slow":
            has_read.set()
            may_go_on.wait(10)
        return found

    monkeypatch.setattr(made, "_ranked", held_up)

    def slow():
        models.Player.objects.filter(pk=player.pk).update(points=2)
        connection.close()

    thread = threading.Thread(target=slow, name="slow")
    thread.start()
    assert has_read.wait(10)
    models.Player.objects.filter(pk=player.pk).update(points=3)
    models.Player.objects.filter(pk=other.pk).update(points=4)  # of one ticket the first is gone
    assert scores(board) == {player.pk: 3, other.pk: 4}
    may_go_on.set()
    thread.join()
    assert scores(board) == {player.pk: 3, other.pk: 4}


@pytest.mark.parametrize("vendor", ["postgresql"], indirect=True)
def test_many_at_once_agree_with_the_database(following, models, monkeypatch):
    monkeypatch.setattr("praxis.rankings.calls._TICKETS", 2)  # so that some have to read again
    board = Leaderboard("players", ties="dense")
    following(models.Player, board, score="points")
    players = models.Player.objects.bulk_create([models.Player(name=str(n)) for n in range(5)])
    start = threading.Barrier(4)

    def work(number):
        start.wait()
        for turn in range(40):
            pk = players[(turn * (number + 1)) % 5].pk
            models.Player.objects.filter(pk=pk).update(points=F("points") + 1)
        connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = dict(models.Player.objects.values_list("pk", "points"))
    assert sum(expected.values()) == 160
    assert scores(board) == expected
    ranks = {s: at for at, s in enumerate(sorted(set(expected.values()), reverse=True), 1)}
    assert {e.member: e.rank for e in board.top()} == {pk: ranks[s] for pk, s in expected.items()}


def test_a_rebuilding_keeps_what_is_committed_meanwhile(following, models):
    board = Leaderboard("players", ties="first")
    made = following(models.Player, board, score="points", reached="-pk")
    players = models.Player.objects.bulk_create(
        [models.Player(name=str(n), points=5) for n in range(50)]
    )
    plain = made._ranked

    def meanwhile(rows, **options):
        found = list(plain(rows, **options))
        if not options:  # of the rebuilding: it has read all rows by now
            models.Player.objects.filter(pk=players[0].pk).update(points=500)
            models.Player.objects.filter(pk=players[1].pk).delete()
        yield from found

    made._ranked = meanwhile
    assert made.rebuild() == 50
    expected = [players[0].pk, *(p.pk for p in reversed(players[2:]))]
    assert [e.member for e in board.top(60)] == expected


def test_an_outage_is_made_up_for_by_the_next_change(following, models, configured, server):
    configured(timeout_s=0.25, on_error="closed")
    board = Leaderboard("players")
    made = following(models.Player, board, score="points")
    a = models.Player.objects.create(name="a", points=1)
    server.kill()
    b = models.Player.objects.create(name="b", points=2)  # the request goes on
    models.Player.objects.filter(pk=a.pk).update(points=3)
    with pytest.raises(RedisUnavailableError):
        made.refresh([a.pk])
    server.restart()
    until_it_answers()
    c = models.Player.objects.create(name="c", points=9)
    assert scores(board) == {a.pk: 3, b.pk: 2, c.pk: 9}


def test_a_score_that_is_none_is_not_on_it_and_harms_no_other(following, models, caplog):
    board = Leaderboard("players")
    following(models.Player, board, score=F("points") * 10**15)
    a, b = models.Player.objects.bulk_create(
        [models.Player(name="a", points=1), models.Player(name="b", points=10)]
    )
    assert scores(board) == {a.pk: 10**15}
    assert f"Row {b.pk}" in caplog.text


def test_the_commands(following, models, capsys):
    board = Leaderboard("players")
    following(models.Player, board, score="points")
    models.Player.objects.create(name="a", points=1)
    board.clear()
    call_command("praxis_rankings", "rebuild", "players")
    call_command("praxis_rankings", "list")
    assert capsys.readouterr().out.splitlines() == [
        "players: 1 rows", "players: committed.Player, 1 members",
    ]  # fmt: skip
    call_command("praxis_rankings", "rebuild")
    with pytest.raises(CommandError, match="No board 'plaiers'"):
        call_command("praxis_rankings", "rebuild", "plaiers")


def test_a_decorated_model_is_followed(following, models):
    board = Leaderboard("players")
    made = ranked(board, score="points")(models.Player)
    assert made is models.Player
    following(models.Player, board, score="points")  # in its place; and ended with the test
    player = made.objects.create(name="a", points=3)
    assert scores(board) == {player.pk: 3}


def test_what_cannot_follow_is_refused(following, models):
    for board in (Leaderboard("b", period="day"), Leaderboard("b", half_life_s=60)):
        with pytest.raises(RankingError, match="period or a half-life"):
            follow(models.Player, board, score="points")
    following(models.Player, Leaderboard("b"), score="points")
    with pytest.raises(RankingError, match="follows Player"):
        follow(models.Coin, Leaderboard("b"), score="value")
    with pytest.raises(ValueError, match="no field 'score'"):
        follow(models.Player, Leaderboard("c"), score="score")


@pytest.mark.parametrize("vendor", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("memory", "policy", "expected"),
    [
        ("100mb", "allkeys-lru", ["praxis.W070"]),
        ("100mb", "volatile-lru", []),
        ("0", "allkeys-lru", []),
    ],
)
def test_a_server_that_evicts_is_told_at_deployment(following, models, memory, policy, expected):
    following(models.Player, Leaderboard("players"), score="points")
    link().call("CONFIG", "SET", "maxmemory", memory)
    link().call("CONFIG", "SET", "maxmemory-policy", policy)
    try:
        assert [message.id for message in check_rankings_server()] == expected
    finally:
        link().call("CONFIG", "SET", "maxmemory", "0")
        link().call("CONFIG", "SET", "maxmemory-policy", "noeviction")
