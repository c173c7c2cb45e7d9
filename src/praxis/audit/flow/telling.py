"""How findings about rows speak of them: the steps, the cost, the eager loading that mends them."""

from collections.abc import Sequence

from praxis.audit.facts.model_index import ModelIndex
from praxis.audit.findings import Cost, Edit, Fix, Safety, Step
from praxis.audit.flow.chains import add_lookups
from praxis.audit.flow.events import Read, RelationsRead
from praxis.audit.project import Project

#: A message names so many relations; the fix and the steps name all.
MAX_NAMED = 6


def steps_of(project: Project, event: RelationsRead, reads: Sequence[Read]) -> tuple[Step, ...]:
    """Where the query is made, where its rows are walked, and every read but the first."""
    steps: list[Step] = []
    name = event.model[1]
    origins = [site.spot for site in event.origins]
    for spot in origins:
        steps.append(Step(project.place(*spot), f"the query for {name} rows"))
    iterated = event.path, *event.iterated
    if iterated not in origins:
        steps.append(Step(project.place(*iterated), "its rows are walked one by one"))
    for read in reads:
        relation = ".".join(read.path)
        steps += [Step(project.place(*hop.spot), hop.note) for hop in read.via]
        steps.append(Step(project.place(*read.spot), f"{relation} is fetched for each row"))
    return tuple(dict.fromkeys(steps))


def cost_of(event: RelationsRead, reads: Sequence[Read]) -> Cost:
    """One query a row for each relation."""
    return Cost(len({read.lookup for read in reads}), event.limit)


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


def fewest(lookups: Sequence[str]) -> list[str]:
    """The lookups without those that a longer one implies, in their order."""
    return [
        lookup
        for lookup in dict.fromkeys(lookups)
        if not any(other.startswith(f"{lookup}__") for other in lookups)
    ]


def loading_fix(
    project: Project, event: RelationsRead, method: str, lookups: Sequence[str]
) -> Fix | None:
    """The lookups loaded where the query is made; None where it cannot be written there."""
    if not event.origins:
        return None
    edits: list[Edit] = []
    for origin in event.origins:
        edit = add_lookups(project, origin, method, lookups)
        if edit is None:
            return None
        edits.append(edit)
    return Fix(tuple(edits), Safety.UNSAFE, f"Add {call_for(method, lookups)}")


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
