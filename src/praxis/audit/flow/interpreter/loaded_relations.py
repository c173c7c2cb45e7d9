"""What a query gives its rows besides their columns: relations, annotations."""

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.interpreter.values import (
    QuerySet,
)


def gives(queryset: QuerySet, lookup: tuple[str, ...]) -> bool:
    """Whether the query sets the attribute at *lookup*: by ``annotate``, or by ``to_attr``."""
    if len(lookup) == 1 and lookup[0] in queryset.annotated:
        return True
    named = "__".join(lookup)
    return queryset.opaque or any(
        prefetch.to_attr and prefetch.lookup == named for prefetch in queryset.prefetched
    )


def annotated_names(queryset: QuerySet) -> frozenset[str]:
    """The attributes that the query sets on its rows, besides fields."""
    given = {prefetch.to_attr for prefetch in queryset.prefetched if prefetch.to_attr}
    return queryset.annotated | given if given else queryset.annotated


def loads(index: ModelIndex, queryset: QuerySet, path: tuple[str, ...]) -> bool:
    """Whether *queryset* loads the relations of *path*, or may do so."""
    if queryset.opaque:
        return True
    lookup = "__".join(path)
    below = f"{lookup}__"
    if any(joined == lookup or joined.startswith(below) for joined in queryset.joined):
        return True
    if queryset.joins_all and _all_required(index, queryset.model, path):
        return True
    if path[0] in queryset.nulls:
        return True  # there is nothing to fetch
    for prefetch in queryset.prefetched:
        if prefetch.lookup == lookup or prefetch.lookup.startswith(below):
            return True
        if lookup.startswith(f"{prefetch.lookup}__") and prefetch.queryset is not None:
            rest = lookup[len(prefetch.lookup) + 2 :].split("__")
            if loads(index, prefetch.queryset, tuple(rest)):
                return True
    # joined first, then prefetched from there: "author" joined and "author__books" prefetched
    # are covered above, as both are spelt from the queryset's own rows
    return False


def _all_required(index: ModelIndex, key: Key, path: tuple[str, ...]) -> bool:
    model = index.model(key)
    for name in path:
        relation = model.relations.get(name) if model is not None else None
        if relation is None or relation.null or not relation.has_column:
            return False
        model = index.model(relation.target)
    return True
