"""The hook, the action and the snippets of the guides: they parse, and name what exists."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from praxis.cli.main import VERBS, praxis

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs/guides"
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    text = (GUIDES / page).read_text("utf-8")
    return [match["code"] for match in FENCE.finditer(text) if match["language"] == language]


def parse_command(line):
    """Parse a command line of ``praxis`` as click would; nothing is run."""
    name, verb, *arguments = shlex.split(line)
    assert name == "praxis"
    command = praxis.get_command(click.Context(praxis), verb)
    assert command is not None, f"{verb} is none of {list(VERBS)}"
    return command.make_context(verb, arguments, resilient_parsing=False).params


def commands_in(text):
    for line in text.replace("\\\n", " ").splitlines():
        match = re.match(r"(?:\$ |- (?:run: )?)?(praxis \S.*)$", line.strip())
        if match:
            yield match[1]


@pytest.mark.parametrize("page", sorted(path.name for path in GUIDES.glob("*.md")))
def test_commands_of_the_guides_have_the_options_they_name(page):
    for block in blocks(page, "console") + blocks(page, "yaml"):
        for line in commands_in(block):
            if "[" not in line:
                parse_command(line.partition("  #")[0])


def test_the_guide_shows_commands_at_all():
    found = [line for block in blocks("ci.md", "yaml") for line in commands_in(block)]
    assert "praxis check --format gitlab --output gl-code-quality-report.json" in found
    assert "praxis check --format github" in found


@pytest.mark.parametrize("page", ["ci.md", "editors.md"])
def test_snippets_parse(page):
    parsers = {"yaml": yaml.safe_load, "json": json.loads, "toml": tomllib.loads}
    count = 0
    for language, parse in parsers.items():
        for code in blocks(page, language):
            assert parse(code)
            count += 1
    assert count >= 2


def test_editors_start_the_server():
    text = (GUIDES / "editors.md").read_text()
    (code,) = blocks("editors.md", "json")
    settings = json.loads(code)
    words = [settings["glspc.server.command"], *settings["glspc.server.commandArguments"]]
    assert words == ["praxis", "lsp"]
    (helix,) = blocks("editors.md", "toml")
    server = tomllib.loads(helix)["language-server"]["praxis"]
    assert [server["command"], *server["args"]] == ["praxis", "lsp"]
    assert 'cmd = { "praxis", "lsp" }' in text
    assert "lsp" in VERBS


def test_the_guides_are_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text()
    assert "guides/ci.md" in navigation
    assert "guides/editors.md" in navigation


def test_pygls_is_an_extra_and_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extra = project["project"]["optional-dependencies"]["lsp"]
    assert extra[0].startswith("pygls>=")
    assert extra[0] in project["dependency-groups"]["test"]


# The hook.


@pytest.fixture
def site(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "manage.py").touch()
    for path in ("shop/a.py", "shop/b.py", "vendor/c.py"):
        (tmp_path / path).write_text("import requests\n\nrequests.get('http://x')\n")
    return tmp_path


def praxis_in(folder, arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "praxis", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PRAXIS_CACHE_DIR": str(folder / ".cache")} | environment,
    )


def hook():
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return only


def test_the_hook_is_one_that_pre_commit_takes():
    assert hook()["id"] == "praxis-check"
    assert hook()["language"] == "python"
    assert hook()["require_serial"] is True
    assert hook().get("pass_filenames", True) is True
    parse_command(shlex.join([*shlex.split(hook()["entry"]), *hook()["args"], "a.py", "b.py"]))


def test_the_guide_names_the_hook():
    configurations = [yaml.safe_load(code) for code in blocks("ci.md", "yaml")]
    (repositories,) = [c["repos"] for c in configurations if "repos" in c]
    assert repositories[0]["hooks"] == [{"id": hook()["id"]}]


@pytest.mark.parametrize(
    ("staged", "code", "found"),
    [
        (["shop/a.py"], 1, ["shop/a.py"]),
        (["shop/a.py", "shop/b.py"], 1, ["shop/a.py", "shop/b.py"]),
        (["manage.py"], 0, []),
        (["vendor/c.py"], 0, []),
        (["vendor/c.py", "shop/b.py"], 1, ["shop/b.py"]),
    ],
)
def test_the_hook_reports_on_the_staged_files_alone(site, staged, code, found):
    _, *entry = shlex.split(hook()["entry"])
    result = praxis_in(site, [*entry, *hook()["args"], *staged])
    assert result.returncode == code, result.stderr
    assert sorted({line.partition(":")[0] for line in result.stdout.splitlines()}) == found


# The action.


def action():
    return yaml.safe_load((ROOT / "action.yml").read_text())


def test_the_action_is_composite_and_uses_no_other():
    runs = action()["runs"]
    assert runs["using"] == "composite"
    for step in runs["steps"]:
        assert "uses" not in step
        assert step["shell"] == "bash"


def test_what_users_write_reaches_the_shell_through_the_environment_alone():
    for step in action()["runs"]["steps"]:
        assert "${{" not in step["run"]


def test_every_input_is_used_explained_and_in_the_guide():
    text = (ROOT / "action.yml").read_text()
    guide = (GUIDES / "ci.md").read_text()
    for name, described in action()["inputs"].items():
        assert f"inputs.{name} " in text
        assert described["description"]
        assert f"| `{name}` |" in guide
    used = [s for code in blocks("ci.md", "yaml") for s in _steps(yaml.safe_load(code))]
    mine = [step for step in used if step.get("uses", "").startswith("OWNER/praxis@")]
    assert mine
    for step in mine:
        assert set(step["with"]) <= set(action()["inputs"])


def _steps(document):
    if isinstance(document, list):
        return document
    return [step for job in document.get("jobs", {}).values() for step in job.get("steps", ())]


@pytest.fixture
def check(site):
    """Runs the action's step as GitHub does; the outputs and what was printed."""
    step = next(step for step in action()["runs"]["steps"] if step.get("id") == "check")
    bin_folder = site / "bin-of-the-test"
    bin_folder.mkdir()
    program = bin_folder / "praxis"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m praxis "$@"\n')
    program.chmod(0o755)

    def run(**inputs):
        defaults = {name: entry["default"] for name, entry in action()["inputs"].items()}
        given = {**defaults, **inputs}
        environment = {
            name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: given[match[1]], value)
            for name, value in step["env"].items()
        }
        outputs = site / "outputs.txt"
        outputs.write_text("")
        result = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=site,
            capture_output=True,
            text=True,
            env=os.environ
            | environment
            | {
                "PATH": f"{bin_folder}:{os.environ['PATH']}",
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_WORKSPACE": str(site),
                "PRAXIS_CACHE_DIR": str(site / ".cache"),
            },
        )
        return result, outputs.read_text()

    return run


def test_the_action_annotates_and_fails(check):
    result, outputs = check()
    assert result.returncode == 1
    assert "::warning file=shop/a.py,line=3," in result.stdout
    assert outputs == "exit-code=1\n"


def test_the_action_writes_sarif_and_may_pass(check, site):
    result, outputs = check(sarif="a report.sarif", fail="false", path="shop/a.py\nshop/b.py\n")
    assert result.returncode == 0
    assert outputs == "exit-code=1\n"
    (run,) = json.loads((site / "a report.sarif").read_text())["runs"]
    assert len(run["results"]) == 2


def test_the_action_takes_arguments_as_they_are(check, site):
    result, _ = check(arguments="--select=ORM\n--exclude=shop/a b $(touch evil)\n")
    assert result.returncode == 0
    assert not (site / "evil").exists()
    result, outputs = check(arguments="--nope", fail="false")
    assert result.returncode == 2
    assert outputs == "exit-code=2\n"


def test_the_action_may_write_text(check):
    result, _ = check(annotations="false")
    assert "::warning" not in result.stdout
    assert "shop/a.py:3:1  warning  VIEW105" in result.stdout
