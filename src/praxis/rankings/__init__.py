"""
Rankings, counters and trending lists, in all processes together.

    from praxis.rankings import Leaderboard

    weekly = Leaderboard("weekly", period="week")
    weekly.increment(user.pk, 10).rank
    weekly.top(10)

`ranked` keeps a board in step with a model.
"""

from praxis.errors import RankingError, RankingStateError
from praxis.rankings.counters import Counter, UniqueCount
from praxis.rankings.following import Following, follow, ranked
from praxis.rankings.leaderboard import Leaderboard
from praxis.rankings.sharded import ShardedLeaderboard
from praxis.rankings.standings import Entry, Standing
from praxis.rankings.trending import Trending

__all__ = [
    "Counter",
    "Entry",
    "Following",
    "Leaderboard",
    "RankingError",
    "RankingStateError",
    "ShardedLeaderboard",
    "Standing",
    "Trending",
    "UniqueCount",
    "follow",
    "ranked",
]
