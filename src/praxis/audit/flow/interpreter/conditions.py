"""What a queryset is filtered and ordered by, as far as its calls tell."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.amounts import (
    GROUPED,
    MAPPED,
    WAITING,
    are_unfinished,
    is_waiting,
)
from praxis.audit.flow.interpreter.values import Const, QuerySet, Value

#: Stands for a condition that is not known: a ``Q``, a mapping, a method of the project.
ANY_CONDITION = "?"


def narrowed(
    queryset: QuerySet,
    method: str,
    args: Sequence[ir.Expr],
    keywords: Sequence[tuple[str, ir.Expr]],
) -> QuerySet:
    """The queryset after its method, with the names of the conditions that this adds."""
    if method == "order_by":
        return replace(queryset, ordered=bool(args))
    if method in {"filter", "get", "aget", "complex_filter"}:
        added = {name or ANY_CONDITION for name, _ in keywords}
        together = [*keywords, *(each for arg in args for each in _together(arg))]
        added.update(name for name, _ in together if name)
        if any(not name for name, _ in keywords) or any(map(_is_unknown, args)):
            added.add(MAPPED)
        if any(is_waiting(name, value) for name, value in together):
            added.add(WAITING)
    elif method == "distinct" and queryset.values:
        added = {GROUPED}
    elif method in {"exclude", "extra"}:
        added = {"!"}
        if method == "exclude" and not args and len(keywords) == 1 and are_unfinished(*keywords[0]):
            added.add(WAITING)
    else:
        return queryset
    if args:
        added.add(ANY_CONDITION)
    return replace(queryset, conditions=queryset.conditions | added)


def _is_unknown(arg: ir.Expr) -> bool:
    """Whether some of the condition stands elsewhere: ``filter(query & Q(…))``."""
    match arg:
        case ir.Binary(left=left, right=right):
            return _is_unknown(left) or _is_unknown(right)
        case ir.Call(function=ir.Name(id=name) | ir.Attr(attr=name)):
            return name[:1].islower()
    return isinstance(arg, ir.Name | ir.Attr | ir.Star)


def _together(arg: ir.Expr) -> Iterator[tuple[str, ir.Expr]]:
    """The conditions in ``Q(…) & Q(…)``, all of which hold."""
    match arg:
        case ir.Binary(operator="&", left=left, right=right):
            yield from _together(left)
            yield from _together(right)
        case ir.Call(function=ir.Name(id="Q") | ir.Attr(attr="Q"), args=args, keywords=keywords):
            yield from keywords
            for inner in args:
                yield from _together(inner)


def null_relations(method: str, keywords: Mapping[str, Value]) -> frozenset[str]:
    """The relations that lead nowhere in the rows left: by ``parent__isnull=True``."""
    if method not in {"filter", "exclude"} or (method == "exclude" and len(keywords) != 1):
        return frozenset()
    kept = method == "filter"
    found: set[str] = set()
    for word, value in keywords.items():
        if not isinstance(value, Const):
            continue
        name, _, lookup = word.rpartition("__")
        if lookup == "isnull" and value.value is kept:
            found.add(name.removesuffix("_id"))
        elif kept and value.value is None:
            found.add((name if lookup == "exact" else word).removesuffix("_id"))
    return frozenset(found)


def fixed_columns(
    method: str, keywords: Mapping[str, Value]
) -> frozenset[tuple[str, str | int | bool | None]]:
    """Columns of which all rows left have the same value: by ``published=True``."""
    if method != "filter":
        return frozenset()
    return frozenset(
        (word.removesuffix("__exact"), value.value)
        for word, value in keywords.items()
        if isinstance(value, Const) and isinstance(value.value, str | int | None)
        if "__" not in word.removesuffix("__exact")
    )


def is_unordered(index: ModelIndex, queryset: QuerySet) -> bool:
    """Whether the rows surely come in no order."""
    if queryset.ordered is not None:
        return not queryset.ordered
    return not index.models[queryset.model].may_be_ordered
