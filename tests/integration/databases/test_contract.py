"""The promise: nobody reads older than what they wrote, nobody sees an error; most reads go out."""

import pytest
from django.contrib.auth.models import Group

from praxis.databases import scopes
from tests.integration.databases.conftest import is_up
from tests.integration.databases.points import delay, until
from tests.integration.databases.workload import Visitors

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def late(routed):
    """One replica in time, and one that is two seconds late."""
    Group.objects.all().delete()
    delay(routed.replicas[1], 2.0)
    return routed


def bring_back(replica):
    if replica.is_alive:
        replica.resume()
    else:
        replica.restart()


@pytest.mark.parametrize(("way", "number"), [("kill", 0), ("pause", 0), ("kill", 1)])
def test_nothing_is_stale_and_nothing_fails(late, way, number):
    replica = late.replicas[number]
    with Visitors(late) as tally:
        tally.wait_for(150)
        # measured in benchmarks; here a machine may be busy
        assert tally.share > 0.5
        getattr(replica, way)()
        tally.wait_for(150)
        until(lambda: not is_up(number + 1))
        tally.wait_for(80)
        bring_back(replica)
        until(lambda: is_up(number + 1))
        tally.wait_for(80)
    assert tally.stale == []
    assert tally.went_back == []
    assert tally.errors == []


def test_a_router_that_ignores_the_token_shows_old_rows(late, monkeypatch):
    monkeypatch.setattr(scopes.Scope, "floor", lambda *_: None)
    with Visitors(late) as tally:
        tally.wait_for(150)
    assert tally.stale


def test_a_router_without_fail_over_shows_errors(late, monkeypatch):
    from praxis.databases import hooks

    monkeypatch.setattr(hooks, "_next", lambda *_: None)
    with Visitors(late) as tally:
        tally.wait_for(50)
        late.replicas[0].kill()
        tally.wait_for(150)
    assert tally.errors
