"""A look at some keys: few enough to harm nobody, enough to see what is common."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from praxis.doctor.redis.session import Server

_STEP = 100
#: Answers at most: SCAN may return none many times where few keys are left of many.
_STEPS = 200


@dataclass(slots=True)
class Sampled:
    """
    What was seen.

    Attributes:
        total: Keys in the database that was looked at.
        sizes: Key to bytes.
        lasting: Keys that have no end.
        kinds: How many keys there are of each type.
    """

    total: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    lasting: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def sample(server: Server) -> Sampled:
    """
    Some keys of the database that the site uses: `Limits.sampled_keys` at most.

    Walked with SCAN from the beginning, which is in the order of a hash and so as good as random.
    Of a large key only its first elements are weighed. The same for all checks of one session.
    """
    if "sample" not in server.kept:
        server.kept["sample"] = _look(server)
    seen: Sampled = server.kept["sample"]
    return seen


def _look(server: Server) -> Sampled:
    seen = Sampled(total=int(server.ask("DBSIZE")))
    cursor: str | int = 0
    for step in count(1):
        cursor, keys = server.ask("SCAN", cursor, "COUNT", _STEP)
        for key in keys:
            _weigh(server, key, seen)
            if len(seen.sizes) >= server.limits.sampled_keys:
                return seen
        if str(cursor) == "0" or step >= _STEPS:
            return seen
    return seen


def _weigh(server: Server, key: str, seen: Sampled) -> None:
    used = server.ask("MEMORY USAGE", key, "SAMPLES", 5)
    if used is None or key in seen.sizes:
        return  # gone meanwhile, or told twice
    seen.sizes[key] = int(used)
    seen.kinds[str(server.ask("TYPE", key))] += 1
    if int(server.ask("PTTL", key)) == -1:
        seen.lasting.append(key)
