"""What the checks of this machine are given; `praxis.doctor.host.proc_session` is one."""

from typing import Protocol

from praxis.doctor.host.processes import Process
from praxis.doctor.limits import Limits


class Host(Protocol):
    """A machine and the processes that serve sites and run tasks on it."""

    limits: Limits
    cores: int
    memory_bytes: int
    servers: list[Process]
