"""The engine as a whole: cache, processes, failures, order, and what is asked for."""

import os
import shutil
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from praxis.audit import scanning
from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root, find_root
from praxis.audit.findings import Finding, Severity
from praxis.audit.project import Project
from praxis.errors import ConfigError, ProjectError
from tests.temporary_rules import temporary_rule

CONFIG = Config(select=("TST901",))


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


@pytest.fixture
def site(tmp_path, rule):
    root = tmp_path.resolve() / "site"
    write(root, {"manage.py": "", "shop/views.py": "bad(1)\n", "shop/urls.py": "x = 1\n"})
    return root


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def run(site: Path, config: Config = CONFIG, **options):
    return audit(find_root(site), config, processes=options.pop("processes", 1), **options)


def places(result) -> list[str]:
    return [str(finding.place) for finding in result.findings]


# The cache.


def test_takes_unchanged_files_from_the_cache(site):
    assert run(site).cached_count == 0
    again = run(site)
    assert again.cached_count == again.file_count == 3
    assert places(again) == ["shop/views.py:1:1"]


def test_reads_what_changed_again(site):
    run(site)
    write(site, {"shop/views.py": "x = 1\nbad(1)\n"})
    again = run(site)
    assert again.cached_count == 2
    assert places(again) == ["shop/views.py:2:1"]


def test_forgets_files_that_are_gone(site, cache_folder):
    run(site)
    (site / "shop/urls.py").unlink()
    run(site)
    (database,) = cache_folder.glob("*.sqlite3")
    connection = sqlite3.connect(database)
    paths = {path for (path,) in connection.execute("SELECT path FROM entry")}
    connection.close()
    assert paths == {"manage.py", "shop/views.py"}


def test_keeps_nothing_where_asked(site, cache_folder):
    run(site, use_cache=False)
    assert not cache_folder.exists()


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100], ids=["empty", "garbage"])
def test_makes_a_corrupt_cache_anew(site, cache_folder, content):
    run(site)
    for path in cache_folder.iterdir():
        path.write_bytes(content)
    assert places(run(site)) == ["shop/views.py:1:1"]
    assert run(site).cached_count == 3


def test_makes_a_cache_anew_whose_pages_are_damaged(site, cache_folder):
    run(site)
    (database,) = cache_folder.glob("*.sqlite3")
    data = bytearray(database.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    database.write_bytes(data)
    assert places(run(site)) == ["shop/views.py:1:1"]
    assert run(site).cached_count == 3


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entry SET value = x'00'",
        "UPDATE entry SET value = 'text'",
        "UPDATE entry SET value = NULL",
        "UPDATE entry SET value = substr(value, 1, 20)",
        "UPDATE entry SET digest = 1",
        "DROP TABLE entry",
        "DROP TABLE entry; CREATE TABLE entry (another)",
    ],
)
def test_reads_files_anew_whose_entries_are_damaged(site, cache_folder, damage):
    run(site)
    (database,) = cache_folder.glob("*.sqlite3")
    connection = sqlite3.connect(database)
    connection.executescript(damage)
    connection.close()
    again = run(site)
    assert places(again) == ["shop/views.py:1:1"]
    assert again.cached_count == 0
    assert run(site).cached_count == 3


def test_keeps_a_cache_for_a_project_with_the_longest_of_names(tmp_path, rule):
    site = tmp_path.resolve() / ("x" * 255)
    write(site, {"manage.py": ""})
    run(site)
    assert run(site).cached_count == 1


def test_does_without_a_cache_folder_that_is_a_file(site, cache_folder):
    cache_folder.write_text("in the way")
    assert places(run(site)) == ["shop/views.py:1:1"]


def test_two_runs_at_once_find_the_same(site):
    write(site, {f"shop/page_{number}.py": "bad(1)\n" for number in range(30)})
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _: places(run(site)), range(2)))
    assert runs[0] == runs[1]
    assert len(runs[0]) == 31


# Processes.


@pytest.fixture
def many_files(site, monkeypatch):
    """Enough files for several batches, read by a pool although they are few."""
    monkeypatch.setattr(scanning, "FILES_WORTH_A_POOL", 1)
    write(site, {f"shop/page_{number:03}.py": f"bad({number})\n" for number in range(70)})
    return site


@pytest.mark.parametrize("processes", [2, 3])
def test_finds_the_same_in_the_same_order_in_several_processes(many_files, processes):
    alone = run(many_files, use_cache=False, processes=1)
    together = run(many_files, use_cache=False, processes=processes)
    assert together.findings == alone.findings
    assert list(together.project.summaries) == list(alone.project.summaries)


def test_goes_on_without_a_file_that_kills_its_worker(many_files):
    parent = os.getpid()

    def kill(file, node):
        if os.getpid() != parent:
            os._exit(1)
        yield Finding(file.place(node), "killed")

    write(many_files, {"shop/page_040.py": "kill()\nbad(1)\n"})
    with temporary_rule(kill, code="TST902", name="kill", callees=frozenset({"kill"})):
        result = run(many_files, use_cache=False, processes=2)
    assert [problem.path for problem in result.problems] == ["shop/page_040.py"]
    assert "crashed" in result.problems[0].message
    assert len(result.findings) == 70


def test_tells_how_far_it_is(many_files):
    told = []
    run(many_files, use_cache=False, processes=2, progress=lambda *done: told.append(done))
    assert told[-1] == (73, 73)
    assert told == sorted(told)


# Failures.


