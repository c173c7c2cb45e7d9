"""Boards on a real Redis."""

import asyncio
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from praxis.announcements import RankingUnavailable, listen
from praxis.errors import RankingError, RankingStateError, RedisUnavailableError
from praxis.rankings import Entry, Leaderboard, Standing, Trending
from praxis.redis import link

pytestmark = pytest.mark.redis
DAY_US = 86_400_000_000


def members(entries):
    return [entry.member for entry in entries]


def test_who_is_first(configured):
    board = Leaderboard("b")
    assert board.submit("ada", 10) == Standing("ada", 1, 10, 0, 1)
    assert board.increment("bob", 12.5) == Standing("bob", 1, 12.5, 0, 2)
    assert board.top(5) == [Entry("bob", 1, 12.5), Entry("ada", 2, 10)]
    assert (board.rank("ada"), board.score("ada"), board.size()) == (2, 10, 2)
    assert (board.rank("eve"), board.score("eve"), board.standing("eve")) == (None, None, None)
    assert board.standings(["ada", "eve"]) == {"ada": Standing("ada", 2, 10, 1, 2), "eve": None}
    assert board.standing("ada").percentile == 50.0
    assert board.remove("bob", "eve") == 1
    board.clear()
    assert board.top() == []
    assert board.around("ada") == []
    assert board.among(["ada"]) == []


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [("competition", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3]), ("first", [1, 2, 3, 4])],
)
def test_ties_share_ranks_as_was_said(configured, ties, ranks):
    board = Leaderboard("b", ties=ties)
    for member, score in [("a", 9), ("c", 5), ("b", 5), ("d", 1)]:
        board.submit(member, score)
    assert [entry.rank for entry in board.top()] == ranks
    assert [board.rank(entry.member) for entry in board.top()] == ranks
    assert members(board.top())[1:3] == (["c", "b"] if ties == "first" else ["b", "c"])


def test_less_may_be_better(configured):
    times = Leaderboard("laps", order="asc")
    times.submit("a", 61.25)
    assert times.submit("a", 63, best=True).score == 61.25
    assert times.submit("a", 60, best=True).score == 60
    times.submit("b", 59)
    assert members(times.top()) == ["b", "a"]


def test_who_was_first_keeps_a_score_to_its_last_digit(configured):
    board = Leaderboard("b", ties="first")
    scores = [2**53 - 1, 2**53 - 2, 0.1 + 0.2, 0.3, 5e-324, 1 - 2**53]
    for score in scores:
        board.submit(f"late {score}", 0)
        board.submit(f"first {score}", score)
        board.submit(f"late {score}", score)
    found = board.top(20)
    assert [entry.score for entry in found] == [s for s in scores for _ in "ab"]
    assert [entry.member.split()[0] for entry in found] == ["first", "late"] * len(scores)


def test_first_is_the_order_of_the_server_even_at_the_same_moment(configured):
    board, start = Leaderboard("b", ties="first"), threading.Barrier(4)

    def work(number):
        start.wait()
        for turn in range(100):
            board.submit(f"{number} {turn}", 1)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = board.page(0, 400)
    assert [entry.rank for entry in entries] == list(range(1, 401))
    for number in range(4):
        turns = [int(e.member.split()[1]) for e in entries if e.member.startswith(f"{number} ")]
        assert turns == list(range(100))


def test_a_sum_that_would_not_be_exact_is_refused_whole(configured):
    board = Leaderboard("b")
    board.submit("a", 2**53 - 1)
    with pytest.raises(RankingError, match="'a' would reach 2"):
        board.increment("a")
    with pytest.raises(RankingError, match="'a' would reach 2"):
        board.increment_many({"b": 1, "a": 1})
    assert board.top() == [Entry("a", 1, 2**53 - 1)]


def test_sums_of_many_threads_are_whole(configured):
    board, start = Leaderboard("b", ties="dense"), threading.Barrier(4)

    def work():
        start.wait()
        for n in range(100):
            board.increment(n % 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(e.member, e.rank, e.score) for e in board.top()] == [
        (0, 1, 136),
        (1, 2, 132),
        (2, 2, 132),
    ]


