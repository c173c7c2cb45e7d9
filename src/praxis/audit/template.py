"""One template as a rule or a fact sees it: its text and where things stand in it."""

from functools import cached_property

from praxis.audit.facts.sources import Role
from praxis.audit.file import line_starts, place_between
from praxis.audit.findings import Place


class Template:
    """A template file of Django or Jinja; offsets count characters of *text*."""

    def __init__(self, path: str, role: Role, text: str) -> None:
        self.path, self.role, self.text = path, role, text

    @cached_property
    def line_starts(self) -> list[int]:
        return line_starts(self.text)

    def place_at(self, start: int, end: int) -> Place:
        return place_between(self.path, self.line_starts, start, end)
