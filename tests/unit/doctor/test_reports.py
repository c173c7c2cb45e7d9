import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO

from rich.console import Console

from praxis.doctor import Examination
from praxis.doctor.report import html, text
from praxis.doctor.report import json as json_report
from tests.unit.doctor.cases import HOSTILE, examination


def printed(wanted, **options):
    stream = StringIO()
    console = Console(file=stream, width=70, highlight=False, markup=False, emoji=False)
    text.write(wanted, console, **options)
    return stream.getvalue()


def test_text_says_what_where_and_how_to_mend_it():
    lines = printed(examination()).splitlines()
    assert lines[0] == "redis://cache:6379/0  1 finding"
    assert lines[1] == "  CACHES['default']"
    assert "error  CACHE112 eviction" in lines
    assert "    maxmemory: 0" in lines
    assert "    CONFIG REWRITE" in lines
    assert "  redis://cache:6379/0: big_keys: no right to SCAN" in lines
    assert "2 more of the same are not shown." in lines
    assert "Asked 1 server 3 questions in 1.2 s. Nothing was changed." in " ".join(lines)


def test_quiet_text_leaves_the_verdict_out():
    assert "Asked" not in printed(examination(), quiet=True)


def test_nothing_found_is_said():
    assert "Nothing found." in printed(Examination([]))


def test_nothing_that_a_server_answered_reaches_the_terminal_or_the_page_as_it_is():
    assert "\x1b" not in printed(examination())
    page = html.dump(examination())
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_no_report_holds_a_password():
    for report in (
        printed(examination()),
        json_report.dump(examination()),
        html.dump(examination()),
    ):
        assert "secret-word" not in report


def test_json_holds_everything():
    document = json.loads(json_report.dump(examination()))
    assert document["servers"][0] == {
        "server": "redis",
        "where": "redis://cache:6379/0",
        "names": ["CACHES['default']"],
        "uses": [],
        "reached": True,
    }
    [finding] = document["findings"]
    assert finding["severity"] == "error"
    assert finding["evidence"][0] == {"name": "a name", "value": HOSTILE}
    assert finding["remedies"][0]["kind"] == "redis-cli"
    assert document["unanswered"] == [
        {"where": "redis://cache:6379/0", "check": "big_keys", "reason": "no right to SCAN"}
    ]


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.addresses = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "style")]

    def handle_startendtag(self, tag, attrs):
        """Elements without an end."""

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            self.wrong.append(tag)


def test_the_page_is_whole_fetches_nothing_and_allows_its_own_style_alone():
    page = html.dump(examination())
    tags = _Tags()
    tags.feed(page.replace("<!doctype html>", ""))
    assert (tags.open, tags.wrong, tags.addresses) == ([], [], [])
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{digest}&#x27;" in page
    assert "url(" not in style
    assert "@import" not in style
