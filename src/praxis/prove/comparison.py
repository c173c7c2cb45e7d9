"""Two versions of a site held against each other, page by page, in turn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from praxis.errors import MeasureError
from praxis.prove.load import Page, Sample, count_queries, sample
from praxis.prove.site import Site


@dataclass(frozen=True, slots=True)
class Figures:
    """One page of one version: statements, and the median over the rounds of each figure."""

    queries: int
    median_ms: float
    p95_ms: float
    per_second: float
    requests: int


@dataclass(frozen=True, slots=True)
class PageResult:
    """One page of both versions."""

    page: Page
    before: Figures
    after: Figures

    @property
    def speedup(self) -> float:
        """How many times as many requests a second the second version serves."""
        return self.after.per_second / self.before.per_second


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured, and how."""

    before: str
    after: str
    results: tuple[PageResult, ...]
    rounds: int
    clients: int
    duration_s: float


def compare(
    before: Site,
    after: Site,
    pages: Sequence[Page],
    *,
    sessions: Mapping[str, Mapping[str, Mapping[str, str]]] | None = None,
    rounds: int = 3,
    clients: int = 4,
    duration_s: float = 1.0,
    progress: Callable[[Page], None] | None = None,
) -> Comparison:
    """
    Measure each page on both sites, which must be running.

    The sites take turns, and the order flips every round, so that whatever else the machine
    does meets both. The first request of each page on each site counts its statements and
    warms it; it is not timed.

    Args:
        before: The first version.
        after: The second version, on the same data.
        pages: At least one.
        sessions: Site name to user to cookies, for pages that name a user.
        rounds: Rounds a page; at least 1.
        clients: Requests under way at once; at least 1.
        duration_s: Seconds a page, site and round.
        progress: Called with each page before it is measured.

    Raises:
        MeasureError: if a page does not answer with status 200, or the sites share a name.
    """
    if before.name == after.name:
        raise MeasureError(f"both sites are called {before.name!r}: give them different names")
    results = []
    for page in pages:
        if progress is not None:
            progress(page)
        cookies = {
            site.name: (sessions or {}).get(site.name, {}).get(page.user, {})
            for site in (before, after)
        }
        queries = {}
        for site in (before, after):
            count_queries(site.url, page, cookies[site.name])  # warms caches and imports
            queries[site.name] = count_queries(site.url, page, cookies[site.name])
        samples: dict[str, list[Sample]] = {before.name: [], after.name: []}
        for number in range(rounds):
            for site in (before, after) if number % 2 == 0 else (after, before):
                samples[site.name].append(
                    sample(
                        site.url,
                        page,
                        cookies[site.name],
                        clients=clients,
                        duration_s=duration_s,
                    )
                )
        results.append(
            PageResult(
                page,
                _figures(queries[before.name], samples[before.name]),
                _figures(queries[after.name], samples[after.name]),
            )
        )
    return Comparison(before.name, after.name, tuple(results), rounds, clients, duration_s)


def _figures(queries: int, samples: Sequence[Sample]) -> Figures:
    return Figures(
        queries=queries,
        median_ms=median(taken.median_ms for taken in samples),
        p95_ms=median(taken.p95_ms for taken in samples),
        per_second=median(taken.per_second for taken in samples),
        requests=sum(len(taken.times_s) for taken in samples),
    )