def test_only_the_best_are_kept(configured):
    board = Leaderboard("b", keep=3, ties="dense")
    for n in range(10):
        board.submit(n, n)
    assert members(board.top()) == [9, 8, 7]
    assert board.submit("x", 1) is None
    assert board.submit("y", 99).rank == 1
    assert [e.rank for e in board.top()] == [1, 2, 3]


def test_members_keep_their_types(configured):
    board = Leaderboard("b")
    board.submit_many({17: 3, "17": 2, "'": 1})
    assert members(board.top()) == [17, "17", "'"]


def test_a_period_begins_anew_and_is_forgotten_in_time(configured):
    board = Leaderboard("b", period="day", keep_periods=2, ties="first")
    today = datetime.now(UTC).date()
    board.submit("a", 1)
    board.past(1).submit("a", 2)
    board.at(today - timedelta(days=2)).submit("a", 3)
    assert [board.past(n).score("a") for n in range(4)] == [1, 2, 3, None]
    found = board.history("a", 4)
    assert list(found) == [str(today - timedelta(days=n)) for n in range(4)]
    assert [one and one.score for one in found.values()] == [1, 2, 3, None]
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=3)
    keys = [key for key in link().call("KEYS", "*") if str(today).encode() in key]
    assert len(keys) == 3
    for key in keys:
        ends = time.time() + link().call("PTTL", key) / 1000
        assert abs(ends - midnight.timestamp()) < 60


def test_what_is_over_is_not_kept_for_ever(configured):
    board = Leaderboard("b", period="day", keep_periods=1).at(date(2020, 1, 1))
    board.submit("a", 1)
    assert board.size() == 0
    assert link().call("KEYS", "*") == []


def test_a_board_without_periods_has_no_past(configured):
    board = Leaderboard("b")
    for ask in (board.past, lambda: board.at(date(2026, 1, 1)), lambda: board.history("a")):
        with pytest.raises(RankingError, match="no periods"):
            ask()
    assert board.period == ""


def go_by(half_lives):
    """Let time go by for the one board that fades; its half-life is a day."""
    (landmark,) = link().call("KEYS", "*:l")
    moved = int(float(link().call("GET", landmark))) - half_lives * DAY_US
    link().call("SET", landmark, moved)
    return landmark, moved


def test_scores_fade(configured):
    board = Leaderboard("b", half_life_s=86_400)
    board.submit("old", 8)
    go_by(1)
    assert board.score("old") == pytest.approx(4, rel=1e-3)
    assert board.increment("new", 5).rank == 1
    assert board.submit("old", 3.9, best=True).score == pytest.approx(4, rel=1e-3)
    assert board.submit("old", 4.5, best=True).score == pytest.approx(4.5, rel=1e-3)
    assert members(board.top()) == ["new", "old"]
    assert board.standings(["new"])["new"].score == pytest.approx(5, rel=1e-3)
    assert board.among(["old"])[0].score == pytest.approx(4.5, rel=1e-3)


def test_fading_goes_on_when_the_weights_become_too_large(configured):
    board = Leaderboard("b", half_life_s=86_400)
    board.submit_many({"a": 16, "b": 1.5, "gone": 1e-20})
    for lives in (901, 950, 700):
        before = {entry.member: entry.score for entry in board.top()}
        landmark, moved = go_by(lives)
        standing = board.increment("fresh", 1)
        assert standing.rank == 1
        assert standing.score == pytest.approx(1, rel=1e-3)
        for entry in board.top():
            if entry.member != "fresh":
                assert entry.score == pytest.approx(before[entry.member] * 2.0**-lives, rel=1e-3)
        assert (float(link().call("GET", landmark)) > moved) == (lives > 900)
    assert members(board.top()) == ["fresh"]


def test_scaling_keeps_the_order_and_the_proportions(configured):
    board = Leaderboard("b", half_life_s=86_400)
    board.submit_many({"a": 16, "b": 1.5})
    landmark, _ = go_by(850)
    board.submit_many({"a": 16, "b": 1.5})  # of weights that are near the largest
    go_by(51)
    board.increment("c", 0)
    found = {entry.member: entry.score for entry in board.top()}
    assert found["a"] / found["b"] == pytest.approx(16 / 1.5, rel=1e-12)
    assert found["a"] == pytest.approx(16 * 2.0**-51, rel=1e-3)
    assert float(link().call("GET", landmark)) > time.time() * 1e6 - 2 * DAY_US


