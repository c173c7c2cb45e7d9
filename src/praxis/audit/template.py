"""One template as a fact sees it."""

from praxis.audit.facts.sources import Role


class Template:
    """A template file of Django or Jinja; offsets count characters of *text*."""

    def __init__(self, path: str, role: Role, text: str) -> None:
        self.path, self.role, self.text = path, role, text
