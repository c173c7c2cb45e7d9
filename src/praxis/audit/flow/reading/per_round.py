"""Queries that are sent once a round of a loop, and depend on what the round is about."""

import re
from collections.abc import Iterator

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.mentions import mentions
from praxis.audit.flow.code.places import Places, names_in, nodes, root_of
from praxis.audit.flow.events import PrefetchIgnored, QueryPerRound
from praxis.audit.flow.interpreter.amounts import OWN_CONDITION
from praxis.audit.flow.interpreter.conditions import is_unordered
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask, Loop
from praxis.audit.flow.interpreter.values import QuerySet
from praxis.audit.flow.notes.written import FEW_ROUNDS
from praxis.audit.flow.reading.rounds_work import (
    changes_same,
    is_kept,
    makes_missing,
    names_of_round,
    works_on,
)

#: For an aggregate over groups fewer rounds are worth another query.
_FEW_AGGREGATES = 4
_AGGREGATES = frozenset({"count", "aggregate", "exists"})
_WANTED = frozenset({
    "rows", "get", "first", "last", "count", "exists", "aggregate", "item", "earliest", "latest",
})  # fmt: skip
#: Names of what has few values.
_FEW = re.compile(
    r"lang|locale|provider|setting|check|choice|option|arg|kwargs|format|type|kind|backend|plugin"
    r"|prefix|perm|role|status|state|column|field|day|month|year|week|hour|level|path|part|split|range"
    r"|chain|conf|param|choices|default|app|module|scope|dependenc|extension|currenc|channel"
)
#: Models of few rows, which are asked for by a few values.
_SMALL = re.compile(r"Language|Locale|Currenc|Config|Setting")
#: Methods that a related manager answers from what was prefetched.
_FROM_CACHE = frozenset({"count", "exists", "contains", "rows", "item"})


def per_round(frame: Frame, places: Places) -> Iterator[QueryPerRound | PrefetchIgnored]:
    """One event for each loop and model."""
    told: set[tuple[object, ...]] = set()
    for ask in frame.asks:
        if ask.how == "write" or ask.quiet or not ask.loops or not places.holds(ask.node):
            continue
        event = _ignores_prefetch(frame, ask) or _query(frame, places, ask)
        if event is None:
            continue
        key = event.__class__, event.loop, event.model, event.relation
        if key not in told:
            told.add(key)
            yield event


# A relation that was prefetched.


def _ignores_prefetch(frame: Frame, ask: Ask) -> PrefetchIgnored | None:
    queryset = ask.queryset
    parent = queryset.parent
    if parent is None or parent.row is None or not ask.repeats:
        return None
    rows = parent.row.queryset
    lookup = "__".join((*parent.prefix, queryset.relation))
    if rows.opaque or not any(
        known.lookup == lookup or known.lookup.startswith(f"{lookup}__")
        for known in rows.prefetched
    ):
        return None
    if queryset.plain and (
        ask.how in _FROM_CACHE
        or (ask.how == "first" and not is_unordered(frame.index, queryset))
        or (ask.how == "get" and not queryset.conditions)
    ):
        return None
    return PrefetchIgnored(
        frame.path,
        (ask.node.start, ask.node.end),
        (parent.row.start, parent.row.end),
        parent.model,
        queryset.relation,
        ask.how,
        tuple((origin.start, origin.end) for origin in rows.origins),
        rows.limit,
    )


# Any other query.


def _query(frame: Frame, places: Places, ask: Ask) -> QueryPerRound | None:
    loop, queryset = ask.loops[-1], ask.queryset
    source = loop.source
    if source is None or loop.start in ask.left or ask.how not in _WANTED or queryset.locked:
        return None
    if _is_short(loop, ask.how) or _is_of_relation(ask) or _SMALL.search(queryset.model[1]):
        return None
    iterable, targets = _head(source)
    over_rows = (iterable.start, iterable.end) in frame.giving
    if ask.how == "rows" and not (over_rows and _is_in_expression(places, ask)):
        return None
    if not over_rows and (
        _makes_rows_of_mapping(source, iterable) or _is_short_list(frame, places, ask, iterable)
    ):
        return None
    varying = names_of_round(source, targets)
    if (
        _is_by_chunks(ask)
        or _has_own_condition(frame, ask, varying)
        or not names_in(ask.node) & varying
        or _compares_with(ask.node, varying)
    ):
        return None
    answer = _answer_of(places, ask)
    if (
        _goes_on(places, ask, loop, answer)
        or is_kept(places, ask.node, source)
        or changes_same(frame, ask, loop, answer, _rows_of(frame, iterable))
        or works_on(frame, source, answer)
        or makes_missing(places, ask.node)
        or _is_fetched_as_well(frame, ask, loop)
    ):
        return None
    parent = queryset.parent if ask.repeats else None
    rows = parent.row if parent is not None else None
    related = rows is not None and rows.start == loop.start
    way = (*parent.prefix, queryset.relation) if parent is not None and related else ()
    return QueryPerRound(
        frame.path,
        _place(queryset, ask, loop),
        (loop.start, loop.end),
        (iterable.start, iterable.end),
        queryset.model,
        ask.how,
        loop.rounds,
        "__".join(way),
        over_rows,
        any(
            other.how == "write" and loop.start <= other.node.start < loop.end
            for other in frame.asks
        ),
        related and rows is not None and rows.queryset.streamed,
        tuple([around.many for around in ask.loops if around.many is not None]),
    )


