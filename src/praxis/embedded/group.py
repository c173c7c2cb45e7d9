"""What every group of servers can do: be stopped as one."""

from typing import Self

from praxis.embedded.processes import Household


class Group:
    """Running servers of one household; a context manager that stops all of them at the end."""

    def __init__(self, household: Household) -> None:
        self._household = household

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop all servers, and remove their folder if it is temporary. Again is no error."""
        self._household.close()
