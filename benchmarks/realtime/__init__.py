"""
What a client costs, how quickly all of them hear, and what is lost: praxis.realtime and its peers.

``main`` starts a Redis and a server for each way, and writes ``benchmarks/results/realtime.md``.
"""

from benchmarks.realtime.comparison import main

__all__ = ["main"]
