import math

import pytest

from praxis.prove.comparison import Comparison, Figures, PageResult
from praxis.prove.load import Page, Sample
from praxis.prove.report import Section, write_report


def result(name="Home", before=100, after=4):
    return PageResult(
        Page(name, "/home/?a=1&b=2"),
        Figures(before, 80.0, 120.5, 50.0, 150),
        Figures(after, 10.0, 15.0, 400.0, 1200),
    )


def comparison(*results):
    return Comparison("before", "mended", results, rounds=3, clients=4, duration_s=1.0)


def test_a_sample_tells_median_95th_percentile_and_rate():
    taken = Sample(tuple(number / 1000 for number in range(1, 101)), 2.0)
    assert math.isclose(taken.median_ms, 50.5)
    assert math.isclose(taken.p95_ms, 95.05)
    assert taken.per_second == 50.0


def test_a_sample_of_one_request_has_figures_too():
    taken = Sample((0.25,), 0.25)
    assert taken.median_ms == taken.p95_ms == 250.0


def test_the_gain_is_the_ratio_of_requests_a_second():
    assert result().speedup == 8.0


def test_the_report_has_every_figure_and_chart(tmp_path):
    path = tmp_path / "deep" / "report.html"
    write_report(path, "Shop <1>", comparison(result(), result("Cart", 9, 9)))
    text = path.read_text()
    for words in ("Shop &lt;1&gt;", "<td>100<td>4", "8.0×", "109 → 13", "/home/?a=1&amp;b=2"):
        assert words in text
    assert text.count("<svg") == 4
    assert "http" not in text.replace("http-equiv", "")


def test_sections_stand_below_the_figures(tmp_path):
    path = tmp_path / "report.html"
    write_report(path, "Shop", comparison(result()), [Section("What & why", "<p>because")])
    assert path.read_text().index("What &amp; why") > path.read_text().index("<svg")


@pytest.mark.parametrize("after", [0, 1])
def test_a_page_without_queries_is_drawn_all_the_same(tmp_path, after):
    write_report(tmp_path / "report.html", "Shop", comparison(result("Home", 0, after)))
    assert "nan" not in (tmp_path / "report.html").read_text()
