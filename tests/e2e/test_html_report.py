"""The HTML report in a real browser: as it is, without script, small, in the dark, on paper."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.chromium import browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report on the shop, and on a project that wants to break out of it."""
    folder = tmp_path_factory.mktemp("reports")
    nasty = folder / "nasty" / "<img src=x onerror=alert(1)>"
    nasty.mkdir(parents=True)
    (folder / "nasty" / "manage.py").touch()
    (nasty / "views.py").write_text(
        f'import requests\n\n\ndef f():\n    """{HOSTILE}"""\n'
        f"    return requests.get({HOSTILE!r})  # {HOSTILE}\n"
    )
    made = {}
    for name, project in (("shop", ROOT / "examples/shop"), ("nasty", folder / "nasty")):
        made[name] = folder / f"{name}.html"
        arguments = [str(project), "--format=html", f"--output={made[name]}", "--no-cache"]
        subprocess.run(
            [sys.executable, "-m", "praxis", "check", "--exit-zero", *arguments],
            check=True,
            capture_output=True,
        )
    return made


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def shop(reports, tab):
    tab.call("Emulation.setScriptExecutionDisabled", value=False)
    tab.call("Emulation.setEmulatedMedia", media="", features=[])
    tab.resize(1300)
    tab.events.clear()
    tab.open(reports["shop"])
    tab.ask("localStorage.clear()")
    return tab


VISIBLE = "[...document.querySelectorAll('.finding')].filter(f => f.checkVisibility()).length"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"
OPEN = "document.querySelectorAll('.finding details[open]').length"


def test_opens_without_a_complaint(shop):
    assert shop.ask(VISIBLE) > 50
    assert shop.complaints() == []


def test_nothing_of_the_audited_code_runs(reports, tab):
    tab.events.clear()
    tab.open(reports["nasty"])
    assert tab.ask(VISIBLE) == 1
    assert HOSTILE[:20] in tab.ask("document.querySelector('.finding .code').textContent")
    assert tab.ask("document.querySelectorAll('img').length") == 0
    assert tab.complaints() == []


def test_the_filter_leaves_what_has_all_words(shop):
    everything = shop.ask(VISIBLE)
    shop.press("/")
    assert shop.ask("document.activeElement.id") == "filter"
    shop.call("Input.insertText", text="ORM101 catalogue")
    shop.wait_for(f"{VISIBLE} < {everything}")  # it waits for the end of the typing
    left = shop.ask(VISIBLE)
    assert left > 0
    assert shop.ask("document.getElementById('shown').textContent") == f"{left} of {everything}"
    shop.press("Escape")
    assert shop.ask(VISIBLE) == everything


def test_a_tile_filters_by_its_subject(shop):
    shop.ask("document.querySelector('[data-filter=settings]').click()")
    rules = "[...document.querySelectorAll('.finding')].filter(f => f.checkVisibility())"
    codes = shop.ask(f"{rules}.map(f => f.querySelector('.rule b').textContent)")
    assert codes
    assert {code[:2] for code in codes} <= {"SE", "MW", "CA"}


def test_the_keys_go_through_the_findings(shop):
    shop.press("j")
    shop.press("j")
    shop.press("j")
    shop.press("j")
    shop.press("k")
    assert (
        shop.ask(
            "[...document.querySelectorAll('.finding')].indexOf(document.querySelector('.current'))"
        )
        == 2
    )
    assert shop.ask("document.activeElement.matches('.current summary')")
    before = shop.ask(OPEN)
    shop.press("o")
    assert abs(shop.ask(OPEN) - before) == 1
    shop.press("a")
    assert shop.ask(OPEN) == shop.ask("document.querySelectorAll('.finding details').length")


def test_a_link_to_a_rule_opens_it(shop):
    shop.ask("document.querySelector('a[href=\"#rule-ORM101\"]').click()")
    shop.wait_for("document.getElementById('rule-ORM101').open")


def test_is_light_or_dark_as_wished(shop):
    def prefer(scheme):
        shop.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    prefer("light")
    light = shop.ask(BACKGROUND)
    prefer("dark")
    dark = shop.ask(BACKGROUND)
    assert light != dark
    shop.ask("document.querySelector('input[value=light]').click()")
    assert shop.ask(BACKGROUND) == light
    shop.reload()
    assert shop.ask(BACKGROUND) == light


@pytest.mark.parametrize("width", [320, 390, 768, 1000, 1300])
def test_never_scrolls_sideways(shop, width):
    shop.resize(width)
    shop.press("a")
    assert shop.ask("document.documentElement.scrollWidth") <= width


def test_all_is_there_without_script(reports, shop):
    shop.call("Emulation.setScriptExecutionDisabled", value=True)
    shop.call("Page.navigate", url=reports["shop"].as_uri())
    while shop.ask("document.readyState") != "complete":  # promises would never be kept
        time.sleep(0.05)
    everything = shop.ask(VISIBLE)
    assert everything > 50
    assert not shop.ask("document.querySelector('.search').checkVisibility()")
    shop.ask("document.getElementById('show-note').click()")
    assert 0 < shop.ask(VISIBLE) < everything
    shop.ask("document.querySelector('input[value=dark]').click()")
    assert shop.ask(BACKGROUND) == "rgb(20, 24, 26)"


def test_prints_everything(shop):
    shop.call("Emulation.setEmulatedMedia", media="print")
    assert not shop.ask("document.querySelector('nav').checkVisibility()")
    closed = "document.querySelector('.finding details:not([open]) .code')"
    assert shop.ask(f"{closed}.checkVisibility({{contentVisibilityAuto: true}})")
