"""What this process knows of the replicas, for health pages and consoles."""

from dataclasses import dataclass

from praxis.databases.watching import watch


@dataclass(frozen=True, slots=True)
class ReplicaStatus:
    """
    One replica.

    Attributes:
        alias: In ``DATABASES``.
        primary: The alias of its primary.
        is_up: Whether reads are sent there.
        reason: Why they are not; "" if they are.
        lag_s: How late it was when it was last looked at.
    """

    alias: str
    primary: str
    is_up: bool
    reason: str
    lag_s: float


def replica_status() -> list[ReplicaStatus]:
    """All replicas, as this process has last seen them. Nothing is asked for it."""
    return [
        ReplicaStatus(one.alias, cluster.primary, one.is_up, one.reason, one.lag_s)
        for cluster in list(watch().clusters.values())
        for one in cluster.replicas
    ]
