"""What became of the tests of one module; the report is made of these."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Run:
    """
    Attributes:
        tests: How many were run.
        skipped: How many of them the database cannot run.
        failures: How each one that failed ended, by its name.
        fewer_queries: Those that failed for having made fewer queries than they count on, and
            for nothing else.
        told: What our own checks found: entries that were stale or not read back as they were.
        warnings: What the cache logged, with how often.
        counts: See `inside.counting` and `inside.replay`.
    """

    tests: int = 0
    skipped: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    fewer_queries: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
