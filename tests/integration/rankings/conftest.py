from functools import partial

import pytest

from tests.integration.redis_settings import configure_redis, server, shared_server

__all__ = ["configure_redis", "server", "shared_server"]


@pytest.fixture
def configured(configure_redis):
    """Let the settings of rankings say something."""
    configure = partial(configure_redis, "rankings")
    configure()
    return configure
