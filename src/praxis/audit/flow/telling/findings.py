"""How findings about rows speak of them: the steps, the cost, the eager loading that mends them."""

from collections.abc import Mapping, Sequence

from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.findings import Confidence, Cost, Edit, Finding, Fix, Safety, Severity, Step
from praxis.audit.flow.events import Read, RelationsRead, Spot
from praxis.audit.flow.telling.chains import add_lookups, fewest
from praxis.audit.flow.telling.getters import shared_getter
from praxis.audit.flow.telling.handfuls import MAY_BE_FEW, are_few
from praxis.audit.project import Project

#: A message names so many relations; the fix and the steps name all.
MAX_NAMED = 6
#: And so many of the fields that read them.
MAX_FIELDS = 3


def steps_of(project: Project, event: RelationsRead, reads: Sequence[Read]) -> tuple[Step, ...]:
    """Where the query is made, where its rows are walked, and every read but the first."""
    name = event.model[1]
    origins = [site.spot for site in event.origins]
    steps = [Step(project.place(*spot), f"the query for {name} rows") for spot in origins]
    handed = [hop for hop in reads[0].via if not hop.is_call]
    steps += [Step(project.place(*hop.spot), hop.note) for hop in handed]
    iterated = event.path, *event.iterated
    if iterated not in origins:
        steps.append(Step(project.place(*iterated), "its rows are walked one by one"))
    for read in reads:
        relation = ".".join(read.path)
        steps += [Step(project.place(*hop.spot), hop.note) for hop in read.via]
        asked = f"{relation}{calls_of(read)}"
        steps.append(Step(project.place(*read.spot), f"{asked} is fetched for each row"))
    return tuple(dict.fromkeys(steps))


def place_of(event: RelationsRead, read: Read) -> Spot:
    """What stands in the loop itself: the first call that leads to the read, else the read."""
    for hop in read.via:
        if hop.stands_in_loop or not event.kind:
            return hop.spot
    return read.spot


def loading_finding(project: Project, event: RelationsRead, reads: Sequence[Read]) -> Finding:
    """All relations that the rows of one query lack, and one cure for them."""
    plain = [read for read in reads if not read.how]
    joined = fewest([read.lookup for read in plain if read.joinable])
    prefetched = fewest([read.lookup for read in plain if read.lookup not in joined])
    prefetched = [lookup for lookup in prefetched if not _is_in(lookup, joined)]
    several = len({_asked(read) for read in reads}) > 1
    relations = listed([_asked(read) for read in reads])
    where = "" if event.origins else " that fetches these rows"
    cures = [f"Add {calls_for(joined, prefetched)} to the query{where}."] if plain else []
    cures += joined_so_far(event, joined)
    asking = [read for read in reads if not _is_served(read, prefetched)]
    cures += _cures_of(project.derive(ModelIndex), event, asking)
    verb = "are" if several else "is"
    few = are_few(project, event)
    asked = ""
    if event.kind == "resolver":
        asked = "Where a client asks for it, "
        cures.append("Where few do, a data loader or a query optimizer is better.")
    return Finding(
        project.place(*place_of(event, reads[0])),
        f"{asked}{relations} {verb} fetched anew for each {row_of(event)}{_fields_of(reads)}"
        f"{MAY_BE_FEW if few else ''}. {' '.join(cures)}",
        _fix(project, event, joined, prefetched) if plain and not asked else None,
        steps_of(project, event, reads),
        Confidence.LIKELY,
        cost_of(event, reads),
        severity_of(project, event),
    )


def severity_of(project: Project, event: RelationsRead) -> Severity:
    """A note where there may be a handful of rows."""
    return Severity.NOTE if are_few(project, event) else Severity.WARNING


def row_of(event: RelationsRead) -> str:
    """What the rows of the loop are of; of several loops nothing is said."""
    return f"{event.walked} row" if event.walked else "row"


