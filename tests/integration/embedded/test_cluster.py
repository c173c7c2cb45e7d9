import pytest

from praxis import embedded

pytestmark = pytest.mark.redis


def test_serves_all_slots_and_starts_again_with_its_data(tmp_path):
    with embedded.redis_cluster(directory=tmp_path) as cluster:
        with cluster.client() as client:
            names = [f"key-{number}" for number in range(60)]
            for name in names:
                client.set(name, name.upper())
            assert client.get_default_node() is not None
            shards = client.cluster_slots()
            owned = sum(last - first + 1 for first, last in shards)
            assert owned == 16_384
            assert len({shard["primary"] for shard in shards.values()}) == 3
            assert all(len(shard["replicas"]) == 1 for shard in shards.values())
        assert sum(_size(node) for node in cluster.nodes[:3]) == len(names)
        assert all(_size(node) > 0 for node in cluster.nodes[:3])
        urls = cluster.urls
    with embedded.redis_cluster(directory=tmp_path) as cluster:
        assert cluster.urls == urls
        with cluster.client() as client:
            assert [client.get(name) for name in names] == [name.upper() for name in names]
        cluster.flush()
        assert sum(_size(node) for node in cluster.nodes[:3]) == 0


def _size(node):
    with node.client() as client:
        return client.dbsize()
