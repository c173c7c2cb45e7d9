import pytest
from django.test.utils import override_settings

from praxis import embedded


@pytest.fixture(scope="session")
def shared_server():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRAXIS_REDIS_URL", raising=False)
        with embedded.redis() as server:
            yield server


@pytest.fixture
def server(shared_server):
    """A server that runs, with nothing in it, whatever the test before did to it."""
    if not shared_server.is_alive:
        shared_server.restart()
    shared_server.flush()
    return shared_server


@pytest.fixture
def configured(server):
    """Let the settings say something; the server is the one of the test."""
    stack = []

    def configure(url=server.url, timeout_s=2.0, **ratelimit):
        praxis = {"redis": {"url": url, "timeout_s": timeout_s}, "ratelimit": ratelimit}
        change = override_settings(PRAXIS=praxis)
        change.enable()
        stack.append(change)

    configure()
    yield configure
    for change in reversed(stack):
        change.disable()
