"""
What one decision costs, and how exact it is: praxis.ratelimit, its peers, and a bare round trip.

``main`` starts a Redis, gives every way its turns, and writes ``benchmarks/results/ratelimit.md``.
"""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Measure; see the module `comparison`."""
    from benchmarks.ratelimit.comparison import main  # the hammering processes need none of it

    main(arguments)
