"""
Threads that look at each server again and again: who is up, and how far.

A thread for each server, so that one that hangs holds up nothing else. They begin with the first
read, in each process for itself, also in one that was forked.
"""

import logging
import os
import random
import re
import threading
from collections.abc import Callable
from typing import Any

from django.core.signals import setting_changed
from django.db import connections

from praxis.conf import DatabasesConfig, config
from praxis.databases.clusters import Cluster, Replica
from praxis.databases.flights import flights
from praxis.databases.probe import Probe, ProbeError, SilentError
from praxis.databases.questions import Answer
from praxis.databases.topology import Topology, forget_topology, topology

logger = logging.getLogger("praxis.databases")


class Watch:
    """
    Looks at the servers of a topology until it is stopped.

    Args:
        watched: Its clusters; replicas that are found out are added.
        settings: How often, and for how long.
        probe: Makes what asks the server of an alias.
    """

    def __init__(
        self,
        watched: Topology,
        settings: DatabasesConfig,
        probe: Callable[[str, float], Probe] | None = None,
    ) -> None:
        self._topology = watched
        self._settings = settings
        self._probe = probe or _probe
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self.pid = os.getpid()

    def start(self) -> None:
        for cluster in list(self._topology.clusters.values()):
            self._watch_primary(cluster)
            for replica in cluster.replicas:
                self._watch_replica(cluster, replica)
        found = Findings(self._topology, self._settings, self._begin)
        for alias in self._topology.undecided:
            self._run(alias, found.answered)

    def stop(self, *, timeout_s: float = 5.0) -> None:
        """End the threads; what they know stays as it is."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _begin(self, cluster: Cluster, replica: Replica) -> None:
        """Watch a replica that was found out; its primary with the first one."""
        if len(cluster.replicas) == 1:
            self._watch_primary(cluster)
        self._watch_replica(cluster, replica)

    def _watch_primary(self, cluster: Cluster) -> None:
        self._run(cluster.primary, lambda _, answer: _hear_primary(cluster, answer))

    def _watch_replica(self, cluster: Cluster, replica: Replica) -> None:
        watcher = ReplicaWatcher(cluster, replica, self._settings)
        self._run(replica.alias, lambda _, answer: watcher.answered(answer), watcher.failed)

    def _run(
        self,
        alias: str,
        answered: Callable[[str, Answer], bool | None],
        failed: Callable[[ProbeError], None] | None = None,
    ) -> None:
        """Look until stopped, or until *answered* says that it has heard enough."""
        hear_failure = failed or _ignore

        def look() -> None:
            probe = self._probe(alias, self._settings.timeout_s)
            try:
                while not self._stopped.is_set():
                    try:
                        if answered(alias, probe.ask()) is False:
                            return
                    except ProbeError as error:
                        hear_failure(error)
                    try:
                        probe.wait(self._settings.poll_s * random.uniform(0.5, 1.5))  # noqa: S311
                    except ProbeError as error:
                        hear_failure(error)
            except Exception:  # a thread that ends silently would leave what it knew last
                logger.exception("The watch over database %r has failed", alias)
                hear_failure(ProbeError("nobody looks at it any more"))
            finally:
                probe.close()

        thread = threading.Thread(target=look, name=f"praxis-databases-{alias}", daemon=True)
        self._threads.append(thread)
        thread.start()


class ReplicaWatcher:
    """Lets one replica in and puts it out."""

    def __init__(self, cluster: Cluster, replica: Replica, settings: DatabasesConfig) -> None:
        self._cluster = cluster
        self._replica = replica
        self._settings = settings
        self._told = ""

    def answered(self, answer: Answer) -> None:
        """Judge what it says of itself."""
        objection = self._cluster.objection(
            self._replica, answer, max_lag_s=self._settings.max_lag_s
        )
        if objection:
            self._put_out(objection)
            return
        lag_s = 0.0 if answer.position is None else self._cluster.lag_s(answer.position)
        if self._replica.let_in(answer.position, lag_s):
            logger.info("Replica %r is read from now on.", self._replica.alias)
        self._told = ""

    def failed(self, error: ProbeError) -> None:
        """Put it out; where it hangs, end what waits for it, too."""
        self._put_out(str(error))
        if isinstance(error, SilentError):
            count = flights.break_off(
                self._replica.alias, older_than_s=self._settings.timeout_s / 2
            )
            if count:
                logger.warning(
                    "%d statements that waited for replica %r go elsewhere.",
                    count,
                    self._replica.alias,
                )

    def _put_out(self, reason: str) -> None:
        was_up = self._replica.put_out(reason)
        is_beginning = self._cluster.identifier is None
        self._replica.is_judged = not is_beginning
        kind = re.sub(r"[\d./]+", "", reason)  # without figures that change each time
        if was_up or kind != self._told:
            level = logging.DEBUG if is_beginning else logging.WARNING
            logger.log(level, "Replica %r is not read: %s.", self._replica.alias, reason)
        self._told = kind


class Findings:
    """Finds out which servers follow which, where the settings do not say."""

    def __init__(
        self,
        found: Topology,
        settings: DatabasesConfig,
        begin: Callable[[Cluster, Replica], None],
    ) -> None:
        self._topology = found
        self._settings = settings
        self._begin = begin
        self._lock = threading.Lock()
        self._primaries: dict[tuple[int, str], str] = {}
        self._waiting: dict[str, tuple[int, str]] = {}

    def answered(self, alias: str, answer: Answer) -> bool:
        """Take what one server says; False: it need not be asked again here."""
        if not answer.identifier:
            logger.warning(
                "Database %r does not tell which cluster it belongs to. Name its primary in "
                'PRAXIS["databases"]["replicas"].',
                alias,
            )
            return False
        if self._topology.replica(alias):
            return False  # found out before
        key = answer.identifier, str(connections.settings[alias]["NAME"])
        with self._lock:
            if answer.is_replica:
                self._waiting[alias] = key
            else:
                self._primaries.setdefault(key, alias)
            ready = [one for one, of in self._waiting.items() if of in self._primaries]
            for one in ready:
                self._add(one, self._primaries[self._waiting.pop(one)])
        return False

    def _add(self, alias: str, primary: str) -> None:
        replica = Replica(alias, is_balanced=alias in self._settings.balanced)
        self._topology.add(primary, replica)
        self._begin(self._topology.clusters[primary], replica)
        logger.info("Database %r is a replica of %r.", alias, primary)


def watch() -> Topology:
    """The topology of this process, looked at from now on."""
    global _watch  # noqa: PLW0603 - one a process
    known = topology()
    running = _watch
    if running is None or running[0] is not known or running[1].pid != os.getpid():
        with _lock:
            running = _watch
            if running is None or running[0] is not known or running[1].pid != os.getpid():
                made = Watch(known, config().databases)
                if running is not None and running[1].pid == os.getpid():
                    running[1].stop(timeout_s=0)
                _watch = known, made
                made.start()
    return known


_watch: tuple[Topology, Watch] | None = None
_lock = threading.Lock()


def stop_watching() -> None:
    """End the threads of this process; the next read starts them again."""
    global _watch
    with _lock:
        running, _watch = _watch, None
    if running is not None and running[1].pid == os.getpid():
        running[1].stop()


def _ignore(error: ProbeError) -> None:
    """Who has asked cannot do anything about it."""


def _hear_primary(cluster: Cluster, answer: Answer) -> None:
    if not answer.is_replica:
        cluster.primary_answered(answer)


def _probe(alias: str, timeout_s: float) -> Probe:
    connection: Any = connections.create_connection(alias)
    return Probe(connection.get_connection_params(), timeout_s=timeout_s)


def _after_fork() -> None:
    """In a child: nobody holds these locks, and of the replicas nothing is known."""
    global _lock, _watch  # noqa: PLW0603
    _lock = threading.Lock()
    _watch = None
    forget_topology()
    flights.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "DATABASES"}:
        stop_watching()


setting_changed.connect(_forget, dispatch_uid="praxis.databases.watching")
