import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from praxis.audit.baseline import Baseline
from praxis.audit.findings import Problem
from praxis.audit.outcome import Request
from praxis.audit.report.html import document

pytestmark = pytest.mark.usefixtures("rule")

VOID = {"meta", "input", "rect"}
STEPS = "def f():\n    x = '日本', bad('ü', step=1, rows=3)\n"


class Page(HTMLParser):
    """Reads a page, and insists that what is opened is closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.data = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"{tag} says something twice"
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"script", "style"}:
            self.data.append(data)

    def all(self, tag, **wanted):
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]

    @property
    def text(self):
        return " ".join(" ".join(self.data).split())


def page_of(outcome):
    return Page(document.dump(outcome))


@pytest.fixture
def page(outcome_of):
    return page_of(outcome_of({"shop/views.py": STEPS, "blog/views.py": "bad(1)\nbad(1, 2)\n"}))


def test_says_what_was_found_where_at_what_cost(page):
    for part in (
        "3 findings in 2 files", "2 can be mended by praxis fix , 1 more by praxis fix --unsafe",
        "Calls bad() with 1 arguments.", "shop/views.py:2", "TST901 call_of_bad", "1 + 3 queries",
        "bad is named here", "Safe fix call good()", "Unsafe fix call good()",
    ):  # fmt: skip
        assert part in page.text


def test_needs_nothing_from_elsewhere(page):
    for tag, attributes in page.tags:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert "src" not in attributes
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]


def test_lets_nothing_run_but_its_own_script(outcome_of):
    text = document.dump(outcome_of({"views.py": "bad(1)\n"}))
    (policy,) = Page(text).all("meta", **{"http-equiv": "Content-Security-Policy"})
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy["content"]
    assert policy["content"].startswith("default-src 'none';")


def test_every_link_inside_leads_somewhere_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    inside = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert inside <= set(ids)
    labelled = {a["aria-labelledby"] for _, a in page.tags if "aria-labelledby" in a}
    assert labelled <= set(ids)
    assert {a["for"] for a in page.all("label") if "for" in a} <= set(ids)


def test_has_landmarks_and_headings_in_order(page):
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))
    assert page.all("html") == [{"lang": "en"}]


def test_groups_by_app_the_costliest_first(outcome_of):
    files = {
        "blog/a.py": "bad(1)\n",
        "shop/b.py": "bad(1)\nbad(1, rows=9)\n",
        "manage.py": "bad(1)\n",
    }
    text = page_of(outcome_of(files)).text
    findings = text[text.index("Findings") :]
    order = [
        "shop 2 findings",
        "shop/b.py:2",
        "shop/b.py:1",
        "blog 1 finding",
        "blog/a.py:1",
        "top level",
    ]
    places = [findings.index(part) for part in order]
    assert places == sorted(places)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b[31m\u202e"


def test_hostile_names_code_and_comments_are_text(outcome_of):
    name = "a<b>&\"'<script>.py"
    code = f"x = {HOSTILE!a}, bad('</style></pre></code><script>', 1)\n"
    silenced = "bad(1)  # praxis: ignore[call_of_bad] <script>alert(1)</script>\n"
    outcome = outcome_of({f"<i>/{name}": code, "c.py": silenced + "x = 1  # praxis: ignore[<b>]\n"})
    outcome.problems.append(Problem(f"{HOSTILE}.py", 1, HOSTILE))
    page = page_of(outcome)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert not page.all("img")
    assert not page.all("i")
    assert not [a for a in page.all("b") if a]
    assert "<i>/a<b>&\"'<script>.py:1" in page.text
    assert "␛[31m" in page.text
    assert not re.search("[\x1b\u202e]", document.dump(outcome))


def test_a_chain_leads_from_the_cause_to_the_place(page):
    (chain,) = page.all("ol", **{"class": "chain"})
    assert chain["aria-label"] == "From the cause to the place"
    assert [a["class"] for a in page.all("li") if a.get("class", "").startswith("box")] == [
        "box", "box here",
    ]  # fmt: skip
    assert "Cause bad is named here" in page.text
    assert "Found here shop/views.py:2" in page.text


def test_explains_the_rules_that_spoke(page):
    assert page.all("details", id="rule-TST901")
    assert "It is bad." in page.text
    assert page.all("a", href="https://docs.djangoproject.com/en/stable/")


def test_a_project_without_findings_has_a_page(outcome_of):
    page = page_of(outcome_of({"views.py": "x = 1\n"}))
    assert "Nothing found" in page.text
    assert "100 of 100" in page.text
    assert not page.all("nav")


def test_tells_what_was_not_read_and_what_is_left_out(outcome_of):
    files = {
        "a.py": "x = 1\n(\n",
        "b.py": "bad(1)  # praxis: ignore[call_of_bad] the other one is worse\n",
        "c.py": "x = 1  # praxis: ignore\n",
        "d.py": "bad(1)\n",
    }
    known = Baseline.of(outcome_of({"d.py": "bad(1)\n"}).findings)
    text = page_of(outcome_of(files, request=Request(baseline=known))).text
    for part in (
        "Nothing found, but 1 problem", "a.py:2 not read", "the other one is worse",
        "c.py:1 this comment silences nothing", "Not shown: 1 known to the baseline.",
    ):  # fmt: skip
        assert part in text


def test_is_bounded_and_says_what_it_leaves_out(outcome_of, monkeypatch):
    monkeypatch.setattr(document, "MAX_WITH_CODE", 3)
    monkeypatch.setattr(document, "MAX_LISTED", 5)
    page = page_of(outcome_of({"views.py": "bad(1)\n" * 8}))
    assert "8 findings in 1 file" in page.text
    assert "of the other 5 it is not shown" in page.text
    assert "3 findings, the cheapest ones, are not listed at all." in page.text
    articles = page.all("article")
    assert len(articles) == 5
    assert len(page.all("summary", **{"class": "head"})) == 3


def test_ten_thousand_findings_give_a_page_that_opens(outcome_of):
    text = document.dump(outcome_of({"views.py": "bad(1, step=1, rows=3)\n" * 10_500}))
    assert len(text) < 10_000_000
    assert text.count("<article") == 10_000


def test_a_part_of_a_project_is_told_as_one(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)\n", "b.py": "x\n"}, within=("a.py",))
    assert "of which a.py 1 file of a project of 2 files" in page_of(outcome).text


def test_two_runs_make_the_same_page(outcome_of):
    files = {"a.py": STEPS, "b.py": "bad(1)\n"}

    def page():
        return re.sub(r"read in [\d.]+ s", "", document.dump(outcome_of(files)))

    assert page() == page()


# The style.


def colours():
    css = (Path(document.__file__).parent / "page.css").read_text()
    return {
        name: pair
        for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", css)
    }


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXTS = {
    "page": ("ink", "faint", "accent", "error", "warning"),
    "card": ("ink", "faint", "accent", "error", "warning", "note"),
    "well": ("ink", "faint", "keyword", "string", "number", "name"),
    "found": ("ink", "keyword", "string", "number", "name"),
    "in": ("ink",),
    "out": ("ink",),
    "in-mark": ("ink",),
    "out-mark": ("ink",),
}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ground", "text"), [(ground, text) for ground, texts in TEXTS.items() for text in texts]
)
def test_text_can_be_read_on_its_ground(scheme, ground, text):
    palette = colours()
    assert contrast(palette[text][scheme], palette[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_what_can_be_used_stands_out_from_its_ground(scheme):
    palette = colours()
    assert contrast(palette["strong-line"][scheme], palette["card"][scheme]) >= 3
    assert contrast(palette["accent"][scheme], palette["page"][scheme]) >= 3


def test_assets_cannot_end_their_element():
    for name in ("page.css", "page.js"):
        assert "</" not in (Path(document.__file__).parent / name).read_text()
