import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.findings import Safety
from praxis.audit.fixing.lock import hold_lock
from praxis.cli.fix import command
from praxis.errors import ConfigError, FixError
from tests.temporary_rules import registered, renaming

RULES = (
    renaming("TST101", "old", "new"),
    renaming("TST102", "bad", "good"),
    renaming("TST103", "risky", "daring", safety=Safety.UNSAFE),
)


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    folder = tmp_path.resolve() / "site"
    (folder / "shop").mkdir(parents=True)
    (folder / "manage.py").write_text("")
    (folder / "shop/views.py").write_text("x = old(1)  # why\ny = bad(2)\nz = risky(3)\n")
    return folder


def fix(site, *arguments):
    with registered(*RULES):
        result = CliRunner().invoke(command, [str(site), "--select", "TST", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def views(site):
    return (site / "shop/views.py").read_text()


def test_mends_what_is_safe_and_says_what(site):
    result = fix(site)
    assert result.exit_code == 0
    assert views(site) == "x = new(1)  # why\ny = good(2)\nz = risky(3)\n"
    assert (
        "Mended 2 findings in 1 file:\n  TST101 calls_old\n    shop/views.py: 1\n" in result.output
    )
    assert (
        "1 more finding can be mended by edits that may change what the code does" in result.output
    )


def test_says_that_there_is_nothing_to_mend(site):
    assert fix(site, "--unsafe").exit_code == 0
    result = fix(site, "--unsafe")
    assert result.exit_code == 0
    assert "Nothing to mend." in result.output


def test_shows_a_diff_that_patch_takes_and_changes_nothing(site):
    before = views(site)
    (site / "shop/end.py").write_bytes(b"a = 1\r\nold(1)")
    result = fix(site, "--diff")
    assert result.exit_code == 1
    assert views(site) == before
    apply = ["git", "apply", "--whitespace=nowarn"]
    subprocess.run(apply, cwd=site, input=result.stdout_bytes, check=True)
    assert views(site) == "x = new(1)  # why\ny = good(2)\nz = risky(3)\n"
    assert (site / "shop/end.py").read_bytes() == b"a = 1\r\nnew(1)"
    assert fix(site, "--diff").exit_code == 0
    assert fix(site, "--diff", "--unsafe").exit_code == 1
    assert fix(site, "--diff", "--unsafe", "--exit-zero").exit_code == 0


def test_names_and_leaves_what_it_must_not_touch(site):
    (site / "shop/views.py").chmod(0o444)
    result = fix(site)
    assert result.exit_code == 1
    assert (
        "Not mended: shop/views.py:1:5 TST101 calls_old: shop/views.py is read-only"
        in result.output
    )
    assert "old(1)" in views(site)


def test_undo_takes_the_last_run_back(site):
    before = views(site)
    fix(site)
    result = fix(site, "--undo")
    assert result.exit_code == 0
    assert "shop/views.py" in result.output
    assert views(site) == before
    with pytest.raises(FixError, match="no run"):
        fix(site, "--undo")


def test_undo_says_what_was_changed_since(site):
    fix(site)
    (site / "shop/views.py").write_text("mine\n")
    result = fix(site, "--undo")
    assert result.exit_code == 1
    assert "Left: shop/views.py was changed after the run" in result.output
    assert views(site) == "mine\n"


def test_ignores_rules(site):
    fix(site, "--ignore", "TST102,calls_risky")
    assert views(site) == "x = new(1)  # why\ny = bad(2)\nz = risky(3)\n"


def test_mends_only_what_was_asked_for(site):
    (site / "shop/other.py").write_text("old(1)\n")
    assert fix(site / "shop" / "other.py").exit_code == 0
    assert (site / "shop/other.py").read_text() == "new(1)\n"
    assert "old(1)" in views(site)


def test_verify_keeps_what_the_command_passes_with(site):
    result = fix(site, "--verify", "! grep -n good shop/views.py")
    assert result.exit_code == 1
    assert views(site) == "x = new(1)  # why\ny = bad(2)\nz = risky(3)\n"
    assert "Taken back: TST102 calls_bad in shop/views.py (line 2)" in result.output
    assert "| 2:y = good(2)" in result.output
    assert "Mended 1 finding in 1 file" in result.output


def test_verify_changes_nothing_where_the_command_fails_before(site):
    result = fix(site, "--verify", "echo broken; exit 7")
    assert result.exit_code == 2
    assert "ended with exit code 7 before anything was changed" in result.output
    assert "| broken" in result.output
    assert "old(1)" in views(site)


def test_verify_gives_up_on_a_command_that_takes_too_long(site):
    result = fix(site, "--verify", "sleep 60", "--verify-timeout", "0.2")
    assert result.exit_code == 2
    assert "did not end within 0.2 s" in result.output


def test_verify_shows_the_output_when_asked(site):
    assert "loud" not in fix(site, "--verify", "echo loud").output
    fix(site, "--undo")
    assert fix(site, "--verify", "echo loud", "-v").output.count("loud\n") == 2


def test_the_command_sees_new_code_though_compiled_files_are_kept(site):
    """All versions have one size and are written within a second: mtime alone tells them apart."""
    source = "\n".join(f"def f{number}(): return old({number})" for number in range(4))
    (site / "shop/views.py").write_text(f"old = new = lambda n: n\n{source}\n")
    suite = site / "suite.py"
    suite.write_text(
        "import inspect, shop.views as views\n"
        "held = {name for name in ('f0', 'f1', 'f2', 'f3')\n"
        "        if 'new' in getattr(views, name).__code__.co_names}\n"
        "on_disk = {f'f{n}' for n in range(4) if f'new({n})' in open(views.__file__).read()}\n"
        "assert held == on_disk, (held, on_disk)\n"
        "assert 'f2' not in held\n"
    )
    result = fix(site, "--verify", f"PYTHONDONTWRITEBYTECODE= {sys.executable} suite.py")
    assert (site / "shop/__pycache__").exists()
    assert "AssertionError: ({'f" not in result.output
    assert "Taken back: TST101 calls_old in shop/views.py (line 4)" in result.output
    assert views(site).count("new(") == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("--diff", "--verify", "true"),
        ("--undo", "--diff"),
        ("--keep", "--undo"),
        ("--verify-timeout", "3"),
        ("--verify", " "),
        ("--select", "NONE999"),
    ],
)
def test_refuses_what_makes_no_sense(site, arguments):
    before = views(site)
    with pytest.raises(ConfigError):
        fix(site, *arguments)
    assert views(site) == before


def test_a_second_run_at_once_is_refused(site):
    with hold_lock(site), pytest.raises(FixError, match="another praxis fix is at work"):
        fix(site)
    assert "old(1)" in views(site)


def git(site, *arguments):
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=site, check=True, capture_output=True)


def test_notes_files_that_hold_uncommitted_changes(site):
    git(site, "init")
    git(site, "add", ".")
    git(site, "commit", "-m", "All")
    (site / "shop/new.py").write_text("old(1)\n")
    output = fix(site).output
    assert "1 file about to be changed holds uncommitted changes (shop/new.py)" in output
    fix(site, "--undo")
    (site / "shop/new.py").unlink()
    assert "uncommitted" not in fix(site).output


def test_says_nothing_of_git_where_there_is_none(site):
    assert "uncommitted" not in fix(site).output


def test_refuses_to_verify_where_it_cannot_end_what_was_started(site, monkeypatch):
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ConfigError, match=r"on Linux and macOS only.*praxis fix --undo"):
        fix(site, "--verify", "true")
    assert "old(1)" in views(site)
