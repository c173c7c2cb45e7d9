"""
Whether an audit found a case. Nothing is run here: findings come as `Told`.

A finding tells of a case if it names the rows and a relation of the case, and its place or one of
its steps is in a file of the case. It may name a longer way (``author__country`` for ``author``),
or the same relation on rows that it takes for others, if it stands where the case is read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.recall.cases import Case, Site
from praxis.audit.findings import Finding

CODES = ("ORM101", "ORM102", "ORM103", "ORM104", "ORM105")
_MODEL = re.compile(r"\b(?:for each|the query for) (\w+) rows?\b")
_LOADED = re.compile(r"\b(?:select_related|prefetch_related)\(([^)]*)\)")
_QUOTED = re.compile(r"""["'](\w+)["']""")
#: Not ``lines.count() is fetched ...``: no eager loading of the relation serves that.
_READ = re.compile(r"^([\w.]+) is fetched for each row")


class Spot(NamedTuple):
    """Where a finding or a step of it stands; *symbol* is the innermost around it."""

    file: str
    line: int
    symbol: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a finding says, as far as judging needs it."""

    code: str
    models: frozenset[str]
    lookups: frozenset[str]
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    How an audit did on a case.

    *lookups* are those of the case that were found; *same_place* says whether a step stands in
    the function or class that makes the query; *remaining* are the found ones that are told of
    the same function, or the mended one, of the release after the fix as well.
    """

    found: bool
    same_place: bool
    lookups: tuple[str, ...]
    remaining: tuple[str, ...]
    codes: tuple[str, ...]


def told(finding: Finding, spots: Sequence[Spot]) -> Told:
    """What *finding* says; *spots* are its place and those of its steps."""
    texts = [finding.message, finding.fix.title if finding.fix else ""]
    notes = [step.note for step in finding.steps]
    models = {name for text in (*texts, *notes) for name in _MODEL.findall(text)}
    lookups = {
        lookup
        for text in texts
        for arguments in _LOADED.findall(text)
        for lookup in _QUOTED.findall(arguments)
    }
    lookups |= {match[1].replace(".", "__") for note in notes if (match := _READ.match(note))}
    return Told(finding.code, frozenset(models), frozenset(lookups), tuple(spots))


def judge(case: Case, before: Iterable[Told], after: Iterable[Told]) -> Verdict:
    """Hold what was told of both releases against *case*."""
    files = {case.query.file, *(read.file for read in case.reads)}
    here = [each for each in before if each.code in CODES and _stands_in(each, files)]
    by_lookup = {
        lookup: [each for each in here if _tells(each, case, lookup)] for lookup in case.lookups
    }
    found = tuple(lookup for lookup, tellers in by_lookup.items() if tellers)
    tellers = [teller for tellers in by_lookup.values() for teller in tellers]
    same_place = any(_passes(teller, case.query) for teller in tellers)
    # Other queries of the same files may lack the same relation, and rightly be told of.
    there = [
        each
        for each in after
        if each.code in CODES and (_passes(each, case.query) or _passes(each, case.fixed))
    ]
    # A longer way than the loaded one may well be left: then only that one is told of.
    remaining = tuple(
        lookup
        for lookup in found
        if any(case.model in each.models and lookup in each.lookups for each in there)
    )
    codes = tuple(sorted({teller.code for teller in tellers}))
    return Verdict(bool(found), same_place, found, remaining, codes)


def _tells(told: Told, case: Case, lookup: str) -> bool:
    return _names(told, case, lookup) or _reads_there(told, case, lookup)


def _names(told: Told, case: Case, lookup: str) -> bool:
    """Whether it names the rows, and the relation or a longer way that begins with it."""
    return case.model in told.models and any(
        name == lookup or name.startswith(f"{lookup}__") for name in told.lookups
    )


def _reads_there(told: Told, case: Case, lookup: str) -> bool:
    """Whether it names the last relation, whatever the rows, at a line where the case is read."""
    last = lookup.rpartition("__")[2]
    return any(name.rpartition("__")[2] == last for name in told.lookups) and any(
        spot.line == read.line and _same_file(spot.file, read.file)
        for spot in told.spots
        for read in case.reads
    )


def _stands_in(told: Told, files: Iterable[str]) -> bool:
    return any(_same_file(spot.file, file) for spot in told.spots for file in files)


def _passes(told: Told, site: Site) -> bool:
    """Whether a step stands in the function or class at *site*, or in a part of it."""
    return any(
        _same_file(spot.file, site.file)
        and (spot.symbol == site.symbol or spot.symbol.startswith(f"{site.symbol}."))
        for spot in told.spots
    )


def _same_file(found: str, listed: str) -> bool:
    """A distribution may hold its packages in a folder of its own, such as ``src``."""
    return found == listed or found.endswith(f"/{listed}")
