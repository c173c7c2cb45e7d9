from functools import partial

import pytest
from django.test.utils import override_settings

from tests.integration.redis_settings import configure_redis, server, shared_server

__all__ = ["configure_redis", "server", "shared_server"]


@pytest.fixture
def configured(configure_redis):
    """Sessions are here, and the test may say something of them."""
    configure = partial(configure_redis, "sessions")
    configure()
    with override_settings(SESSION_ENGINE="praxis.sessions"):
        yield configure
