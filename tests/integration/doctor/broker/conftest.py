from tests.integration.redis_settings import server, shared_server

__all__ = ["server", "shared_server"]
