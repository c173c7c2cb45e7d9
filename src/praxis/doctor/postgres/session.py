"""What the checks of PostgreSQL are given; the session of psycopg is one."""

from typing import Any, Protocol

from praxis.doctor.limits import Limits
from praxis.doctor.site import Site
from praxis.doctor.targets import Target


class Database(Protocol):
    """One database that can be asked; `praxis.doctor.postgres.psycopg_session` says more."""

    target: Target
    site: Site
    limits: Limits
    is_pooled: bool
    is_replica: bool
    version: int

    def rows(
        self, statement: str, parameters: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Run one reading statement."""

    def row(self, statement: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run one reading statement that has a row."""

    def extension_schema(self, name: str) -> str | None:
        """The schema, quoted, of an extension."""

    def plan(self, query: str, *, before: str = "") -> dict[str, Any]:
        """The plan of a statement with placeholders, which is not run."""

    def statistics_age_s(self) -> float:
        """How long this database has been counting."""
