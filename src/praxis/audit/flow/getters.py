"""Queries that a function makes for all its callers: what one needs is not for the others."""

import re

from praxis.audit.facts.sources import Role
from praxis.audit.flow.events import RelationsRead, Spot
from praxis.audit.project import Project

#: Called by Django and its like, and by ``super()``: they belong to their class alone.
_HOOKS = re.compile(r"get_\w*queryset|queryset|get_object|get_context_data|get_form_kwargs|__\w+__")
_FEW = 2


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
    if _HOOKS.fullmatch(name):
        return False
    call = re.compile(rf"(?<!def )\b{re.escape(name)}\(")
    in_settings = re.compile(rf"""["'][\w.]+\.{re.escape(name)}["']""")  # a context processor
    count = 0
    for path, summary in project.summaries.items():
        if not path.endswith(".py") or summary.role is Role.TEST:
            continue
        text = project.text(path)
        if name in text:
            count += len(call.findall(text))
            if count >= _FEW or (summary.role is Role.SETTINGS and in_settings.search(text)):
                return True
    return False