def _fields_of(reads: Sequence[Read]) -> str:
    """`` by BookOut.author``: the fields of a class that read, as far as the way to them tells."""
    last = [[hop.field for hop in read.via if hop.field][-1:] for read in reads]
    fields = [name for names in last for name in names]
    names = list(dict.fromkeys(fields))
    more = f" and {len(names) - MAX_FIELDS} more" if len(names) > MAX_FIELDS else ""
    return f" by {', '.join(names[:MAX_FIELDS])}{more}" if names else ""


def _asked(read: Read) -> str:
    """The relation, with the method by which it is asked: ``lines.count()``."""
    relation = read.lookup.replace("__", ".")
    return f"{relation}{calls_of(read)}"


def calls_of(read: Read) -> str:
    """``.filter(…).count()``: how the relation is asked, where a prefetch would not serve it."""
    calls = [
        f".{method}()" if method in _WITHOUT_ARGUMENTS else f".{method}(…)"
        for method in read.how.split(".")
        if method
    ]
    return "".join(calls)


_WITHOUT_ARGUMENTS = frozenset({
    "acount", "aexists", "afirst", "alast", "count", "exists", "first", "last",
})  # fmt: skip


def joined_so_far(event: RelationsRead, joined: Sequence[str]) -> list[str]:
    """What ``select_related()`` joins by itself only as long as it has no arguments."""
    bare = [site for site in event.origins if site.kind == "chain" and site.also]
    if not joined or not bare:
        return []
    names = [name for name in bare[0].also if not _is_in(name, joined)]
    return [f"Then name {listed(names)} there as well, which it joins so far."] if names else []


def _is_served(read: Read, prefetched: Sequence[str]) -> bool:
    """Whether what the finding prefetches answers it as well: ``count()`` of all the rows."""
    return _WAYS.get(read.how) in {"Count", _EXISTS} and _is_in(read.lookup, prefetched)


def _cures_of(index: ModelIndex, event: RelationsRead, reads: Sequence[Read]) -> list[str]:
    """What to do about relations that are asked anew, each way once."""
    ways: dict[tuple[str, str], list[str]] = {}
    narrowed: set[str] = set()
    for read in reads:
        if not read.how:
            continue
        way = _WAYS.get(_last_of(read), "Prefetch")
        rows, name = "", read.lookup
        if way != "Prefetch":
            rows, name = index.annotated_by(event.model, read.lookup)
        ways.setdefault((way, rows), []).append(name)
        if read.how not in _WAYS:
            narrowed.add(name)  # filter.count: not all of the related rows
    cures: list[str] = []
    for (way, rows), lookups in ways.items():
        names = list(dict.fromkeys(lookups))
        query = f'the queryset of Prefetch("{rows}", queryset=…)' if rows else "the query"
        if way == "Count":
            annotated = bool(event.annotated) and not rows
            only = ", filter=Q(…)" if names[0] in narrowed else ""
            cures.append(_count_of(query, names, only, annotated=annotated))
        elif way == "Prefetch":
            named = f'"{names[0]}"' if len(names) == 1 else "…"
            cures.append(f"Prefetch {listed(names)} by Prefetch({named}, queryset=…, to_attr=…).")
        else:
            cures.append(f"Annotate {query} with {way}.")
    return cures


def _count_of(query: str, names: Sequence[str], only: str, *, annotated: bool) -> str:
    """
    How to count related rows: by a join, unless another one would multiply the rows.

    *only* is the argument that leaves some of them out.
    """
    if len(names) > 1:
        return (
            f"Annotate {query} with Subqueries that count {listed(names)}: joined together they "
            "would multiply the rows."
        )
    if annotated:
        return (
            f"Annotate {query} with a Subquery that counts {names[0]}: a join might falsify its "
            "other annotations."
        )
    return f'Annotate {query} with Count("{names[0]}"{only}).'


_EXISTS = "Exists(…)"
#: What takes the place of asking each row's relation.
_WAYS = {
    "count": "Count", "acount": "Count", "exists": _EXISTS, "aexists": _EXISTS,
    "aggregate": "the aggregate", "aaggregate": "the aggregate",
}  # fmt: skip


