"""What a Redis server says of itself, as far as the cache hangs on it."""

from dataclasses import dataclass

from praxis.redis import Session

#: The oldest version of Redis that has all commands and rules that the scripts need.
OLDEST = (6, 2)


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """
    One server.

    Attributes:
        version: Of Redis, or the one that Valkey is compatible with.
        max_bytes: What its data may take; 0 if nothing limits it.
        policy: What it evicts when that is reached.
        keys: Of all who use the same database of it.
        evicted: Keys since it started.
    """

    address: str
    version: str
    uptime_s: int
    used_bytes: int
    max_bytes: int
    policy: str
    keys: int
    evicted: int

    @property
    def evicts_safely(self) -> bool:
        """Whether only that goes which expires; marks of writes never do."""
        return not self.policy.startswith("allkeys-")

    @property
    def is_old(self) -> bool:
        """Whether it is older than `OLDEST`."""
        parts = [int(part) for part in self.version.split(".")[:2] if part.isdigit()]
        return len(parts) == 2 and tuple(parts) < OLDEST


def ask_server(session: Session) -> ServerFacts:
    """
    Ask for what there is to know; two trips.

    Raises:
        RedisUnavailableError, RedisReplyError: if it did not answer, or does not tell us.
    """
    told = dict(
        line.split(":", 1)
        for line in session.call("INFO").decode("utf-8", "replace").splitlines()
        if ":" in line
    )
    return ServerFacts(
        str(session.node.address),
        session.version,
        int(told.get("uptime_in_seconds", 0)),
        int(told.get("used_memory", 0)),
        int(told.get("maxmemory", 0)),
        told.get("maxmemory_policy", "unknown"),
        int(session.call("DBSIZE")),
        int(told.get("evicted_keys", 0)),
    )
