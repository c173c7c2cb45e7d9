"""The sample shop is the auditor's ground truth: what is wrong in it is listed, line by line."""

import tomllib
from pathlib import Path

import pytest

from praxis.audit.config import Config
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import find_root
from praxis.audit.registry import rules

SHOP = Path(__file__).parents[2] / "examples" / "shop"

#: Listed mistakes whose rule does not exist yet. Whoever writes the rule lowers the number.
STILL_TO_BE_WRITTEN = 75

Mistakes = set[tuple[str, str, int]]


@pytest.fixture(scope="module")
def result() -> Audit:
    return audit(find_root(SHOP), Config(), use_cache=False, processes=1)


@pytest.fixture(scope="module")
def listed() -> Mistakes:
    with (SHOP / "MISTAKES.toml").open("rb") as file:
        entries = tomllib.load(file)["mistake"]
    return {(entry["rule"], entry["file"], entry["line"]) for entry in entries}


def existing() -> set[str]:
    return {rule.code for rule in rules() if rule.default}


def test_the_shop_itself_is_read_whole(result):
    assert not result.problems
    assert not result.suppressed


def test_every_listed_mistake_whose_rule_exists_is_found_and_nothing_else(result, listed):
    found = {(finding.code, finding.place.path, finding.place.line) for finding in result.findings}
    expected = {mistake for mistake in listed if mistake[0] in existing()}
    assert sorted(expected - found) == [], "listed, and not found"
    assert sorted(found - expected) == [], "found, and not listed"


def test_the_mistakes_without_a_rule_only_become_fewer(listed):
    waiting = [mistake for mistake in listed if mistake[0] not in existing()]
    assert len(waiting) == STILL_TO_BE_WRITTEN