def _last_of(read: Read) -> str:
    return read.how.rpartition(".")[2]


def _is_in(lookup: str, others: Sequence[str]) -> bool:
    return any(other == lookup or other.startswith(f"{lookup}__") for other in others)


def hangs_on_many(event: RelationsRead, read: Read) -> bool:
    """Whether it is read of related rows that the query lacks as well: one prefetch loads both."""
    return any(
        not other.to_one and not other.how and read.lookup.startswith(f"{other.lookup}__")
        for other in event.reads
    )


def calls_for(joined: Sequence[str], prefetched: Sequence[str]) -> str:
    """What to add; of many relations the first ones."""
    shown, shown_prefetched = joined[:MAX_NAMED], prefetched[: max(MAX_NAMED - len(joined), 0)]
    calls = [call_for("select_related", shown)] if shown else []
    calls += [call_for("prefetch_related", shown_prefetched)] if shown_prefetched else []
    more = len(joined) + len(prefetched) - len(shown) - len(shown_prefetched)
    return "".join(calls) + (f" and {more} more" if more else "")


def _fix(
    project: Project, event: RelationsRead, joined: Sequence[str], prefetched: Sequence[str]
) -> Fix | None:
    if event.restricted or (prefetched and event.streamed):
        return None
    wanted = {"select_related": joined, "prefetch_related": prefetched}
    return loading_fix(project, event, wanted)


def cost_of(event: RelationsRead, reads: Sequence[Read]) -> Cost:
    """One query a row for each relation."""
    return Cost(len({(read.lookup, read.how) for read in reads}), event.limit)


def call_for(method: str, lookups: Sequence[str]) -> str:
    """``.select_related("author", "publisher__country")``."""
    arguments = ", ".join(f'"{lookup}"' for lookup in lookups)
    return f".{method}({arguments})"


def listed(relations: Sequence[str]) -> str:
    """The names, without doubles; of more than `MAX_NAMED` the first ones."""
    names = list(dict.fromkeys(relations))
    more = len(names) - MAX_NAMED
    named = ", ".join(names[:MAX_NAMED])
    return f"{named} and {more} more" if more > 0 else named


def loading_fix(
    project: Project, event: RelationsRead, wanted: Mapping[str, Sequence[str]]
) -> Fix | None:
    """
    The lookups loaded by each method where the query is made.

    None where that cannot be written there, or where a prefetch would be made for callers or
    requests that do not need it.
    """
    always = {read.lookup for read in event.reads if not read.asked}
    asked = {read.lookup for read in event.reads if read.asked} - always
    wanted = {
        method: needed
        for method, lookups in wanted.items()
        if (needed := [lookup for lookup in lookups if lookup not in asked])
    }
    if not (event.origins and wanted):
        return None
    edits: list[Edit] = []
    for origin in event.origins:
        if event.kind == "admin" and origin.kind == "model":
            return None  # the forms of an inline know no ``queryset``
        edit = add_lookups(project, origin, wanted)
        if edit is None:
            return None
        edits += edit
    if "prefetch_related" in wanted and shared_getter(project, event):
        return None
    title = "".join(call_for(method, lookups) for method, lookups in wanted.items())
    return Fix(tuple(dict.fromkeys(edits)), Safety.UNSAFE, f"Add {title}")


def may_be_loaded(project: Project, event: RelationsRead, read: Read) -> bool:
    """
    Whether a caller may have loaded what is read of the rows that belong to its instance.

    So it may where any query of the project names the way from that instance.
    """
    if not event.given:
        return False
    wanted = f"{event.given}__{read.lookup}"
    eager = project.derive(ModelIndex).eager
    return any(
        lookup == wanted
        or lookup.startswith(f"{wanted}__")
        or lookup.endswith(f"__{wanted}")
        or lookup == event.given
        for lookup in eager
    )
