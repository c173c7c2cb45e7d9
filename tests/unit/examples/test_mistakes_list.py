"""The sample shop's list of planted mistakes is sound: what the auditor is held against."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

SHOP = Path(__file__).parents[3] / "examples" / "shop"
RULE = re.compile(
    r"(ORM|IDX|MOD|MIG|CACHE|SES|LIM|RT|RANK|DB|VIEW|SIG|IMP|APP|MW|TASK|SEC|OPS)[1-9]\d\d"
)
#: What runs on the components has to name them, and has no mistakes on purpose.
ON_COMPONENTS = {"live", "dev_components"}
KEYS = {"rule", "file", "line", "why"}
EXTRA_KEYS = {"SEC101": {"setting"}, "IMP101": {"cycle"}}


def read_mistakes() -> list[dict[str, Any]]:
    with (SHOP / "MISTAKES.toml").open("rb") as file:
        document = tomllib.load(file)
    assert list(document) == ["mistake"]
    mistakes: list[dict[str, Any]] = document["mistake"]
    return mistakes


def place(mistake: dict[str, Any]) -> tuple[str, str, int, str]:
    return mistake["rule"], mistake["file"], mistake["line"], mistake.get("setting", "")


@pytest.fixture(scope="module")
def mistakes() -> list[dict[str, Any]]:
    return read_mistakes()


def test_lists_many_mistakes_of_many_kinds(mistakes):
    assert len(mistakes) >= 60
    assert len({mistake["rule"] for mistake in mistakes}) >= 40


def test_gives_every_mistake_a_rule_a_place_and_a_reason(mistakes):
    for mistake in mistakes:
        assert RULE.fullmatch(mistake["rule"]), mistake
        assert set(mistake) == KEYS | EXTRA_KEYS.get(mistake["rule"], set()), mistake
        assert mistake["why"].strip().endswith("."), mistake


def test_points_at_lines_that_exist_and_say_something(mistakes):
    for mistake in mistakes:
        path = SHOP / mistake["file"]
        assert path.is_file(), mistake
        lines = path.read_text(encoding="utf-8").splitlines()
        assert 1 <= mistake["line"] <= len(lines), mistake
        line = lines[mistake["line"] - 1].strip()
        assert line, mistake
        assert not line.startswith(("#", '"""')), mistake


def test_is_sorted_and_without_duplicates(mistakes):
    places = [place(mistake) for mistake in mistakes]
    assert places == sorted(set(places))


def test_names_the_modules_of_each_import_cycle(mistakes):
    cycles = [mistake for mistake in mistakes if mistake["rule"] == "IMP101"]
    assert cycles
    for mistake in cycles:
        modules = mistake["cycle"]
        assert mistake["file"] in {module.replace(".", "/") + ".py" for module in modules}
        for module in modules:
            assert (SHOP / (module.replace(".", "/") + ".py")).is_file(), mistake


def test_names_the_setting_where_the_line_does(mistakes):
    for mistake in mistakes:
        if mistake["rule"] == "SEC101":
            lines = (SHOP / mistake["file"]).read_text(encoding="utf-8").splitlines()
            line = lines[mistake["line"] - 1]
            assert line.startswith((mistake["setting"], "from .base import")), mistake


def test_the_shop_itself_does_not_give_the_mistakes_away():
    audited = [
        path
        for path in SHOP.rglob("*")
        if path.suffix in {".py", ".html", ".css", ".yml", ".conf", ".txt", ".env"}
        and not ON_COMPONENTS.intersection((*path.parts, path.stem))
    ]
    assert audited
    for path in audited:
        text = path.read_text(encoding="utf-8")
        assert "praxis" not in text.lower(), path
        assert not RULE.search(text), path
