"""Which alias of ``DATABASES`` is a replica of which, as the settings say it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.signals import setting_changed
from django.db import connections

from praxis.conf import config
from praxis.databases.clusters import Cluster, Replica

ENGINES = ("postgresql", "postgis")


@dataclass(slots=True)
class Topology:
    """
    The primaries with their replicas.

    Attributes:
        clusters: By the alias of the primary.
        undecided: Aliases of which only their servers can say what they are.
    """

    clusters: dict[str, Cluster] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)
    #: Of each alias the primary of its cluster.
    _primaries: dict[str, str] = field(default_factory=dict)

    def add(self, primary: str, replica: Replica) -> None:
        """Let reads of *primary* go to a replica."""
        cluster = self.clusters.get(primary)
        if cluster is None:
            self.clusters[primary] = Cluster(primary, [replica])
        else:
            cluster.replicas = (*cluster.replicas, replica)
        self._primaries |= {primary: primary, replica.alias: primary}

    def cluster_of(self, alias: str) -> Cluster | None:
        """The cluster that an alias belongs to, as far as is known."""
        primary = self._primaries.get(alias)
        return None if primary is None else self.clusters[primary]

    def replica(self, alias: str) -> Replica | None:
        """The replica of that alias; None if it is none."""
        cluster = self.cluster_of(alias)
        if cluster is None:
            return None
        return next((one for one in cluster.replicas if one.alias == alias), None)


def declared() -> Mapping[str, str]:
    """The primary of each replica that the settings name; empty if they name none."""
    named = config().databases.replicas
    return named or {
        alias: entry["TEST"]["MIRROR"]
        for alias, entry in connections.settings.items()
        if is_postgresql(alias) and entry["TEST"]["MIRROR"]
    }


def is_postgresql(alias: str) -> bool:
    """Whether its server is one whose replicas tell how far they are."""
    engine = connections.settings.get(alias, {}).get("ENGINE", "")
    return bool(engine.rpartition(".")[2] in ENGINES or "psycopg" in engine)


def topology() -> Topology:
    """Return the one of this process."""
    global _topology  # noqa: PLW0603 - made once, at the first read
    known = _topology
    if known is None:
        with _lock:
            known = _topology
            if known is None:
                known = _topology = _read()
    return known


_topology: Topology | None = None
_lock = threading.Lock()


def _read() -> Topology:
    made = Topology()
    balanced = config().databases.balanced
    pairs = declared()
    for alias, primary in pairs.items():
        if alias in connections.settings and primary in connections.settings and alias != primary:
            made.add(primary, Replica(alias, is_balanced=alias in balanced))
    if not pairs:
        aliases = [alias for alias in connections.settings if is_postgresql(alias)]
        made.undecided = aliases if len(aliases) > 1 else []
    return made


def forget_topology() -> None:
    """Read it anew the next time: the settings have changed, or the process was forked."""
    global _lock, _topology  # noqa: PLW0603
    _lock = threading.Lock()
    _topology = None


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "DATABASES"}:
        forget_topology()


setting_changed.connect(_forget, dispatch_uid="praxis.databases.topology")