def _makes_rows_of_mapping(source: ir.For | ir.Comp, iterable: ir.Expr) -> bool:
    """Whether each round makes a row of an item of a mapping: that is no long one."""
    return (
        isinstance(iterable, ir.Call)
        and isinstance(iterable.function, ir.Attr)
        and iterable.function.attr == "items"
        and mentions(source, "create", "get_or_create", "update_or_create")
    )


def _is_fetched_as_well(frame: Frame, ask: Ask, loop: Loop) -> bool:
    """Whether the round only counts what it fetches then: one query counts for no other round."""
    return ask.how in _AGGREGATES and any(
        other.how not in _AGGREGATES
        and other.how != "write"
        and other.loops == ask.loops
        and _is_same_query(ask.queryset, other.queryset)
        and loop.start <= other.node.start < loop.end
        for other in frame.asks
    )


def _is_same_query(one: QuerySet, other: QuerySet) -> bool:
    """Whether both ask for the same: made in the same place, or all rows of the same relation."""
    if one.model != other.model:
        return False
    if one.plain and other.plain and one.parent is not None and other.parent is not None:
        return (one.parent.token, one.relation) == (other.parent.token, other.relation)
    return one.origins == other.origins


def _is_short(loop: Loop, how: str) -> bool:
    few = _FEW_AGGREGATES if how in _AGGREGATES else FEW_ROUNDS
    return loop.rounds is not None and loop.rounds < few


def _is_of_relation(ask: Ask) -> bool:
    """Whether eager loading is the cure, which other rules speak of, or may have been applied."""
    queryset = ask.queryset
    parent = queryset.parent
    if parent is None:
        return False
    if queryset.plain and ask.how in {"rows", "item"}:
        return True
    opaque = parent.row is not None and parent.row.queryset.opaque
    return queryset.plain and ask.how in _FROM_CACHE and (opaque or parent.row is None)


def _head(source: ir.For | ir.Comp) -> tuple[ir.Expr, tuple[ir.Expr, ...]]:
    if isinstance(source, ir.For):
        return source.iterable, (source.target,)
    return source.clauses[0].iterable, tuple(clause.target for clause in source.clauses)


def _is_in_expression(places: Places, ask: Ask) -> bool:
    """Whether the rows are wanted for a value: no work is done for each of them."""
    return not isinstance(places.parent(ask.node), ir.For)


def _is_short_list(frame: Frame, places: Places, ask: Ask, iterable: ir.Expr) -> bool:
    """Whether it goes over settings, choices, arguments and the like: a handful of values."""
    if isinstance(iterable, ir.Seq):  # one grouped query would tell all of them
        return ask.how not in {"count", "aggregate"}
    if isinstance(iterable, ir.Mapping | ir.BoolOp | ir.IfExp):
        return True
    root = root_of(iterable)
    if isinstance(root, ir.Name) and root.id not in frame.state.names:
        return True  # the module's own
    return _names_few(iterable) or any(
        _names_few(node.value)
        for node in nodes(places.body)
        if isinstance(node, ir.Assign)
        and node.value is not None
        and isinstance(iterable, ir.Name)
        and any(isinstance(target, ir.Name) and target.id == iterable.id for target in node.targets)
    )


def _names_few(value: ir.Expr) -> bool:
    if isinstance(value, ir.Mapping) and value.keys:
        return True
    named = value.function if isinstance(value, ir.Call) else value
    for node in nodes(value):
        name = node.id if isinstance(node, ir.Name) else ""
        name = node.attr if isinstance(node, ir.Attr) else name
        if len(name) > 1 and (name.isupper() or name == "settings"):
            return True
        if (node is named or node is root_of(value)) and name and _FEW.search(name.lower()):
            return True
    return False


def _is_by_chunks(ask: Ask) -> bool:
    """Whether each round asks for many rows: of a longer list, or of a time."""
    conditions = ask.queryset.conditions
    above = any(condition.endswith(("__gt", "__gte")) for condition in conditions)
    below = any(condition.endswith(("__lt", "__lte")) for condition in conditions)
    return (above and below) or any(
        condition.endswith(("__in", "__range")) for condition in conditions
    )


