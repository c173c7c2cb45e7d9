import pytest
from click.testing import CliRunner

from docs import generate
from praxis.audit.registry import rules
from praxis.cli.main import VERBS
from tests.temporary_rules import temporary_rule


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    monkeypatch.setattr(generate, "FILLED", ())
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(generate.main, list(arguments))


def test_writes_a_page_a_rule_and_lists_it(folder):
    assert run().exit_code == 0
    index = (folder / "rules/index.md").read_text()
    for rule in rules():
        assert f"| {rule.code} | [{rule.name}]({rule.name}.md) |" in index
        page = (folder / f"rules/{rule.name}.md").read_text()
        assert f"\n# {rule.code} {rule.name}\n" in page


def test_writes_every_command_and_setting(folder):
    run()
    commands = (folder / "commands.md").read_text()
    for verb in VERBS:
        assert f"\n## praxis {verb}\n" in commands
    assert "| `--format [text|concise|json|sarif|github|gitlab|html]` |" in commands
    assert "| `-h, --help` |" in commands
    configuration = (folder / "configuration.md").read_text()
    assert "## per-path-ignores\n" in configuration
    assert "Type: boolean. Default: `false`." in configuration


def test_accepts_what_it_wrote(folder):
    run()
    assert run("--check").exit_code == 0


def test_makes_addresses_links(folder):
    with temporary_rule():
        run()
    page = (folder / "rules/call_of_bad.md").read_text()
    assert "<https://docs.djangoproject.com/en/stable/>, and nowhere else." in page


def test_refuses_a_page_that_was_changed_by_hand(folder):
    run()
    page = folder / "commands.md"
    page.write_text(page.read_text() + "more\n")
    result = run("--check")
    assert result.exit_code == 1
    assert "commands.md: not what the code says" in result.stderr
    assert page.read_text().endswith("more\n")


def test_removes_the_page_of_a_rule_that_is_no_more(folder):
    with temporary_rule():
        run()
    page = folder / "rules/call_of_bad.md"
    assert page.is_file()
    assert "call_of_bad.md" in run("--check").stderr
    run()
    assert not page.exists()
