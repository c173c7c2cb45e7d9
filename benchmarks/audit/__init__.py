"""
``praxis check`` against the linters that know Django, on three real projects.

Also against `ast.parse` alone: the least that any auditor in Python has to spend.
"""

from benchmarks.audit.comparison import main

__all__ = ["main"]