def test_what_is_wanted_just_now(configured):
    wanted = Trending("t", half_life_s=3600, keep=2)
    for what in ["a", "b", "b", "c", "c", "c"]:
        wanted.hit(what)
    assert members(wanted.top()) == ["c", "b"]
    asyncio.run(wanted.ahit("b", 9))
    assert members(wanted.top()) == ["b", "c"]


def test_coroutines_do_as_threads_do(configured):
    board = Leaderboard("b", period="month", ties="first")

    async def use():
        assert await board.asubmit("a", 5) == board.standing("a")
        assert await board.asubmit("a", 4, best=True) == board.standing("a")
        assert await board.aincrement("b", 7) == board.standing("b")
        assert await board.asubmit_many({"c": 1, "d": 2}) == 2
        assert await board.aincrement_many({"c": 1}) == 1
        assert await board.aremove("d") == 1
        assert await board.atop(2) == board.top(2)
        assert await board.apage(1, 2) == board.page(1, 2)
        assert await board.aaround("a", 1) == board.around("a", 1)
        assert await board.astanding("a") == board.standing("a")
        assert await board.arank("a") == board.rank("a") == 2
        assert await board.ascore("a") == 5
        assert await board.astandings(["a", "x"]) == board.standings(["a", "x"])
        assert await board.aamong(["a", "c"]) == board.among(["a", "c"])
        assert await board.asize() == 3
        assert await board.ahistory("a", 2) == board.history("a", 2)

        async def rows():
            for n in range(2500):
                yield n, n

        assert await board.arebuild(rows()) == 2500
        assert await board.arebuild([(1, 2)]) == 1
        await board.aclear()
        assert board.size() == 0

    asyncio.run(use())


@pytest.mark.parametrize("ties", ["competition", "dense", "first"])
def test_each_call_is_one_trip(configured, ties):
    board = Leaderboard("b", ties=ties, period="week")

    def calls():
        stats = link().call("INFO", "commandstats").decode()
        return sum(
            int(line.split("calls=")[1].split(",")[0])
            for line in stats.splitlines()
            if line.startswith(("cmdstat_evalsha:", "cmdstat_eval:"))
        )

    acts = [
        lambda: board.submit("a", 5), lambda: board.increment("a"), board.top,
        lambda: board.around("a"), lambda: board.standing("a"), lambda: board.standings(["a", "b"]),
        lambda: board.among(["a", "b"]), lambda: board.remove("a"), board.size,
    ]  # fmt: skip
    for act in acts:
        act()
    for act in acts:
        before = calls()
        act()
        assert calls() - before == 1


@pytest.mark.parametrize(
    "options",
    [
        {"name": "{}"}, {"period": "fortnight"}, {"time_zone": "Nowhere", "period": "day"},
        {"order": "up"}, {"ties": "none"}, {"half_life_s": 0}, {"half_life_s": float("nan")},
        {"half_life_s": True}, {"half_life_s": 60, "ties": "first"},
        {"half_life_s": 60, "period": "day"}, {"keep": -1}, {"keep": 1.5}, {"keep_periods": -1},
        {"on_error": "fallback"}, {"replicas": -1}, {"replicas": True},
    ],
)  # fmt: skip
def test_a_board_that_means_nothing_is_refused(options):
    with pytest.raises(RankingError):
        Leaderboard(**{"name": "b"} | options)


@pytest.mark.parametrize("score", [float("nan"), float("inf"), True, None, "5", 2**53])
def test_a_score_that_means_nothing_writes_nothing(configured, score):
    board = Leaderboard("b")
    for write in (board.submit, board.increment):
        with pytest.raises(RankingError, match="score"):
            write("a", score)
    with pytest.raises(RankingError, match="score"):
        board.submit_many({"a": 1, "b": score})
    assert board.size() == 0


