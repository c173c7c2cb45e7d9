"""
Rate limits, locks and sessions under load while their Redis fails in every way, and after it.

All three run at once on one Redis, so that each server is started once. Nobody waits for more than
one timeout a call, is told an error that the policy does not name, is logged out, gets a lock that
another one has, or is let in more often than is promised; and all of them are served again without
anybody doing anything.
"""

import pytest
from django.test.utils import override_settings

from tests.integration.outages.faults import (
    FAULTS,
    half_open,
    paused,
    sentinel_killed,
    sentinel_lagging,
)
from tests.integration.outages.loads import loads
from tests.integration.outages.story import Story

pytestmark = [pytest.mark.redis, pytest.mark.slow, pytest.mark.timeout(240)]

#: Long enough that a busy machine is no server that hangs.
TIMEOUT_S = 0.5


@pytest.fixture
def happened(tmp_path, monkeypatch):
    """Let a fault strike while visitors come; return what must not be, and was."""
    monkeypatch.delenv("PRAXIS_REDIS_URL", raising=False)

    def happen(fault, *, replicas=None, in_coroutines=False):
        with fault(tmp_path) as scene:
            copies = scene.replicas if replicas is None else replicas
            praxis = {
                "redis": {"url": scene.url, "timeout_s": TIMEOUT_S},
                "sessions": {"replicas": copies},
            }
            with override_settings(PRAXIS=praxis):
                story = Story(scene, loads(scene, copies))
                return story.happen(in_coroutines=in_coroutines).complaints()

    return happen


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_befalls_redis_befalls_nobody_else(happened, fault):
    assert happened(fault) == []


def test_without_waiting_for_replicas_a_fail_over_loses_the_last_moment_alone(happened):
    assert happened(sentinel_lagging, replicas=0) == []


@pytest.mark.parametrize("fault", [paused, half_open, sentinel_killed], ids=lambda f: f.__name__)
def test_the_same_holds_for_coroutines(happened, fault):
    assert happened(fault, in_coroutines=True) == []
