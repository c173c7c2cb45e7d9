import os

import pytest

from praxis.audit.config import Config, read_config
from praxis.audit.findings import Severity
from praxis.errors import ConfigError


def read(tmp_path, text):
    (tmp_path / "pyproject.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_config(tmp_path)


def test_is_the_default_without_a_file_or_a_table(tmp_path):
    assert read_config(tmp_path) == Config()
    assert read(tmp_path, "[tool.other]\nx = 1\n") == Config()


def test_reads_every_field_in_kebab_case(tmp_path):
    text = """
        [tool.praxis]
        select = ["ORM"]
        ignore = ["count_to_test_existence"]
        exclude = ["legacy/*"]
        require-reason = true
        baseline = "known.json"
        per-path-ignores = { "old_shop/*" = ["ORM101"] }
        severity = { ORM101 = "note" }
    """
    assert read(tmp_path, text) == Config(
        select=("ORM",),
        ignore=("count_to_test_existence",),
        exclude=("legacy/*",),
        require_reason=True,
        baseline="known.json",
        per_path_ignores={"old_shop/*": ("ORM101",)},
        severity={"ORM101": Severity.NOTE},
    )


def test_takes_the_spelling_of_python_too(tmp_path):
    assert read(tmp_path, "[tool.praxis]\nrequire_reason = true\n").require_reason


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[tool.praxis]\nselct = []\n", ["pyproject.toml", "selct is not a setting", "select"]),
        ('[tool.praxis]\nselect = "ORM"\n', ["pyproject.toml", "select", "array", "str"]),
        ("[tool.praxis]\nselect = [1]\n", ["select", "str", "int"]),
        ('[tool.praxis]\nseverity = { ORM101 = "bad" }\n', ["severity", "bad"]),
        ("[tool.praxis]\nrequire-reason = 1\n", ["require-reason", "bool", "int"]),
        ("[tool]\npraxis = 1\n", ["must be a table"]),
        ("[tool.praxis\n", ["pyproject.toml", "not valid TOML"]),
        (b"\xff\xfe", ["not valid TOML"]),
    ],
)
def test_names_what_is_wrong(tmp_path, text, parts):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    for part in parts:
        assert part in str(caught.value)


def test_says_that_the_file_cannot_be_read(tmp_path):
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(ConfigError, match="not read"):
        read_config(tmp_path)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000, "\ufeff", "a = \0"])
def test_names_the_file_that_no_parser_can_read(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=r"pyproject\.toml: not valid TOML: "):
        read_config(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pyproject.toml")
    with pytest.raises(ConfigError, match="no plain file"):
        read_config(tmp_path)
