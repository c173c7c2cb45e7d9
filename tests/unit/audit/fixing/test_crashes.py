"""
A run that is killed, at every step on which it touches the disk or runs the user's check.

Afterwards every file is old or new as a whole, and ``--undo`` (or nothing at all) restores it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.fixing.command import Outcome
from praxis.audit.fixing.journal import Journal
from praxis.audit.fixing.mending import mend, mend_verified
from praxis.audit.fixing.planning import Choice
from praxis.audit.fixing.recovery import demand_no_interrupted_run, undo
from praxis.errors import FixError
from tests.temporary_rules import registered, renaming, spanning

FILES = {
    "shop/a.py": ("OLD = 1\nold(1)\n", "NEW = 1\nnew(1)\n"),
    "shop/b.py": ("from shop.a import OLD\n", "from shop.a import NEW\n"),
    "shop/c.py": ("old(2)\n", "new(2)\n"),
}
_MOST_STEPS = 200


def drive(base: Path, *, verified: bool) -> None:
    """Run in one process after another, each killed a step later, until one comes to its end."""
    rules = (renaming("TST101", "old", "new"), spanning("TST106", "shop/a.py", "shop/b.py"))
    with registered(*rules):
        for last_step in range(0, _MOST_STEPS, 4 if verified else 1):
            child = os.fork()
            if child == 0:
                _run(base / str(last_step), last_step, verified=verified)
                os._exit(0)
            status = os.waitpid(child, 0)[1]
            if os.WIFEXITED(status):
                sys.exit(os.WEXITSTATUS(status))
    sys.exit("the run never came to its end")


def _run(folder: Path, last_step: int, *, verified: bool) -> None:
    os.environ[FOLDER_VARIABLE] = str(folder / "cache")
    for path, (old, _) in FILES.items():
        (folder / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / path).write_text(old)
    step = 0

    def tick() -> None:
        nonlocal step
        if step == last_step:
            os.kill(os.getpid(), signal.SIGKILL)
        step += 1

    replace = Path.replace

    def replace_counting(*arguments):
        tick()
        replaced = replace(*arguments)
        tick()
        return replaced

    def check(purpose):
        tick()
        passed = (folder / "site/shop/c.py").read_text() == FILES["shop/c.py"][0]
        return Outcome(passed=passed, ending="ended", tail="", duration_s=0.0)

    def auditor(overlay):
        root = Root(folder / "site", ())
        config = Config(select=("TST",))
        return audit(root, config, use_cache=False, processes=1, overlay=overlay)

    Path.replace = replace_counting
    os.fsync = lambda descriptor: tick()  # a kill loses nothing that was not on the disk yet
    journal = Journal(folder / "site")
    if verified:
        mend_verified(auditor, Choice(), journal, "suite", check, lambda plan: None)
    else:
        mend(auditor, Choice(), journal, lambda plan: None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked to be killed")
@pytest.mark.parametrize("verified", [False, True])
def test_a_killed_run_loses_nothing(tmp_path, monkeypatch, verified):
    base = tmp_path.resolve()
    script = (
        "import pathlib; from tests.unit.audit.fixing.test_crashes import drive; "
        f"drive(pathlib.Path({str(base)!r}), verified={verified})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    steps = sorted(int(folder.name) for folder in base.iterdir())
    assert len(steps) > 15
    interrupted = 0
    for step in steps:
        site = base / str(step) / "site"
        monkeypatch.setenv(FOLDER_VARIABLE, str(base / str(step) / "cache"))
        contents = {path: (site / path).read_text() for path in FILES}
        for path, (old, new) in FILES.items():  # a search has some fixes of a file, and others not
            lines = set((old + new).splitlines(keepends=True))
            whole = contents[path] in (old, new)
            assert whole or (verified and lines.issuperset(contents[path].splitlines(True)))
            assert contents[path].count("\n") == old.count("\n"), (step, path)
        if step == steps[-1]:
            continue  # this one was not killed
        journal = Journal(site)
        changed = [path for path in FILES if contents[path] != FILES[path][0]]
        try:
            demand_no_interrupted_run(journal)
        except FixError:
            interrupted += 1
            assert undo(journal).paths == changed
        else:
            # killed before the first file was replaced, or after the run was complete
            assert not changed or journal.run.finished
            continue
        assert {path: (site / path).read_text() for path in FILES} == {
            path: old for path, (old, _) in FILES.items()
        }, step
        assert not [path.name for path in site.rglob("*.praxis-new")], step
        demand_no_interrupted_run(Journal(site))
    assert interrupted > 3
    finished = base / str(steps[-1]) / "site"
    assert (finished / "shop/b.py").read_text() == FILES["shop/b.py"][1]
