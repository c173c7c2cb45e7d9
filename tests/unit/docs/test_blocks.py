from dataclasses import replace

import pytest

from docs import blocks, generate
from praxis.audit.registry import find_rule, rules

PAGE = "before\n\n<!-- generated: {} -->\nold\n<!-- end -->\n\nafter\n"


def test_replaces_what_stands_between_the_markers():
    filled = blocks.fill(PAGE.format("versions"))
    assert filled.startswith("before\n\n<!-- generated: versions -->\n\n| Praxis runs on | |\n")
    assert filled.endswith("\n\n<!-- end -->\n\nafter\n")
    assert "old" not in filled


def test_changes_nothing_the_second_time():
    once = blocks.fill(PAGE.format("rules"))
    assert blocks.fill(once) == once


def test_names_the_blocks_there_are_where_one_is_unknown():
    with pytest.raises(LookupError, match=r"ruls is no block; known: .*check, .*rules"):
        blocks.fill(PAGE.format("ruls"))


def test_leaves_figures_of_a_machine_alone():
    page = "<!-- demo figures -->\n| 98 | 9 |\n<!-- end -->\n"
    assert blocks.fill(page) == page
    both = page + PAGE.format("versions")
    assert blocks.fill(both).startswith(page)


def test_lists_every_rule():
    table = blocks.BLOCKS["rules"]()
    for rule in rules():
        assert f"| {rule.code} | [{rule.name}](docs/reference/rules/{rule.name}.md) |" in table


def test_tells_which_rule_must_be_asked_for():
    rule = replace(find_rule("ORM101"), default=False)
    assert "that has not loaded it. Off by default |" in blocks.rules_table([rule], "{name}")


def test_takes_the_versions_from_the_package():
    assert "| Python | 3.11, 3.12, 3.13 |" in blocks.versions_table()


def test_shows_what_the_check_finds_with_its_fix_and_the_count():
    shown = blocks.check_as_text()
    for code, path in blocks.SHOWN:
        assert f"examples/shop/{path}:" in shown
        assert f"  {code} " in shown
    assert "  fix (safe): " in shown
    assert " can be mended by `praxis fix`" in shown


def test_shows_the_same_in_colour():
    assert 'style="color: ' in blocks.check_in_colour()
    assert "$ praxis check examples/shop" in blocks.check_in_colour()


def test_shows_a_mistake_that_takes_four_files_to_see():
    shown = blocks.across_files()
    assert shown.startswith("```text\nshop/templates/shop/card.html:2:7  warning  ORM103 ")
    for place in (
        "shop/views.py:7:12",
        "shop/templates/shop/books.html:1:16",
        "shop/models.py:13:16",
    ):
        assert f". {place}  " in shown
    assert '.select_related("author")[:50]\n```' in shown


def test_says_what_to_do_where_a_shown_finding_is_gone(monkeypatch):
    monkeypatch.setattr(blocks, "SHOWN", (("ORM101", "no/such.py"),))
    with pytest.raises(LookupError, match="show something else"):
        blocks.check_as_text()


def test_fills_the_marked_pages_without_touching_the_rest(tmp_path, monkeypatch):
    page = tmp_path / "README.md"
    page.write_text(PAGE.format("versions"))
    monkeypatch.setattr(generate, "FOLDER", tmp_path / "reference")
    monkeypatch.setattr(generate, "FILLED", (page,))
    assert "| Python |" in generate.pages()[page]
    assert generate.pages()[page].startswith("before\n")


def test_the_readme_names_every_generated_block_once():
    readme = generate.FILLED[0].read_text("utf-8")
    for name in ("check", "rules", "versions"):
        assert readme.count(f"<!-- generated: {name} -->") == 1
