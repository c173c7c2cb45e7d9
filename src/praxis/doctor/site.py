"""What is known of the processes that use the servers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    The site's processes.

    Attributes:
        workers: Processes that serve requests, of all machines; None where nobody said.
        threads: Requests that each of them serves at once.
        task_processes: Processes that run tasks.
        releases: How many releases run at once: two while one is exchanged for the next.
    """

    workers: int | None = None
    threads: int = 1
    task_processes: int = 0
    releases: int = 2
