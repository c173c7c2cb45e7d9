import json
import subprocess

import pytest

from praxis.errors import ConfigError, ProjectError


def findings(result):
    return [(entry["path"], entry["line"]) for entry in json.loads(result.stdout)["findings"]]


def test_names_the_project_and_reports(site, run):
    result = run("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"Project: {site} (manage.py), settings shop.settings"
    assert "shop/views.py:2:12  warning  TST901 call_of_bad" in lines
    assert result.stderr == ""


def test_says_that_a_folder_without_evidence_is_a_guess(run, tmp_path, rule):
    (tmp_path / "x.py").write_text("bad(1)\n")
    result = run("check", str(tmp_path), "--no-cache")
    assert "taken as it is: neither it nor a folder above has a manage.py" in result.stdout


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, 1),
        ({"shop/views.py": "x = 1\n"}, 0),
        ({"shop/views.py": "(\n"}, 1),
        ({"shop/views.py": "x = 1\n", "shop/tests/test_it.py": "(\n"}, 0),
    ],
    ids=["findings", "nothing", "unread file", "unread test"],
)
def test_exits_by_what_it_found(site, run, files, code):
    for path, text in files.items():
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text(text)
    assert run("check").exit_code == code
    assert run("check", "--exit-zero").exit_code == 0


@pytest.mark.parametrize("report_format", ["concise", "json", "sarif", "github", "gitlab", "html"])
def test_leaves_stdout_to_the_report_where_programs_read_it(site, run, report_format):
    result = run("check", "--format", report_format)
    assert "Project:" not in result.stdout
    assert result.stderr.startswith("Project: ")
    assert "bad()" in result.stdout
    if report_format in {"json", "sarif", "gitlab"}:
        json.loads(result.stdout)


def test_prints_findings_alone_when_quiet(site, run):
    result = run("check", "-q", "--format", "concise")
    assert result.output == "shop/views.py:2:12 TST901 Calls bad() with 1 arguments.\n"


def test_writes_the_report_to_a_file(site, run):
    result = run("check", "--format", "json", "--output", "report.json")
    assert result.stdout == ""
    assert json.loads((site / "report.json").read_text())["summary"]["findings"] == 1


def test_writes_a_page(site, run):
    assert run("check", "--format", "html", "-o", "report.html").stdout == ""
    text = (site / "report.html").read_text("utf-8")
    assert text.startswith("<!doctype html>\n<html")
    assert text.endswith("</html>\n")


def test_names_paths_of_the_repository_to_gitlab(site, run, monkeypatch):
    monkeypatch.setenv("CI_PROJECT_DIR", str(site.parent))
    (issue,) = json.loads(run("check", "--format", "gitlab").stdout)
    assert issue["location"]["path"] == "site/shop/views.py"


def test_passes_without_files_where_that_is_wished(site, run):
    (site / "vendor").mkdir()
    (site / "vendor/views.py").write_text("bad(1)\n")
    assert isinstance(run("check", "vendor/views.py").exception, ProjectError)
    assert run("check", "--pass-without-files", "vendor/views.py").exit_code == 0
    assert run("check", "--pass-without-files", "shop/views.py").exit_code == 1


def test_says_that_the_report_cannot_be_written(site, run):
    result = run("check", "--output", "missing/report.txt")
    assert isinstance(result.exception, ConfigError)
    assert "not written" in str(result.exception)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--select", "TST901"], 1),
        (["--select", "tst"], 1),
        (["--select", "SEC,call-of-bad"], 1),
        (["--select", "SEC", "--select", "TST"], 1),
        (["--select", "SEC"], 0),
        (["--ignore", "call_of_bad"], 0),
        (["--ignore", "SEC,TST"], 0),
        (["--exclude", "shop/v*"], 0),
        (["--min-severity", "warning"], 1),
        (["--severity-floor", "error"], 0),
    ],
)
def test_runs_what_is_asked_for(site, run, options, count):
    assert len(findings(run("check", "--format", "json", *options))) == count


def test_refuses_a_rule_that_does_not_exist(site, run):
    result = run("check", "--select", "NOPE1")
    assert isinstance(result.exception, ConfigError)


def test_options_win_over_the_configuration(site, run):
    (site / "pyproject.toml").write_text('[tool.praxis]\nselect = ["SEC"]\n')
    assert findings(run("check", "--format", "json")) == []
    assert len(findings(run("check", "--format", "json", "--select", "TST"))) == 1


def test_reads_the_configuration_of_the_project_that_was_named(site, run, tmp_path, monkeypatch):
    (site / "pyproject.toml").write_text('[tool.praxis]\nignore = ["TST901"]\n')
    monkeypatch.chdir(tmp_path)
    assert run("check", "site").exit_code == 0


# Paths.


def test_several_paths_narrow_the_report(site, run):
    (site / "blog").mkdir()
    (site / "blog/views.py").write_text("bad(1)\n")
    (site / "blog/more.py").write_text("bad(1)\n")
    both = run("check", "blog/views.py", "shop", "--format", "json")
    assert sorted(findings(both)) == [("blog/views.py", 1), ("shop/views.py", 2)]
    assert json.loads(both.stdout)["summary"]["project_files"] == 5


@pytest.mark.parametrize("path", ["missing", "missing/views.py"])
def test_refuses_a_path_where_nothing_is(site, run, path):
    result = run("check", path)
    assert isinstance(result.exception, ProjectError)
    assert "no such file or folder" in str(result.exception)


def test_refuses_a_path_without_code(site, run):
    (site / "notes.rst").write_text("x")
    result = run("check", "notes.rst")
    assert isinstance(result.exception, ProjectError)
    assert "notes.rst: no Python file or template" in str(result.exception)


