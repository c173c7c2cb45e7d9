import resource

import pytest

from praxis.realtime.capacity import most_connections


def test_what_is_configured_counts():
    assert most_connections(7) == 7


@pytest.mark.parametrize(
    ("files", "most"),
    [(1024, 768), (20_000, 19_744), (300, 150), (resource.RLIM_INFINITY, 99_744)],
)
def test_files_are_left_for_everything_else(monkeypatch, files, most):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert most_connections(0) == most
