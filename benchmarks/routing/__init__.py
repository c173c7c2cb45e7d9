"""
What is read from replicas, and how often it is wrong: praxis.databases and other routers.

``main`` starts a primary with two replicas, one of them two seconds late, lets each router serve
the same visitors in a process of its own, and writes ``benchmarks/results/routing.md``.
"""

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> None:
    """Measure; see the module `comparison`."""
    from benchmarks.routing.comparison import main  # the processes that serve need none of it

    main(arguments)
