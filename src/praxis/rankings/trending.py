"""What is wanted just now: a ranking whose scores fade."""

from praxis.rankings.asking import OnError
from praxis.rankings.leaderboard import Leaderboard
from praxis.rankings.scores import Member


class Trending(Leaderboard):
    """
    A list of what happens most, in which what happened long ago counts little.

        searched = Trending("searched", half_life_s=3600)
        searched.hit("blue shoes")
        searched.top(10)

    A hit of now counts 1, one of a half-life ago 1/2, one of two 1/4. Nothing is rewritten as time
    goes by: later hits weigh more instead. After 900 half-lives all scores are scaled at once: with
    a million members that takes Redis about five seconds, with the usual *keep* a twentieth of one.
    What counts less than 1e-30 then is forgotten.

    Args:
        name: Of the list; see `Leaderboard`.
        half_life_s: After so many seconds a hit counts half; from 1.
        keep: How many are kept; of more the last ones are forgotten. 0 for all.
        on_error: What becomes of calls while Redis does not answer.
        redis: The alias of the server; None for the one in the settings.
    """

    def __init__(
        self,
        name: str,
        *,
        half_life_s: float = 86_400.0,
        keep: int = 10_000,
        on_error: OnError | None = None,
        redis: str | None = None,
    ) -> None:
        super().__init__(name, half_life_s=half_life_s, keep=keep, on_error=on_error, redis=redis)

    def hit(self, member: Member, weight: float = 1) -> None:
        """Count one, or something of another weight."""
        self.increment(member, weight)

    async def ahit(self, member: Member, weight: float = 1) -> None:
        """Do as `hit` does."""
        await self.aincrement(member, weight)
