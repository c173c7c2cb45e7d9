import pytest

from tests.unit.cache.results.fakes import shelved


@pytest.fixture
def shelf(monkeypatch):
    return shelved(monkeypatch)
