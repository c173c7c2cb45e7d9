import pytest
from redis.crc import key_slot as reference

from praxis.redis.slots import SLOTS, key_slot, read_slots
from praxis.redis.targets import Address


@pytest.mark.parametrize(
    "key", ["foo", "{user1000}.following", "foo{}{bar}", "foo{{bar}}zap", "foo{bar}{zap}", "{}", "",
            "{open", "ключ{é}x", "a" * 1000]
)  # fmt: skip
def test_agrees_with_redis_py(key):
    assert key_slot(key) == key_slot(key.encode()) == reference(key.encode())


def test_agrees_with_the_specification():
    assert key_slot("123456789") == 0x31C3


def test_reads_the_map_of_a_cluster():
    answer = [
        [0, 5460, [b"10.0.0.1", 7000, b"id1"], [b"10.0.0.4", 7003, b"id4"]],
        [5462, SLOTS - 1, [b"", 7001, b"id2"]],
    ]
    owners = read_slots(answer, Address("asked", 1))
    assert len(owners) == SLOTS
    assert owners[0] == owners[5460] == ("10.0.0.1", 7000)
    assert owners[5461] is None
    assert owners[5462] == owners[-1] == ("asked", 7001)
