"""What a rule sees of the project: files that change meanwhile."""

import pytest

from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.findings import Finding
from praxis.audit.project import Project
from tests.temporary_rules import temporary_rule


@pytest.fixture
def site(tmp_path):
    (tmp_path / "one.py").write_text("x = 1\n")
    (tmp_path / "two.py").write_text("y = 2\n")
    return tmp_path.resolve()


@pytest.mark.parametrize("content", [None, b"", b"\xff\n", b"y = 3\n"])
def test_a_file_that_changes_during_the_check_is_told_and_costs_itself_alone(site, content):
    def look(project):
        if content is None:
            (site / "one.py").unlink(missing_ok=True)
        else:
            (site / "one.py").write_bytes(content)
        for path in ("two.py", "one.py"):
            yield Finding(project.place(path, 0, 1), "seen")

    options = {"visits": Project, "callees": frozenset()}
    with temporary_rule(look, code="TST902", name="look", **options):
        result = audit(Root(site, ()), Config(select=("TST902",)), use_cache=False, processes=1)
    assert [finding.place.path for finding in result.findings] == ["two.py"]
    assert list(map(str, result.problems)) == ["one.py: changed while it was checked: check again"]
