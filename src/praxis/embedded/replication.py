"""A PostgreSQL primary with streaming replicas, which may replay late on purpose."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from praxis.embedded import readiness
from praxis.embedded.group import Group
from praxis.embedded.postgres_server import (
    HOST,
    PostgresServer,
    check_version,
    runnable_binaries,
    start_primary,
    start_server,
)
from praxis.embedded.processes import Household, demand_unix, unprivileged_account
from praxis.errors import ServerError

READY_TIMEOUT_S = 60.0


class PostgresReplication(Group):
    """
    A running primary with its replicas; a context manager that stops all of them at the end.

    Attributes:
        primary: Where to write.
        replicas: Read-only copies, each a server of its own.
    """

    def __init__(
        self, household: Household, primary: PostgresServer, replicas: list[PostgresServer]
    ) -> None:
        super().__init__(household)
        self.primary = primary
        self.replicas = replicas

    def wait_until_replayed(self, *, timeout_s: float = 30.0) -> None:
        """
        Wait until every running replica shows what the primary has committed by now.

        Raises:
            ServerError: if one does not in *timeout_s*.
        """
        position = self.primary.sql("SELECT pg_current_wal_lsn()")
        for replica in self.replicas:
            if replica.is_alive:
                _wait_for_position(replica, position, timeout_s=timeout_s)

    def set_replay_delay(self, replay_delay_s: float) -> None:
        """Change how late the replicas replay, without a restart."""
        for replica in self.replicas:
            value = f"{round(replay_delay_s * 1000)}ms"
            replica.sql(f"ALTER SYSTEM SET recovery_min_apply_delay = '{value}'")
            replica.sql("SELECT pg_reload_conf()")

    def django_settings(self, database: str | None = None) -> dict[str, dict[str, Any]]:
        """Return ``DATABASES``: ``default`` is the primary, then ``replica1`` and so on."""
        servers = {"default": self.primary}
        servers |= {f"replica{number}": one for number, one in enumerate(self.replicas, start=1)}
        settings = {alias: server.django_settings() for alias, server in servers.items()}
        for entry in settings.values():
            if database:
                entry["NAME"] = database
        return settings


def postgres_replication(
    *,
    replicas: int = 1,
    replay_delay_s: float = 0.0,
    port: int | None = None,
    directory: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> PostgresReplication:
    """
    Start a primary and *replicas* that stream from it; return when all of them do.

    Replication is asynchronous. A replica that is away for more than 1 GB of WAL cannot come back.

    Args:
        replicas: At least 1, at most 9.
        replay_delay_s: How long the replicas wait before they show a commit.
        port: The primary's port; chosen if None.
        directory: Where to keep the data for the next time; temporary if None.
        settings: Entries of ``postgresql.conf``, for all of them.

    Raises:
        ServerError: if no PostgreSQL was found or one did not start; nothing runs then.
    """
    if not 1 <= replicas <= 9 or replay_delay_s < 0:
        raise ServerError(
            "Replication needs 1 to 9 replicas and a delay of 0 s or more, "
            f"not {replicas} and {replay_delay_s} s."
        )
    demand_unix()
    household = Household(directory=directory, account=unprivileged_account())
    try:
        primary = start_primary(household, port=port, settings=settings or {})
        group = PostgresReplication(household, primary, [])
        for number in range(1, replicas + 1):
            group.replicas.append(
                _start_replica(
                    household,
                    f"replica{number}",
                    primary,
                    replay_delay_s=replay_delay_s,
                    settings=settings or {},
                )
            )
        readiness.wait_until(
            lambda: _streaming(primary) >= replicas,
            what="the replicas' streams",
            timeout_s=READY_TIMEOUT_S,
        )
        return group
    except BaseException:
        household.close()
        raise


def _start_replica(
    household: Household,
    name: str,
    primary: PostgresServer,
    *,
    replay_delay_s: float,
    settings: Mapping[str, str],
) -> PostgresServer:
    binaries = runnable_binaries(household.account)
    data = household.folder(name)
    if not (data / "PG_VERSION").exists():
        _copy_primary(household, data, primary)
    elif not (data / "standby.signal").exists():
        raise ServerError(
            f"{data} was promoted: it is a primary of its own now and cannot follow another. "
            "Remove it to have a new replica made, or choose another folder."
        )
    check_version(binaries, data)
    streaming = {
        "primary_conninfo": (
            f"host={HOST} port={primary.port} user={primary.user} "
            f"password={primary.password} application_name={name}"
        ),
        "recovery_min_apply_delay": f"{round(replay_delay_s * 1000)}ms",
        # Soon again after the primary was away; the default of 5 s is for farther networks.
        "wal_retrieve_retry_interval": "200ms",
    }
    return start_server(
        household, binaries, data, port=None, socket=False, settings={**settings, **streaming}
    )


def _copy_primary(household: Household, data: Path, primary: PostgresServer) -> None:
    binaries = runnable_binaries(household.account)
    household.run(
        [
            binaries.tool("pg_basebackup"),
            f"--pgdata={data}",
            "--checkpoint=fast",
            "--wal-method=stream",
            *([] if household.is_kept else ["--no-sync"]),
        ],
        variables=primary.address.environment(primary.address.database),
    )
    household.write(data / "standby.signal", "")
    (data / "praxis.conf").unlink()  # the primary's, with the primary's port


def _streaming(primary: PostgresServer) -> int:
    return int(primary.sql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"))


def _wait_for_position(replica: PostgresServer, position: str, *, timeout_s: float) -> None:
    readiness.wait_until(
        lambda: replica.sql(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == "t",
        what=f"the replay of {position} on port {replica.port}",
        timeout_s=timeout_s,
    )
