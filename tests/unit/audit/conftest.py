from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.outcome import Outcome, Request, settle
from praxis.audit.registry import Rule
from tests.temporary_rules import temporary_rule

OutcomeOf = Callable[..., Outcome]


@pytest.fixture
def rule() -> Iterator[Rule]:
    """The rule TST901 call_of_bad, which flags calls of ``bad``."""
    with temporary_rule() as registered:
        yield registered


@pytest.fixture
def outcome_of(tmp_path: Path) -> OutcomeOf:
    """Audit these files with the temporary rules; the files stay for the reports to read."""

    def make(
        files: dict[str, str | bytes],
        config: Config | None = None,
        request: Request | None = None,
        within: tuple[str, ...] = (),
    ) -> Outcome:
        root = tmp_path.resolve() / "site"
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            data = content if isinstance(content, bytes) else content.encode()
            (root / path).write_bytes(data)
        config = config or Config(select=("TST",))
        result = audit(Root(root, ("manage.py",), within), config, use_cache=False, processes=1)
        return settle(result, config, request or Request())

    return make
