"""Notes by which columns each query asks for rows; a chain is told once, as it is at its end."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from praxis.audit.flow import ir
from praxis.audit.flow.events import RowsLookedUp
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.values import Const, QuerySet, Value
from praxis.audit.flow.where import Conditions

#: Methods after which the same conditions hold.
_NEUTRAL = frozenset({
    "all", "annotate", "alias", "defer", "distinct", "exclude", "get_queryset", "iterator",
    "only", "prefetch_related", "reverse", "select_for_update", "select_related", "using",
    "values", "values_list", "aiterator",
})  # fmt: skip
_FILTERS = frozenset(
    {"filter", "get", "get_or_create", "update_or_create", "aget", "aget_or_create"}
)
#: At most one row comes back.
_SINGLE = frozenset({
    "afirst", "aget", "aget_or_create", "alast", "earliest", "first", "get", "get_or_create",
    "last", "latest", "exists", "aexists",
})  # fmt: skip


def note_lookup(
    frame: Frame,
    queryset: QuerySet,
    name: str,
    call: ir.Call,
    args: Sequence[Value],
    keywords: Iterable[str],
    result: Value,
    *,
    own: bool,
) -> Value:
    """``queryset.name(args, **keywords)`` gives *result*: the same with its conditions."""
    before = queryset.where
    after = replace(before, vague=True) if own else _after(before, name, args, keywords)
    if isinstance(result, QuerySet):
        result = replace(result, where=after)
    if after.vague or frame.quiet:
        frame.lookups.pop(_key(queryset, call, before), None)
        return result
    if after != before or name in _SINGLE:
        known = frame.lookups.pop(_key(queryset, call, before), None)
        start = _start_of(frame, queryset, call)
        span = (start, call.end) if start <= call.start else (call.start, call.end)
        frame.lookups[_key(queryset, call, after)] = RowsLookedUp(
            frame.path,
            span,
            queryset.model,
            tuple(sorted(after.equal)),
            tuple(sorted(after.ranged)),
            after.ordered,
            name in _SINGLE or (known is not None and known.single),
            queryset.limit is not None or name in {"first", "last", "latest", "earliest"},
        )
    return result


def note_limit(frame: Frame, queryset: QuerySet, expr: ir.Slice | ir.Call) -> None:
    """``queryset[…]``, or a paginator's page: a part of the rows."""
    key = _key(queryset, expr, queryset.where)
    known = frame.lookups.get(key)
    if frame.quiet or queryset.where.vague or (known is not None and known.limited):
        return
    if known is None and queryset.where.equal | queryset.where.ranged:
        return
    conditions = queryset.where
    span = known.span if known is not None else (expr.start, expr.end)
    frame.lookups[key] = RowsLookedUp(
        frame.path,
        span,
        queryset.model,
        tuple(sorted(conditions.equal)),
        tuple(sorted(conditions.ranged)),
        conditions.ordered,
        single=False,
        limited=True,
    )


def _start_of(frame: Frame, queryset: QuerySet, call: ir.Call) -> int:
    """Where the chain begins that *call* goes on with."""
    if len(queryset.origins) == 1 and queryset.origins[0].path == frame.path:
        return queryset.origins[0].start
    return call.start


def _key(
    queryset: QuerySet, expr: ir.Call | ir.Slice, conditions: Conditions
) -> tuple[int, Conditions]:
    start = queryset.origins[0].start if queryset.origins else expr.start
    return start, conditions


def _after(
    before: Conditions, name: str, args: Sequence[Value], keywords: Iterable[str]
) -> Conditions:
    if name in _FILTERS:
        made = before.filtered(word for word in keywords if word != "defaults")
        return replace(made, vague=True) if args else made
    if name == "order_by":
        names = [arg.value for arg in args if isinstance(arg, Const) and isinstance(arg.value, str)]
        ordered = tuple(names) if len(names) == len(args) else ("?",) * bool(args)
        return replace(before, ordered=ordered)
    if name in {"latest", "earliest"}:
        names = [arg.value for arg in args if isinstance(arg, Const) and isinstance(arg.value, str)]
        return replace(before, ordered=tuple(names) or before.ordered)
    if name in _NEUTRAL or name in {"count", "acount"} | _SINGLE:
        return before
    return before if name in {"update", "delete", "aggregate"} else replace(before, vague=True)
