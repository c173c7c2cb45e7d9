from functools import partial

import pytest

from tests.integration.realtime.sites import serve
from tests.integration.redis_settings import configure_redis, shared_server

__all__ = ["configure_redis", "shared_server"]

CHANNELS = {
    "orders": {"authorise": "all"},
    "prices": {"authorise": "all", "history": 100},
    "staff": {"authorise": "staff"},
    "members": {"authorise": "authenticated"},
    "secret": {},
    "user:{pk}": {"authorise": "owner"},
    "room:{name}": {"authorise": "tests.integration.realtime.site.may_enter"},
    "hall": {"authorise": "all", "presence": True},
    "task:{id}": {"authorise": "all"},
}


@pytest.fixture
def server(shared_server):
    """The same for all, and not emptied: the site listens to it."""
    return shared_server


@pytest.fixture
def configured(configure_redis):
    """Let the settings of realtime say something."""
    configure = partial(configure_redis, "realtime", channels=CHANNELS)
    configure()
    return configure


@pytest.fixture(scope="session")
def shared_site(shared_server):
    with serve(shared_server.url, {"channels": CHANNELS, "authorise_again_s": 0.5}) as site:
        yield site


@pytest.fixture
def site(shared_site, configured):
    """A site in a process of its own, with the channels above."""
    return shared_site
