import pytest

from praxis import embedded
from praxis.errors import ServerError

pytestmark = pytest.mark.redis


def test_promotes_the_replica_when_the_master_is_killed():
    with embedded.redis_sentinel(replicas=1, sentinels=3, down_after_s=0.5) as group:
        old = group.master
        client = group.client(socket_timeout=1.0).master_for(group.service)
        client.set("key", "value")
        client.wait(1, 5000)
        client.connection_pool.disconnect()

        old.kill()
        new = group.wait_for_other_master(old)
        assert new is group.servers[1]
        with new.client() as direct:
            assert direct.get("key") == "value"
        client.set("key", "after")
        assert client.get("key") == "after"
        client.connection_pool.disconnect()
        for sentinel in client.connection_pool.sentinel_manager.sentinels:
            sentinel.close()
        assert group.replicas == [old]

        group.sentinels[0].kill()
        assert not group.sentinels[0].is_alive
        assert group.master is new  # another Sentinel answers
        group.sentinels[0].restart()
        assert group.sentinels[0].is_alive


def test_starts_a_kept_group_as_it_was(tmp_path):
    with embedded.redis_sentinel(sentinels=1, directory=tmp_path) as group:
        with group.master.client() as client:
            client.set("key", "value")
        ports = [server.port for server in group.servers]
    with embedded.redis_sentinel(sentinels=1, directory=tmp_path) as group:
        assert [server.port for server in group.servers] == ports
        with group.master.client() as client:
            assert client.get("key") == "value"


def test_refuses_a_group_without_replicas():
    with pytest.raises(ServerError, match="at least 1 replica"):
        embedded.redis_sentinel(replicas=0)
