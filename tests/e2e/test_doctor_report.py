"""The doctor's page in a real browser: whole, small, in the dark, and nothing in it runs."""

import pytest

from praxis.doctor.report import html
from tests.e2e.chromium import browser
from tests.unit.doctor.cases import HOSTILE, examination

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doctor")
    (folder / "report.html").write_text(html.dump(examination()), "utf-8")
    with browser(folder) as tab:
        tab.open(folder / "report.html")
        yield tab


def test_shows_the_findings_and_runs_nothing(page):
    assert page.ask("document.querySelectorAll('.finding').length") == 1
    assert HOSTILE[:20] in page.ask("document.querySelector('.finding pre').textContent")
    assert page.ask("document.scripts.length") == 0
    assert page.complaints() == []


def test_its_own_style_is_allowed(page):
    assert page.ask("getComputedStyle(document.querySelector('.finding')).borderLeftWidth") == "4px"


def test_fits_a_telephone(page):
    page.resize(390)
    assert page.ask("document.documentElement.scrollWidth") == 390
    page.resize(1300)


def test_is_dark_where_the_reader_wants_it(page):
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.ask(colour)
    page.call(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}]
    )
    assert page.ask(colour) != light
