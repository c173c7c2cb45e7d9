"""
What ranks, rows around a member and writes cost: praxis.rankings, its peer, and bare scripts.

``main`` starts a Redis, fills boards, gives every way its turns, and writes
``benchmarks/results/rankings.md``.
"""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Measure; see the module `comparison`."""
    from benchmarks.rankings.comparison import main

    main(arguments)
