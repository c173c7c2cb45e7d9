"""Every rule keeps the promises of its page: the layout, and what its examples say of it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from praxis.audit import registry
from tests.audit_cases import audit_files, split_files

SECTIONS = ("Why", "Bad", "Good", "Fix", "Misses", "When to ignore it", "Source")
RULES = registry.rules()
TESTS = Path(__file__).parent
_SECTION = re.compile(r"^## (?P<title>.+?)\s*$", re.MULTILINE)
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(rule):
    """Title to text, in order; the text before the first title under ""."""
    parts = _SECTION.split(rule.doc)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def blocks(rule, title):
    default = {"python": "shop/views.py", "html": "shop/templates/shop/page.html"}
    for match in _BLOCK.finditer(sections(rule).get(title, "")):
        path = default[match["language"]]
        yield pytest.param(rule, match["code"], path, id=f"{rule.name}-{match.start()}")


def every_block(title):
    return [block for rule in RULES for block in blocks(rule, title)]


def by_name(rule):
    return rule.name


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_page_has_its_sections_in_order(rule):
    assert tuple(title for title in sections(rule) if title) == SECTIONS
    assert rule.summary, "the page begins with what the rule flags"
    assert all(text.strip() for text in sections(rule).values())
    assert re.search(r"https?://\S+", sections(rule)["Source"])
    assert re.search(r"\b(safe|unsafe|none|no fix)\b", sections(rule)["Fix"], re.IGNORECASE)


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_page_has_bad_and_good_examples(rule):
    assert list(blocks(rule, "Bad"))
    assert list(blocks(rule, "Good"))


@pytest.mark.parametrize(("rule", "code", "path"), every_block("Bad"))
def test_bad_example_is_flagged(rule, code, path):
    result = audit_files(split_files(code, path), (rule.code,))
    assert not result.problems
    assert result.findings, "the rule does not flag its own bad example"
    assert {finding.code for finding in result.findings} == {rule.code}
    for finding in result.findings:
        assert finding.message.endswith("."), "a message is a sentence or two"
        assert "\n" not in finding.message


@pytest.mark.parametrize(("rule", "code", "path"), every_block("Good"))
def test_good_example_is_not_flagged(rule, code, path):
    result = audit_files(split_files(code, path), (rule.code,))
    assert not result.problems
    assert [(str(found.place), found.message) for found in result.findings] == []


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_rule_lies_in_the_folder_of_its_subject_and_has_a_test(rule):
    expected = f"praxis.audit.rules.{rule.subject}.{rule.name}"
    assert rule.check.__module__ == expected
    assert (TESTS / rule.subject / f"test_{rule.name}.py").is_file()


@pytest.mark.parametrize("rule", RULES, ids=by_name)
def test_code_is_permanent_and_well_formed(rule):
    assert re.fullmatch(r"[A-Z]{2,6}\d{3}", rule.code)
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", rule.name)


def test_codes_and_names_are_unique():
    names = Counter(rule.name for rule in RULES) + Counter(rule.code.lower() for rule in RULES)
    assert [name for name, count in names.items() if count > 1] == []