# Baselines.


def test_writes_a_baseline_and_then_reports_what_is_new(site, run):
    written = run("check", "--write-baseline")
    assert written.exit_code == 0
    assert "praxis-baseline.json knows 1 finding now." in written.stdout
    assert run("check", "--baseline", "praxis-baseline.json").exit_code == 0
    (site / "shop/views.py").write_text("def view():\n    bad(2)\n    return bad(1)\n")
    result = run("check", "--baseline", "praxis-baseline.json", "--format", "json")
    assert findings(result) == [("shop/views.py", 2)]


def test_takes_the_baseline_that_is_configured(site, run):
    (site / "pyproject.toml").write_text('[tool.praxis]\nbaseline = "known.json"\n')
    assert run("check", "--write-baseline").exit_code == 0
    assert (site / "known.json").is_file()
    assert run("check").exit_code == 0


def test_takes_stale_entries_out(site, run):
    run("check", "--write-baseline")
    (site / "shop/views.py").write_text("x = 1\n")
    stale = run("check", "--baseline", "praxis-baseline.json")
    assert "1 finding of the baseline no longer occurs" in stale.stdout
    renewed = run("check", "--write-baseline")
    assert "knows 0 findings now; 1 that no longer occur are out of it." in renewed.stdout


def test_keeps_entries_of_rules_that_did_not_run(site, run):
    run("check", "--write-baseline")
    run("check", "--write-baseline", "--select", "SEC")
    assert run("check", "--baseline", "praxis-baseline.json").exit_code == 0


@pytest.mark.parametrize("option", [["--min-severity", "error"], ["--diff", "HEAD"]])
def test_refuses_to_write_a_baseline_of_a_part(site, run, option):
    result = run("check", "--write-baseline", *option)
    assert isinstance(result.exception, ConfigError)
    assert not (site / "praxis-baseline.json").exists()


# Changes since a commit.


@pytest.fixture
def repository(site, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "/dev/null")
    git("init", "-q", "-b", "main")
    git("add", ".")
    commit("first")
    return site


def git(*arguments):
    subprocess.run(["git", *arguments], check=True, capture_output=True)


def commit(message):
    identity = ["-c", "user.name=T", "-c", "user.email=t@x.test"]
    git(*identity, "commit", "-q", "-m", message)


def changed(run, ref="HEAD"):
    return findings(run("check", "--format", "json", "--diff", ref))


def test_tells_only_of_changed_lines(repository, run):
    assert changed(run) == []
    (repository / "shop/views.py").write_text("x = 1\ndef view():\n    bad(2)\n    return bad(1)\n")
    assert changed(run) == [("shop/views.py", 3)]


def test_tells_of_a_span_that_holds_a_changed_line(repository, run):
    views = repository / "shop/views.py"
    views.write_text("bad(\n    1,\n    2,\n)\n")
    git("add", ".")
    commit("second")
    views.write_text("bad(\n    1,\n    3,\n)\n")
    assert changed(run) == [("shop/views.py", 1)]


def test_takes_a_new_file_for_changed(repository, run):
    (repository / "shop/new.py").write_text("bad(1)\n")
    assert changed(run) == [("shop/new.py", 1)]


def test_does_not_take_other_line_ends_for_changes(repository, run):
    views = repository / "shop/views.py"
    views.write_bytes(views.read_bytes().replace(b"\n", b"\r\n"))
    assert changed(run) == []


def test_counts_from_where_the_branch_began(repository, run):
    git("checkout", "-q", "-b", "work")
    git("checkout", "-q", "main")
    (repository / "shop/views.py").write_text("x = 1\n")
    git("add", ".")
    commit("main goes on")
    git("checkout", "-q", "work")
    (repository / "shop/other.py").write_text("bad(1)\n")
    assert changed(run, "main") == [("shop/other.py", 1)]


def test_works_in_a_project_below_the_repository(repository, run, monkeypatch):
    below = repository / "backend"
    below.mkdir()
    (below / "manage.py").write_text("bad(1)\n")
    git("add", ".")
    commit("second")
    (below / "manage.py").write_text("bad(1)\nbad(2)\n")
    monkeypatch.chdir(below)
    assert changed(run) == [("manage.py", 2)]


def test_runs_no_program_that_the_repository_names(repository, run, tmp_path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "filter.t.clean", "diff.t.textconv"):
        git("config", key, str(trap))
    (repository / ".gitattributes").write_text("*.py filter=t diff=t\n")
    (repository / "shop/views.py").write_text("bad(9)\n")
    assert changed(run) == [("shop/views.py", 1)]
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("ref", ["no-such-branch", "--output=x", "HEAD:shop/views.py", ""])
def test_refuses_what_is_no_commit(repository, run, ref):
    result = run("check", f"--diff={ref}")
    assert isinstance(result.exception, ConfigError)
    assert "no such commit" in str(result.exception)


def test_refuses_a_folder_without_a_repository(site, run, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(site.parent))
    result = run("check", "--diff", "HEAD")
    assert isinstance(result.exception, ConfigError)
    assert "no repository" in str(result.exception)


def test_says_that_git_is_missing(repository, run, monkeypatch):
    monkeypatch.setenv("PATH", "")
    result = run("check", "--diff", "HEAD")
    assert isinstance(result.exception, ConfigError)
    assert "needs git" in str(result.exception)


def test_quiet_statistics_are_the_counts_alone(site, run):
    lines = run("check", "--statistics", "--quiet").stdout.split("\n")
    assert [line.split()[:4] for line in lines if line] == [
        ["Rule", "Severity", "Found", "Safe"],
        ["TST901", "call_of_bad", "warning", "1"],
    ]
