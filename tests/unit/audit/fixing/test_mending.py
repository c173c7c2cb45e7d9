import contextlib

import pytest

from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.lock import hold_lock
from praxis.audit.fixing.mending import mend, mend_verified
from praxis.audit.fixing.planning import Choice
from praxis.audit.fixing.recovery import demand_no_interrupted_run, keep, undo
from praxis.audit.fixing.writing import Replacement
from praxis.errors import FixError
from tests.temporary_rules import registered, renaming, spanning, unwrapping

OLD = renaming("TST101", "old", "new")
BAD = renaming("TST102", "bad", "good")


def run(made, *rules, choice=None):
    with registered(*rules):
        return mend(made.auditor, choice or Choice(), Journal(made.folder), lambda plan: None)


class Suite:
    """A test suite that fails where ``fails(text of shop/views.py)``."""

    def __init__(self, made, fails, path="shop/views.py"):
        self.made, self.fails, self.path = made, fails, path
        self.seen = []

    def __call__(self, purpose):
        text = self.made.read(self.path)
        self.seen.append(text)
        passed = not self.fails(text)
        ending = f"ended with exit code {int(not passed)}"
        return Outcome(passed=passed, ending=ending, tail="1 failed", duration_s=0.0)


def run_verified(made, suite, *rules):
    with registered(*rules):
        return mend_verified(
            made.auditor, Choice(), Journal(made.folder), "suite", suite, lambda plan: None
        )


def test_mends_the_files_and_can_take_it_back(site):
    made = site({"shop/a.py": "old(1)\n", "shop/b.py": b"\xef\xbb\xbfold('\xc3\xa9')\r\n"})
    assert len(run(made, OLD).plan.applied) == 2
    assert made.read("shop/a.py") == "new(1)\n"
    assert made.read("shop/b.py") == "\ufeffnew('é')\r\n"
    assert undo(Journal(made.folder)).paths == ["shop/a.py", "shop/b.py"]
    assert made.read("shop/a.py") == "old(1)\n"
    assert made.read("shop/b.py") == "\ufeffold('é')\r\n"
    assert made.leftovers() == []
    with pytest.raises(FixError, match="no run"):
        undo(Journal(made.folder))


def test_undo_leaves_what_was_changed_after_the_run(site):
    made = site({"shop/a.py": "old(1)\n", "shop/b.py": "old(2)\n"})
    run(made, OLD)
    made.write({"shop/a.py": "new(1)  # mine\n"})
    restored = undo(Journal(made.folder))
    assert restored.paths == ["shop/b.py"]
    assert made.read("shop/a.py") == "new(1)  # mine\n"
    assert "was changed after the run; its original is" in restored.left["shop/a.py"]
    made.write({"shop/a.py": "new(1)\n"})  # the original is still kept
    assert undo(Journal(made.folder)).paths == ["shop/a.py"]
    assert made.read("shop/a.py") == "old(1)\n"


def test_undo_leaves_a_file_whose_original_is_damaged_and_brings_the_others_back(site):
    made = site({"shop/a.py": "old(1)\n", "shop/b.py": "old(2)\n"})
    run(made, OLD)
    journal = Journal(made.folder)
    (journal.folder / journal.run.files["shop/a.py"].original).write_bytes(b"rubbish")
    restored = undo(journal)
    assert restored.paths == ["shop/b.py"]
    assert "damaged" in restored.left["shop/a.py"]
    assert made.read("shop/a.py") == "new(1)\n"
    assert made.read("shop/b.py") == "old(2)\n"


def test_the_last_run_is_the_one_that_is_taken_back(site):
    made = site({"shop/a.py": "old(1)\nbad(1)\n"})
    run(made, OLD)
    run(made, BAD)
    undo(Journal(made.folder))
    assert made.read("shop/a.py") == "new(1)\nbad(1)\n"


def test_a_run_with_nothing_to_do_keeps_the_way_back(site):
    made = site({"shop/a.py": "old(1)\n"})
    run(made, OLD)
    assert not run(made, OLD).plan.changes
    assert undo(Journal(made.folder)).paths == ["shop/a.py"]


