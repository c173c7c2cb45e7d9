"""Where a framework enters the code of a project: views by their classes."""

from praxis.audit.flow.program import Program, Unit


def enter(program: Program, path: str, unit: Unit) -> None:
    """Do what frameworks do with the classes of the file."""
