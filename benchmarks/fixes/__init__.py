"""
What `praxis fix` is worth on real projects: their own tests before and after, and their queries.

`projects.toml` lists them. Each is fetched by pip, filled with made-up rows, and every page that
needs no more than the key of the first row is asked for, before and after the fix.
"""

from benchmarks.fixes.measurement import main

__all__ = ["main"]