def test_a_rule_that_fails_on_a_file_spoils_nothing_else(site):
    def fail(file, node):
        raise ZeroDivisionError("oh")
        yield

    with temporary_rule(fail, code="TST902", name="fail"):
        result = run(site)
    assert places(result) == ["shop/views.py:1:1"]
    (problem,) = result.problems
    assert problem.path == "shop/views.py"
    assert "TST902 fail failed here (ZeroDivisionError: oh; fail:" in problem.message


def test_a_rule_gives_up_on_what_is_nested_too_deeply(site):
    def recurse(file, node):
        yield from recurse(file, node)

    with temporary_rule(recurse, code="TST902", name="recurse"):
        result = run(site)
    assert places(result) == ["shop/views.py:1:1"]
    (problem,) = result.problems
    assert problem.message.startswith("TST902 recurse gave up here: this is nested deeper")


def test_a_rule_that_fails_on_the_project_spoils_nothing_else(site):
    def fail(project):
        raise ZeroDivisionError("oh")
        yield

    options = {"visits": Project, "callees": frozenset()}
    with temporary_rule(fail, code="TST902", name="fail", **options):
        result = run(site, Config(select=("TST",)))
    assert places(result) == ["shop/views.py:1:1"]
    assert "TST902 fail failed" in str(result.problems[0])


def test_keeps_what_a_rule_found_before_it_failed(site):
    def fail(file, node):
        yield Finding(file.place(node), "found")
        raise ZeroDivisionError

    with temporary_rule(fail, code="TST902", name="fail"):
        result = run(site, Config(select=("TST902",)))
    assert places(result) == ["shop/views.py:1:1"]
    assert len(result.problems) == 1


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"def f(:\n", "not read"),
        (b"print 'two'\n", "Python 2"),
        (b"x = '\xff'\n", "not utf-8"),
        (b"x = 1\0\n", "null byte"),
        (b"# -*- coding: nonsense -*-\n", "unknown encoding"),
        (b"(" * 5000, "not read"),
        (b"x = " + b"-" * 100_000 + b"1", "not read"),
    ],
)
def test_says_a_file_that_it_cannot_read_and_reads_the_others(site, content, part):
    (site / "shop/broken.py").write_bytes(content)
    result = run(site)
    assert [problem.path for problem in result.problems] == ["shop/broken.py"]
    assert part in result.problems[0].message
    assert places(result) == ["shop/views.py:1:1"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_says_a_file_or_folder_whose_name_is_no_text(site):
    for name in (b"caf\xe9.py", b"caf\xe9/views.py", b"caf\xe9.png"):
        path = site / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text("bad(1)\n")
    result = run(site)
    assert places(result) == ["shop/views.py:1:1"]
    assert [str(problem) for problem in result.problems] == [
        "caf\ufffd: not read: its name is not UTF-8; rename it",
        "caf\ufffd.py: not read: its name is not UTF-8; rename it",
    ]


def test_refuses_an_empty_folder(tmp_path):
    with pytest.raises(ProjectError, match="no Python file or template"):
        audit(Root(tmp_path, ()), Config(), use_cache=False)


def test_refuses_a_rule_that_does_not_exist(site):
    with pytest.raises(ConfigError, match="NOPE99"):
        run(site, Config(select=("NOPE99",)))


# What is asked for.


def test_tells_of_one_folder_but_reads_the_project(site):
    write(site, {"blog/views.py": "bad(1)\n"})
    result = run(site / "blog")
    assert places(result) == ["blog/views.py:1:1"]
    assert result.file_count == 4


def test_tells_of_one_file(site):
    write(site, {"shop/views_more.py": "bad(1)\n"})
    assert places(run(site / "shop/views.py")) == ["shop/views.py:1:1"]


def test_is_milder_where_no_visitor_waits(site):
    write(
        site,
        {
            "shop/management/commands/sell.py": "bad(1)\n",
            "shop/tasks.py": "bad(1)\n",
            "shop/tests/test_views.py": "bad(1)\n",
            "shop/migrations/0001_initial.py": "bad(1)\n",
        },
    )
    severities = {finding.place.path: finding.severity for finding in run(site).findings}
    assert severities == {
        "shop/views.py": Severity.WARNING,
        "shop/tasks.py": Severity.WARNING,
        "shop/management/commands/sell.py": Severity.NOTE,
    }


def test_takes_the_severity_that_is_configured(site):
    config = Config(select=("TST901",), severity={"call_of_bad": Severity.ERROR})
    assert [finding.severity for finding in run(site, config).findings] == [Severity.ERROR]


def test_is_silent_where_a_path_is_ignored(site):
    config = Config(select=("TST901",), per_path_ignores={"shop/*": ("TST901",)})
    assert places(run(site, config)) == []


def test_does_not_read_what_is_excluded(site):
    result = run(site, Config(select=("TST901",), exclude=("shop",)))
    assert result.file_count == 1


def test_names_the_symbol_and_the_code(site):
    write(site, {"shop/views.py": "class View:\n    def get(self):\n        bad( 1 )\n"})
    (finding,) = run(site).findings
    assert (finding.symbol, finding.snippet) == ("View.get", "bad( 1 )")


def test_offers_each_node_with_its_ancestors(site):
    seen = []

    def look(file, node):
        seen.append([type(ancestor).__name__ for ancestor in file.ancestors()])
        yield from ()

    write(site, {"shop/views.py": "def f():\n    if x:\n        bad(1)\n"})
    with temporary_rule(look, code="TST902", name="look"):
        run(site)
    assert seen == [["Expr", "If", "FunctionDef", "Module"]]


def test_reads_a_project_that_lies_elsewhere_by_the_same_cache_rules(site, tmp_path):
    run(site)
    shutil.copytree(site, tmp_path / "copy")
    assert run((tmp_path / "copy").resolve()).cached_count == 0
