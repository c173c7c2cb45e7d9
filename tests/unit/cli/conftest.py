from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from praxis.audit.cache import FOLDER_VARIABLE
from praxis.audit.registry import Rule
from praxis.cli.main import praxis
from tests.temporary_rules import temporary_rule

Run = Callable[..., Result]


@pytest.fixture
def rule() -> Iterator[Rule]:
    """The rule TST901 call_of_bad, which flags calls of ``bad``."""
    with temporary_rule() as registered:
        yield registered


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Rule) -> Path:
    """A small project, with the working folder in it and a cache of its own."""
    root = tmp_path.resolve() / "site"
    (root / "shop").mkdir(parents=True)
    (root / "manage.py").write_text(
        'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
    )
    (root / "shop/views.py").write_text("def view():\n    return bad(1)\n")
    (root / "shop/other.py").write_text("x = 1\n")
    monkeypatch.chdir(root)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    return root


@pytest.fixture
def run() -> Run:
    """Run ``praxis`` in this process, as `main` does without its last line of defence."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(praxis, list(arguments))

    return invoke
