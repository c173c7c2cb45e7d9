"""How many connections a site opens at most, and whether the server takes them. No I/O here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConnectionBudget:
    """
    What a site needs of one server, against what the server takes.

    Attributes:
        needed: Connections at the worst moment.
        available: What the server has for them.
        parts: What *needed* is made of, in words, with how many each needs.
    """

    needed: int
    available: int
    parts: tuple[tuple[str, int], ...]

    @property
    def fits(self) -> bool:
        return self.needed <= self.available

    def __str__(self) -> str:
        sums = " + ".join(f"{number} {what}" for what, number in self.parts)
        verdict = "fits" if self.fits else "is too much"
        return f"{sums} = {self.needed} of {self.available}: {verdict}"


def connections_needed(
    *,
    max_connections: int,
    web_processes: int,
    per_process: int,
    aliases: int = 1,
    task_processes: int = 0,
    per_task_process: int = 1,
    deploy_overlap: float = 2.0,
    reserved: int = 3,
    others: int = 0,
    watchers: bool = False,
) -> ConnectionBudget:
    """
    Add up the connections to one server.

    Args:
        max_connections: The server's setting, or the limit of its role or database.
        web_processes: Workers of the web server, on all machines.
        per_process: ``max_size`` of the pool where there is one, else the threads that may be in
            the database at once. An async service without a pool has no bound.
        aliases: Entries of ``DATABASES`` that lead to this server.
        task_processes: Of Celery and others, on all machines.
        per_task_process: As *per_process*.
        deploy_overlap: 2 where the new processes start before the old ones have ended; 1 where
            they do not meet; above or equal to 1.
        reserved: ``superuser_reserved_connections`` and what else is kept free.
        others: Consoles, cron, backups, monitoring, replication.
        watchers: Whether processes watch this server for `praxis.databases.ReplicaRouter`, with a
            connection each.

    Raises:
        ValueError: if a number means nothing.
    """
    counts = (max_connections, web_processes, per_process, task_processes, reserved, others)
    if min(counts) < 0 or aliases < 1 or per_task_process < 0 or deploy_overlap < 1:
        raise ValueError("numbers of connections are 0 or more, aliases and overlap 1 or more")
    web = round(web_processes * per_process * aliases * deploy_overlap)
    tasks = round(task_processes * per_task_process * aliases * deploy_overlap)
    watching = round((web_processes + task_processes) * deploy_overlap) if watchers else 0
    parts = [("for the web", web), ("for tasks", tasks), ("to watch", watching), ("others", others)]
    kept = tuple((what, number) for what, number in parts if number)
    return ConnectionBudget(
        sum(number for _, number in kept), max(max_connections - reserved, 0), kept
    )