def test_a_file_that_changes_meanwhile_is_left_and_the_others_are_mended(site, monkeypatch):
    made = site({"shop/a.py": "old(1)\n", "shop/b.py": "old(2)\n"})
    commit, theirs = Replacement.commit, "old(3)  # theirs\n"

    def meanwhile(self):
        if self.path == "shop/b.py" and made.read("shop/b.py") != theirs:
            made.write({"shop/b.py": theirs})
        return commit(self)

    monkeypatch.setattr(Replacement, "commit", meanwhile)
    mended = run(made, OLD)
    assert made.read("shop/a.py") == "new(1)\n"
    assert made.read("shop/b.py") == theirs
    assert "changed since it was read" in mended.plan.refused[0].reason
    assert made.leftovers() == []


def test_no_edit_of_a_fix_stays_where_one_of_its_files_changes_meanwhile(site, monkeypatch):
    made = site({"shop/a.py": "OLD = 1\n", "shop/b.py": "from shop.a import OLD\n"})
    commit, theirs = Replacement.commit, "from shop.a import OLD  # theirs\n"

    def meanwhile(self):
        if self.path == "shop/b.py" and made.read("shop/b.py") != theirs:
            made.write({"shop/b.py": theirs})
        return commit(self)

    monkeypatch.setattr(Replacement, "commit", meanwhile)
    mended = run(made, spanning("TST106", "shop/a.py", "shop/b.py"))
    assert made.read("shop/a.py") == "OLD = 1\n"
    assert made.read("shop/b.py") == theirs
    assert not mended.plan.applied


def test_a_full_disk_changes_nothing(site, monkeypatch):
    made = site({"shop/a.py": "OLD = 1\n", "shop/b.py": "from shop.a import OLD\n"})
    build = Replacement.__init__

    def full(self, root, path, expected, data):
        if path == "shop/b.py":
            raise OSError(28, "No space left on device")
        build(self, root, path, expected, data)

    monkeypatch.setattr(Replacement, "__init__", full)
    mended = run(made, spanning("TST106", "shop/a.py", "shop/b.py"))
    assert made.read("shop/a.py") == "OLD = 1\n"
    assert made.leftovers() == []
    assert "No space left" in mended.plan.refused[0].reason


def test_without_a_place_for_originals_nothing_is_changed(site, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    made = site({"shop/a.py": "old(1)\n"})
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "file" / "folder"))
    with pytest.raises(FixError, match="PRAXIS_CACHE_DIR"):
        run(made, OLD)
    assert made.read("shop/a.py") == "old(1)\n"


def test_a_link_inside_of_the_project_stays_a_link(site):
    made = site({"shop/a.py": "old(1)\n"})
    (made.folder / "shop/z.py").symlink_to("a.py")
    run(made, OLD)
    assert (made.folder / "shop/z.py").is_symlink()
    assert made.read("shop/a.py") == "new(1)\n"


def test_one_run_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "cache"))
    with hold_lock(tmp_path):
        with pytest.raises(FixError, match="another praxis fix"), hold_lock(tmp_path):
            pass
        (tmp_path / "other").mkdir()
        with hold_lock(tmp_path / "other"):
            pass
    with hold_lock(tmp_path):
        pass


# With the user's check.


def test_everything_stays_where_the_suite_passes(site):
    made = site({"shop/views.py": "old(1)\nbad(2)\n"})
    suite = Suite(made, lambda text: False)
    mended = run_verified(made, suite, OLD, BAD)
    assert suite.seen == ["old(1)\nbad(2)\n", "new(1)\ngood(2)\n"]
    assert mended.check_count == 2
    assert not mended.taken_back
    undo(Journal(made.folder))
    assert made.read("shop/views.py") == "old(1)\nbad(2)\n"


def test_nothing_is_changed_where_the_suite_fails_before(site):
    made = site({"shop/views.py": "old(1)\n"})
    suite = Suite(made, lambda text: True)
    mended = run_verified(made, suite, OLD)
    assert suite.seen == ["old(1)\n"]
    assert mended.failure is not None
    assert made.read("shop/views.py") == "old(1)\n"


def test_takes_back_the_group_that_breaks_the_suite(site):
    made = site({"shop/views.py": "old(1)\nbad(2)\nbad(3)\n"})
    suite = Suite(made, lambda text: "good" in text)
    mended = run_verified(made, suite, OLD, BAD)
    assert made.read("shop/views.py") == "new(1)\nbad(2)\nbad(3)\n"
    assert [one.applied.mark.code for one in mended.taken_back] == ["TST102", "TST102"]
    assert all(one.outcome.tail == "1 failed" for one in mended.taken_back)
    assert suite.seen[-1] == made.read("shop/views.py") or mended.plan.changes
    assert made.read("shop/views.py") in suite.seen