def test_numbers_out_of_range_are_refused(configured):
    board = Leaderboard("b", period="day")
    asks = [
        lambda: board.top(0), lambda: board.top(-1), lambda: board.top(1001),
        lambda: board.top(1.5),
        lambda: board.page(-1), lambda: board.page(0, 0), lambda: board.page(True),
        lambda: board.around("a", -1), lambda: board.around("a", 501), lambda: board.past(-1),
        lambda: board.history("a", 0), lambda: board.standings("abc"),
        lambda: board.among(range(1001)), lambda: board.remove(*range(1001)),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(RankingError):
            ask()
    assert board.page(2**53, 1) == []


@pytest.mark.parametrize("ties", ["competition", "dense", "first"])
def test_something_else_under_its_keys_is_told(configured, ties):
    board = Leaderboard("b", ties=ties)
    board.submit("a", 1)
    (key,) = [k for k in link().call("KEYS", "*") if k.endswith(b":")]
    link().call("SET", key, "foreign")
    for act in (board.top, lambda: board.submit("a", 2), lambda: board.standing("a"), board.size):
        with pytest.raises(RankingStateError, match=r"praxis:ranking:\{b\}"):
            act()
    board.clear()
    assert board.submit("a", 1).rank == 1


@pytest.mark.parametrize(("ties", "beside"), [("dense", "x"), ("dense", "y"), ("first", "x")])
def test_something_else_beside_it_is_told(configured, ties, beside):
    board = Leaderboard("b", ties=ties)
    board.submit("a", 1)
    (key,) = link().call("KEYS", f"*:{beside}")
    link().call("SET", key, "foreign")
    with pytest.raises(RankingStateError, match="something else"):
        board.submit("b", 2)


def test_members_that_somebody_else_wrote_are_shown(configured):
    board = Leaderboard("b")
    board.submit("a", 1)
    (key,) = link().call("KEYS", "*")
    link().call("ZADD", key, "-inf", b"\xff", "5", "")
    assert [(e.member, e.score) for e in board.top()] == [
        ("\ufffd", float("inf")), ("a", 1), ("", -5),
    ]  # fmt: skip


def test_without_redis_it_raises(configured, server):
    configured(timeout_s=0.25)
    board = Leaderboard("b")
    server.kill()
    for act in (board.top, lambda: board.submit("a", 1), lambda: board.rebuild([("a", 1)])):
        with pytest.raises(RedisUnavailableError):
            act()


def test_or_is_empty_and_counts_what_it_dropped(configured, server):
    configured(timeout_s=0.25, on_error="open")
    heard = []
    stop = listen(RankingUnavailable, heard.append)
    board = Leaderboard("b", period="day")
    server.kill()
    try:
        assert board.submit("a", 1) is None
        assert board.submit_many({"a": 1, "b": 2}) == 0
        assert board.top() == board.around("a") == board.among(["a"]) == []
        assert (board.rank("a"), board.size(), board.remove("a")) == (None, 0, 0)
        assert board.standings(["a"]) == {"a": None}
        assert set(board.history("a").values()) == {None}
        assert asyncio.run(board.atop()) == []
        with pytest.raises(RedisUnavailableError):  # what is left of it would be no board
            board.rebuild([("a", 1)])
        with pytest.raises(RedisUnavailableError):
            board.clear()
    finally:
        stop()
    assert board.dropped == 4
    assert sum(event.dropped for event in heard) == 4
    assert {event.board for event in heard} == {"b"}


def test_a_hung_redis_costs_one_timeout(configured, server):
    configured(timeout_s=0.3, on_error="open")
    board = Leaderboard("b")
    board.submit("a", 1)
    server.pause()
    try:
        began = time.monotonic()
        assert [board.rank("a") for _ in range(20)] == [None] * 20
        took_s = time.monotonic() - began
    finally:
        server.resume()
    assert took_s < 20 * 0.3  # which each of them would cost


def test_a_sum_that_may_have_been_written_is_not_written_again(configured, server):
    configured(timeout_s=0.3)
    board = Leaderboard("b")
    board.increment("a")
    server.pause()
    with pytest.raises(RedisUnavailableError) as error:
        board.increment("a")
    server.resume()
    assert error.value.may_have_run
    deadline = time.monotonic() + 10
    while True:
        try:
            score = board.score("a")
        except RedisUnavailableError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
            continue
        break
    assert score == 2  # once: the server did it when it went on