def _has_own_condition(frame: Frame, ask: Ask, varying: set[str]) -> bool:
    """Whether a method of the project's decides what is asked."""
    queryset = ask.queryset
    return (
        OWN_CONDITION in queryset.conditions
        or (
            queryset.parent is None
            and any(origin.path != frame.path for origin in queryset.origins)
        )
        or _takes_own(ask.node, varying)
    )


def _takes_own(node: ir.Expr, varying: set[str]) -> bool:
    """Whether a method that Django does not know takes the round's value, on the way."""
    while isinstance(node, ir.Call | ir.Attr | ir.Item | ir.Slice):
        if isinstance(node, ir.Call):
            function = node.function
            given = (*node.args, *(value for _, value in node.keywords))
            if not isinstance(function, ir.Attr):
                return False
            if function.attr not in _TAKE and names_in(given) & varying:
                return True
            node = function.value
        else:
            node = node.value
    return False


#: Methods of querysets that are given values, and what they do with them is known.
_TAKE = frozenset({
    "filter", "exclude", "get", "aget", "annotate", "alias", "order_by", "values", "values_list",
    "aggregate", "aaggregate", "all", "first", "last", "count", "exists", "earliest", "latest",
    "distinct", "using", "only", "defer", "select_related", "prefetch_related", "iterator",
    "complex_filter", "extra", "contains", "none", "reverse",
})  # fmt: skip


#: Lookups of which no list of values can be asked for.
_COMPARES = re.compile(r"__(?:i?(?:exact|contains|startswith|endswith|regex)|[gl]te?)$")
_EXACT = "__exact"


def _compares_with(node: ir.Expr, varying: set[str]) -> bool:
    """Whether the query compares with the round's value otherwise than by what is equal to it."""
    return any(
        isinstance(call, ir.Call)
        and any(
            _COMPARES.search(word) and not word.endswith(_EXACT) and names_in(value) & varying
            for word, value in call.keywords
        )
        for call in nodes(node)
    )


def _rows_of(frame: Frame, iterable: ir.Expr) -> Key | None:
    """The model whose rows the loop goes over; None where it goes over something else."""
    span = iterable.start, iterable.end
    for ask in frame.asks:
        if ask.how == "rows" and (ask.node.start, ask.node.end) == span:
            return ask.queryset.model
    return None


def _answer_of(places: Places, ask: Ask) -> set[str]:
    """The names that hold what is asked for."""
    statement = places.statement(ask.node)
    return names_in(statement.targets) if isinstance(statement, ir.Assign) else set()


def _goes_on(places: Places, ask: Ask, loop: Loop, answer: set[str]) -> bool:
    """
    Whether the answer decides what the next round asks, or whether there is one.

    So it is where a tree is walked, a free name is looked for, or a ``while`` loop goes round.
    """
    if isinstance(loop.source, ir.Comp):
        return False
    statement = places.statement(ask.node)
    for outer, _ in places.around(ask.node):
        if outer is loop.source:
            break
        if isinstance(outer, ir.While) or _ends_search(places.block_of(outer)):
            return True
        if isinstance(outer, ir.Try) and _ends_search(outer.orelse):
            return True
        if isinstance(outer, ir.If) and answer & names_in(outer.test):
            return True
    following = places.block_of(ask.node)
    if answer & names_in(ask.node) or _ends_search(following):
        return True
    return any(
        isinstance(inner, ir.If)
        and (inner is statement or answer & names_in(inner.test))
        and any(_ends_search(branch) for branch in (inner.body, inner.orelse))
        for inner in following
    )


def _ends_search(block: tuple[ir.Stmt, ...]) -> bool:
    return bool(block) and (
        isinstance(block[-1], ir.Return)
        or (isinstance(block[-1], ir.Jump) and block[-1].kind == "break")
    )


def _place(queryset: QuerySet, ask: Ask, loop: Loop) -> tuple[int, int]:
    """Where the query is made, if that is in the loop; else where it is sent."""
    if isinstance(ask.node, ir.Call | ir.Item) and not isinstance(_receiver(ask.node), ir.Name):
        return ask.node.start, ask.node.end
    inside = [origin for origin in queryset.origins if loop.start <= origin.start < loop.end]
    if len(inside) == 1 and len(queryset.origins) == 1:
        return inside[0].start, inside[0].end
    return ask.node.start, ask.node.end


def _receiver(node: ir.Call | ir.Item) -> ir.Expr | None:
    if isinstance(node, ir.Item):
        return node.value
    return node.function.value if isinstance(node.function, ir.Attr) else None
