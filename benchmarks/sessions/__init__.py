"""
What a session costs, and what requests that overlap lose: praxis.sessions and Django's engines.

``main`` starts a Redis, gives each engine its turns, and writes ``benchmarks/results/sessions.md``.
"""

from benchmarks.sessions.comparison import main

__all__ = ["main"]
