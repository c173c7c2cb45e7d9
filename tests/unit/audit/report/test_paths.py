from pathlib import Path

import pytest

from praxis.audit.findings import Problem
from praxis.audit.report.paths import Paths


@pytest.mark.parametrize(
    ("root", "here", "shown"),
    [
        ("/srv/shop", "/srv/shop", "a/views.py"),
        ("/srv/shop", "/srv", "shop/a/views.py"),
        ("/srv/shop", "/srv/shop/a/b", "../../a/views.py"),
        ("/srv/shop", "/home/me", "/srv/shop/a/views.py"),
    ],
)
def test_paths_can_be_opened_from_where_the_reader_stands(root, here, shown):
    paths = Paths(Path(root), Path(here))
    assert paths.path("a/views.py") == shown
    assert paths.problem(Problem("a/views.py", 3, "oh")) == f"{shown}:3: oh"


def test_short_paths_are_those_of_the_project():
    assert Paths(Path("/srv/shop"), Path("/home/me"), short=True).path("a.py") == "a.py"
