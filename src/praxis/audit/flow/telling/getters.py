"""Queries that a function makes for all its callers: what one needs is not for the others."""

import re

from praxis.audit.facts.sources import Role
from praxis.audit.flow.code.lowering import CALLED
from praxis.audit.flow.events import RelationsRead, Spot
from praxis.audit.project import Project

#: Called by Django and its like, and by ``super()``: they belong to their class alone.
_HOOKS = re.compile(r"get_\w*queryset|queryset|get_object|get_context_data|get_form_kwargs|__\w+__")


def shared_getter(project: Project, event: RelationsRead) -> str:
    """
    The name of a function that makes the query for several callers; empty if there is none.

    Its own loops do not count, nor what a template shows that it renders itself.
    """
    walked = {_function_at(project, spot) for spot in _spots_of(event)}
    for origin in event.origins:
        symbol = _function_at(project, origin.spot)
        if symbol and symbol not in walked and _is_shared(project, symbol[1]):
            return symbol[1].rpartition(".")[2]
    return ""


def _spots_of(event: RelationsRead) -> list[Spot]:
    """Where the rows are walked, or handed to what walks them."""
    handed = [hop.spot for read in event.reads for hop in read.via if not hop.is_call]
    return [(event.path, *event.iterated), *handed]


def _function_at(project: Project, spot: Spot) -> tuple[str, str] | None:
    path, start, end = spot
    symbol = project.summaries[path].symbol_at(project.place(path, start, end).line)
    return (path, symbol) if symbol else None


def _is_shared(project: Project, symbol: str) -> bool:
    name = symbol.rpartition(".")[2]
    return not _HOOKS.fullmatch(name) and project.derive(_Callers).are_several(name)


class _Callers:
    """Which names are called in several places, or named in the settings."""

    def __init__(self, project: Project) -> None:
        seen: set[str] = set()
        self._several: set[str] = set()
        for fact in project.facts(CALLED).values():
            self._several.update(fact.several, seen.intersection(fact.once))
            seen.update(fact.once)
        self._settings = [
            project.text(path)
            for path, summary in project.summaries.items()
            if summary.role is Role.SETTINGS and path.endswith(".py")
        ]

    def are_several(self, name: str) -> bool:
        """Whether a function of this name has several callers, or is a context processor."""
        if name in self._several:
            return True
        named = re.compile(rf"""["'][\w.]+\.{re.escape(name)}["']""")
        return any(named.search(text) for text in self._settings if f".{name}" in text)