def test_takes_back_the_one_fix_of_a_group_that_breaks_the_suite(site):
    made = site({"shop/views.py": "".join(f"old({number})\n" for number in range(8))})
    suite = Suite(made, lambda text: "new(5)" in text)
    mended = run_verified(made, suite, OLD)
    expected = "".join(f"{'old' if n == 5 else 'new'}({n})\n" for n in range(8))
    assert made.read("shop/views.py") == expected
    assert [one.applied.line for one in mended.taken_back] == [6]
    assert expected in suite.seen
    assert mended.check_count == len(suite.seen) <= 8


def test_a_fix_that_another_brought_with_its_import_brings_its_own_then(site):
    made = site({"shop/views.py": "x = old(bad(1))\n"})
    rules = [
        renaming("TST101", "old", "new", importing="import same"),
        renaming("TST102", "bad", "good", importing="import same"),
    ]
    run_verified(made, Suite(made, lambda text: "new" in text), *rules)
    assert made.read("shop/views.py") == "import same\nx = old(good(1))\n"


def test_finds_the_guilty_one_among_nested_fixes(site):
    made = site({"shop/views.py": "x = wrap(wrap(old(1)))\n"})
    suite = Suite(made, lambda text: "wrap(" in text and "wrap(wrap(" not in text)
    mended = run_verified(made, suite, unwrapping("TST103", "wrap"), OLD)
    assert made.read("shop/views.py") == "x = new(1)\n"
    assert not mended.taken_back


def test_nothing_stays_where_every_fix_breaks_the_suite(site):
    made = site({"shop/views.py": "old(1)\nbad(2)\n"})
    suite = Suite(made, lambda text: text != "old(1)\nbad(2)\n")
    mended = run_verified(made, suite, OLD, BAD)
    assert made.read("shop/views.py") == "old(1)\nbad(2)\n"
    assert len(mended.taken_back) == 2
    with pytest.raises(FixError, match="no run"):
        undo(Journal(made.folder))


@pytest.mark.parametrize("number", range(1, 6))
def test_ctrl_c_leaves_only_what_has_passed(site, number):
    made = site({"shop/views.py": "old(1)\nbad(2)\n"})
    suite = Suite(made, lambda text: "good" in text)
    passed = []

    def interrupted(purpose):
        if len(suite.seen) == number:
            raise KeyboardInterrupt
        outcome = suite(purpose)
        if outcome.passed:
            passed.append(made.read("shop/views.py"))
        return outcome

    with contextlib.suppress(KeyboardInterrupt):  # the last number is past the end of the run
        run_verified(made, interrupted, OLD, BAD)
    assert made.read("shop/views.py") == passed[-1]
    demand_no_interrupted_run(Journal(made.folder))


def test_a_file_that_changes_during_the_suite_ends_the_run(site):
    made = site({"shop/views.py": "old(1)\n", "shop/b.py": "old(2)\n"})

    def meddling(purpose):
        if "new" in made.read("shop/views.py"):
            made.write({"shop/b.py": "theirs\n"})
            return Outcome(passed=False, ending="failed", tail="", duration_s=0.0)
        return Outcome(passed=True, ending="passed", tail="", duration_s=0.0)

    with pytest.raises(FixError, match=r"shop/b.py changed since it was"):
        run_verified(made, meddling, OLD)
    assert made.read("shop/b.py") == "theirs\n"
    assert made.read("shop/views.py") == "old(1)\n"
    demand_no_interrupted_run(Journal(made.folder))
    assert "its original is" in undo(Journal(made.folder)).left["shop/b.py"]


def test_an_interrupted_run_is_noticed_and_can_be_kept(site):
    made = site({"shop/views.py": "old(1)\n"})
    run(made, OLD)
    journal = Journal(made.folder)
    journal.run.finished = False
    with pytest.raises(
        FixError, match=r"was interrupted and left 1 file changed \(shop/views.py\)"
    ):
        demand_no_interrupted_run(journal)
    assert keep(journal) == ["shop/views.py"]
    demand_no_interrupted_run(Journal(made.folder))
    assert undo(Journal(made.folder)).paths == ["shop/views.py"]
