"""The measured difference as one HTML file: no network, light and dark, readable when printed."""

import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

from praxis.prove.comparison import Comparison, Figures, PageResult


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report that the caller supplies; *body* is HTML."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True)
class _Chart:
    """One figure of every page, before and after."""

    heading: str
    unit: str
    less_is_better: bool
    of: Callable[[Figures], float]


_CHARTS = (
    _Chart("Queries a page", "", True, lambda figures: figures.queries),
    _Chart("Median latency", "ms", True, lambda figures: figures.median_ms),
    _Chart("95th percentile latency", "ms", True, lambda figures: figures.p95_ms),
    _Chart("Requests a second", "/s", False, lambda figures: figures.per_second),
)
_BAR_WIDTH, _LABEL_WIDTH, _ROW_HEIGHT = 300, 118, 46


def write_report(
    path: Path, title: str, comparison: Comparison, sections: Sequence[Section] = ()
) -> None:
    """Write the report to *path*; an existing file is replaced."""
    style = files("praxis.prove").joinpath("report.css").read_text(encoding="utf-8")
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=how>{escape(_how(comparison))}</p>",
        _headline(comparison),
        _table(comparison),
        f"<div class=charts>{''.join(_chart(chart, comparison) for chart in _CHARTS)}</div>",
    ]
    body += [
        f"<section><h2>{escape(section.heading)}</h2>{section.body}</section>"
        for section in sections
    ]
    page = (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _how(comparison: Comparison) -> str:
    return (
        f"Each page: {comparison.clients} clients at once, {comparison.duration_s:g} s on each "
        f"version in turn, {comparison.rounds} times; medians of these. "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{_cores()} cores. Client and sites share the machine: trust the ratios, not the "
        "absolute figures."
    )


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _headline(comparison: Comparison) -> str:
    before = sum(result.before.queries for result in comparison.results)
    after = sum(result.after.queries for result in comparison.results)
    speedups = sorted(result.speedup for result in comparison.results)
    middle = speedups[len(speedups) // 2]
    cards = (
        (f"{before} → {after}", "queries for one visit of every page"),
        (f"{middle:.1f}×", "requests a second, the middle page"),
        (f"{speedups[-1]:.1f}×", "requests a second, the page that gained most"),
    )
    inner = "".join(f"<div><b>{figure}</b><span>{text}</span></div>" for figure, text in cards)
    return f"<div class=cards>{inner}</div>"


def _table(comparison: Comparison) -> str:
    rows = "".join(_row(result) for result in comparison.results)
    return (
        "<div class=scroll><table><thead><tr><th rowspan=2>Page<th colspan=2>Queries"
        "<th colspan=2>Median, ms<th colspan=2>95 %, ms<th colspan=2>Requests/s<th rowspan=2>Gain"
        "</tr><tr>" + f"<th>{escape(comparison.before)}<th>{escape(comparison.after)}" * 4 + "</tr>"
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _row(result: PageResult) -> str:
    before, after = result.before, result.after
    cells = (
        f"{before.queries}<td>{after.queries}",
        f"{before.median_ms:.1f}<td>{after.median_ms:.1f}",
        f"{before.p95_ms:.1f}<td>{after.p95_ms:.1f}",
        f"{before.per_second:.0f}<td>{after.per_second:.0f}",
        f"<b>{result.speedup:.1f}×</b>",
    )
    name = f"{escape(result.page.name)} <code>{escape(result.page.path)}</code>"
    return f"<tr><th scope=row>{name}<td>" + "<td>".join(cells) + "</tr>"


def _chart(chart: _Chart, comparison: Comparison) -> str:
    longest = max(
        max(chart.of(result.before), chart.of(result.after)) for result in comparison.results
    )
    rows = "".join(
        _bars(chart, result, index * _ROW_HEIGHT, longest or 1)
        for index, result in enumerate(comparison.results)
    )
    width = _LABEL_WIDTH + _BAR_WIDTH + 70
    height = len(comparison.results) * _ROW_HEIGHT
    direction = "less is better" if chart.less_is_better else "more is better"
    return (
        f"<figure><figcaption>{chart.heading} <small>{direction}</small>"
        f"<span class=key><i class=before></i>{escape(comparison.before)}"
        f"<i class=after></i>{escape(comparison.after)}</span></figcaption>"
        f'<svg viewBox="0 0 {width} {height}" role=img aria-label="{chart.heading}">{rows}</svg>'
        "</figure>"
    )


def _bars(chart: _Chart, result: PageResult, top: int, longest: float) -> str:
    parts = [f"<text x=0 y={top + 26}>{escape(result.page.name)}</text>"]
    for kind, figures, offset in (("before", result.before, 5), ("after", result.after, 23)):
        value = chart.of(figures)
        length = max(1.0, value / longest * _BAR_WIDTH)
        label = f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
        parts.append(
            f"<rect class={kind} x={_LABEL_WIDTH} y={top + offset} width={length:.1f} height=14 "
            f"rx=2 /><text class=figure x={_LABEL_WIDTH + length + 6:.1f} y={top + offset + 12}>"
            f"{label} {chart.unit}</text>"
        )
    return "".join(parts)
