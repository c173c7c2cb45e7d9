"""The slots of a Redis Cluster. See https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/."""

from binascii import crc_hqx
from typing import Any

from praxis.redis.targets import Address

SLOTS = 16_384


def key_slot(key: str | bytes) -> int:
    """Return the slot of a key: of what is between its first braces, if that is anything."""
    name = key if isinstance(key, bytes) else key.encode()
    begin = name.find(b"{")
    if begin >= 0:
        end = name.find(b"}", begin + 1)
        if end > begin + 1:
            name = name[begin + 1 : end]
    return crc_hqx(name, 0) % SLOTS  # the CRC16 of XMODEM, which is Redis' too


def read_slots(answer: Any, asked: Address) -> list[Address | None]:
    """
    Read ``CLUSTER SLOTS``: the master of each slot; None where nobody serves one.

    Args:
        answer: The list that the server sent.
        asked: Who sent it. A node that does not know its own name says nothing for it.
    """
    owners: list[Address | None] = [None] * SLOTS
    for first, last, master, *_ in answer:
        host = bytes(master[0] or b"").decode()
        owner = Address(asked.host if host in {"", "?"} else host, master[1])
        owners[first : last + 1] = [owner] * (last - first + 1)
    return owners
