"""The ways to ask and to write, each on a board of its own with the same scores."""

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

#: Scores are points of a game: many members share each of the lower ones.
SCORES, AROUND, TOP, BATCH = 200_000, 5, 100, 1000
TIES = ("competition", "dense", "first")
SHARDS = 16
Act = Callable[[], Any]

#: What one script has to do, at the least, for a rank with score and size.
RANK = """
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
return {score, redis.call('ZCOUNT', KEYS[1], '(' .. score, '+inf'), redis.call('ZCARD', KEYS[1])}
"""
ROWS_AROUND = """
local place = redis.call('ZREVRANK', KEYS[1], ARGV[1])
local first = math.max(place - ARGV[2], 0)
local rows = redis.call('ZREVRANGE', KEYS[1], first, place + ARGV[2], 'WITHSCORES')
return {first, redis.call('ZCOUNT', KEYS[1], '(' .. rows[2], '+inf'), rows}
"""
FIRST = "return redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1], 'WITHSCORES')"
WRITE = """
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
return {redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[2], '+inf'), redis.call('ZCARD', KEYS[1])}
"""


def rows(members: int) -> Iterator[tuple[str, int]]:
    """Members and scores, the same each time."""
    chance = random.Random(4)
    for number in range(members):
        yield f"user:{number}", int(chance.paretovariate(1.2) * 1000) % SCORES


class Boards:
    """
    The boards of all ways.

    Args:
        url: Of the server.
        members: How many there are on each.
    """

    def __init__(self, url: str, members: int) -> None:
        import redis
        from leaderboard.competition_ranking_leaderboard import CompetitionRankingLeaderboard

        from praxis.rankings import Leaderboard, ShardedLeaderboard

        self.client = redis.Redis.from_url(url)
        self.members = members
        self.own = {ties: Leaderboard(f"own {ties}", ties=ties) for ties in TIES}
        self.sharded = ShardedLeaderboard("own", shards=SHARDS)
        self.peer = CompetitionRankingLeaderboard("raw", connection=redis.Redis.from_url(url))
        chance = random.Random(5)
        self._some = [f"user:{chance.randrange(members)}" for _ in range(1009)]

    def fill(self) -> dict[str, float]:
        """Put the members on all of them; seconds for each way."""
        import time

        took_s = {}
        acts: dict[str, Callable[[], Any]] = {
            "redis-py, ZADD of 1,000": self._fill_raw,
            **{
                f"praxis {ties}, rebuild()": lambda board=board: board.rebuild(rows(self.members))
                for ties, board in self.own.items()
            },
            f"praxis, {SHARDS} shards, rebuild()": lambda: self.sharded.rebuild(rows(self.members)),
        }
        for way, act in acts.items():
            began = time.perf_counter()
            act()
            took_s[way] = time.perf_counter() - began
        return took_s

    def _fill_raw(self) -> None:
        source = rows(self.members)
        while part := dict(itertools.islice(source, BATCH)):
            self.client.zadd("raw", part)

    def member(self) -> Callable[[], str]:
        return itertools.cycle(self._some).__next__

    def groups(self) -> dict[str, dict[str, Act]]:
        """What is measured: titles, ways, and what each does."""
        member, client, peer, sharded = self.member(), self.client, self.peer, self.sharded
        rank, around, first, write = (
            client.script_load(text) for text in (RANK, ROWS_AROUND, FIRST, WRITE)
        )
        score = itertools.cycle(range(SCORES)).__next__
        own = self.own.items()
        return {
            "Rank, score and size of a member": {
                "redis-py, one script": lambda: client.evalsha(rank, 1, "raw", member()),
                **{
                    f"praxis {ties}": lambda board=board: board.standing(member())
                    for ties, board in own
                },
                f"praxis, {SHARDS} shards": lambda: sharded.standing(member()),
                "leaderboard": lambda: peer.score_and_rank_for(member()),
            },
            f"A member and {AROUND} before and after it": {
                "redis-py, one script": lambda: client.evalsha(around, 1, "raw", member(), AROUND),
                **{
                    f"praxis {ties}": lambda board=board: board.around(member(), AROUND)
                    for ties, board in own
                },
                f"praxis, {SHARDS} shards": lambda: sharded.around(member(), AROUND),
                "leaderboard": lambda: peer.around_me(member(), page_size=2 * AROUND + 1),
            },
            f"The first {TOP}": {
                "redis-py, one script": lambda: client.evalsha(first, 1, "raw", TOP - 1),
                **{f"praxis {ties}": lambda board=board: board.top(TOP) for ties, board in own},
                f"praxis, {SHARDS} shards": lambda: sharded.top(TOP),
                "leaderboard": lambda: peer.leaders(1, page_size=TOP),
            },
            "A new score, and the rank that it has": {
                "redis-py, one script": lambda: client.evalsha(write, 1, "raw", member(), score()),
                **{
                    f"praxis {ties}": lambda board=board: board.submit(member(), score())
                    for ties, board in own
                },
                f"praxis, {SHARDS} shards, without a rank": lambda: sharded.submit(
                    member(), score()
                ),
            },
        }

    def memory(self) -> dict[str, float]:
        """Bytes a member, of all keys of a board."""
        from praxis.redis import link

        found = {}
        for way, pattern in {
            "redis-py": "raw",
            **{f"praxis {ties}": f"praxis:ranking:{{own {ties}}}*" for ties in TIES},
            f"praxis, {SHARDS} shards": "praxis:ranking:{own:*",
        }.items():
            keys = link().call("KEYS", pattern)
            sizes = [link().call("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys]
            found[way] = sum(sizes) / self.members
        return found

    def fading(self) -> dict[str, float]:
        """Milliseconds of a usual write to a board that fades, and of one that scales all of it."""
        import time

        from praxis.rankings import Leaderboard
        from praxis.redis import link

        board = Leaderboard("fading", half_life_s=3600)
        board.rebuild(rows(self.members))
        (landmark,) = link().call("KEYS", "praxis:ranking:{fading}*:l")
        took = []
        for _ in range(2):
            began = time.perf_counter()
            while True:
                try:
                    board.increment("user:1")
                except Exception:  # noqa: BLE001 - it waits for longer than a call may take
                    time.sleep(0.1)
                    continue
                break
            took.append((time.perf_counter() - began) * 1000)
            past = int(float(link().call("GET", landmark))) - 901 * 3_600_000_000
            link().call("SET", landmark, past)
        return {"a usual write": took[0], "one that scales the board": took[1]}
