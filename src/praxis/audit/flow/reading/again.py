"""Two queries for the same rows, in one function, where one is enough."""

from collections.abc import Iterator, Sequence

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.places import Places, names_in, nodes
from praxis.audit.flow.events import AskedAgain, Span
from praxis.audit.flow.interpreter.conditions import is_unordered
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.states import Ask
from praxis.audit.flow.reading.disturbances import may_change_rows, stores_in
from praxis.audit.flow.reading.wording import Wording, wording_of

#: What a chain may say besides its conditions and still have the same rows, all of them.
_SAME_ROWS = frozenset({
    "order_by", "select_related", "prefetch_related", "only", "defer", "reverse", "values",
    "values_list", "distinct", "select_for_update",
})  # fmt: skip
_FETCHES = frozenset({"rows", "get", "first", "last", "item", "in_bulk"})
_ONE_ROW = frozenset({"get", "first", "last", "item", "earliest", "latest"})
#: More queries of one kind than this are not compared pair by pair.
_MAX_ALIKE = 20


def asked_again(frame: Frame, places: Places, tests: Sequence[Span]) -> Iterator[AskedAgain]:
    """The pairs, each later query told once; *tests* are what other rules say of existence."""
    groups: dict[object, list[tuple[Ask, Wording]]] = {}
    for ask in frame.asks:
        if ask.quiet or ask.how == "write" or not places.holds(ask.node) or ask.queryset.locked:
            continue
        wording = wording_of(ask.node)
        groups.setdefault(wording.rows, []).append((ask, wording))
    for alike in groups.values():
        yield from _once_each(frame, places, alike, tests)


def _once_each(
    frame: Frame, places: Places, alike: list[tuple[Ask, Wording]], tests: Sequence[Span]
) -> Iterator[AskedAgain]:
    """One event for each query that is asked too often, of those for the same rows."""
    alike = sorted(alike[:_MAX_ALIKE], key=lambda known: known[0].node.start)
    guarded: list[Ask] = []
    told: set[object] = set()
    found: list[AskedAgain] = []
    for index, first in enumerate(alike):
        for then in alike[index + 1 :]:
            event = _judge(frame, places, first, then, alike, tests)
            if event is None or first[0] in guarded:
                continue
            kind = event.why, event.how, first[1].last
            if kind in told:
                continue
            told.add(kind)
            if event.why in {"exists", "count"}:
                guarded += [first[0], then[0]]
            found.append(event)
            break
    yield from found


def _judge(
    frame: Frame,
    places: Places,
    first: tuple[Ask, Wording],
    then: tuple[Ask, Wording],
    alike: Sequence[tuple[Ask, Wording]],
    tests: Sequence[Span],
) -> AskedAgain | None:
    (one, said), (other, repeated) = first, then
    if one.loops != other.loops or one.node.end > other.node.start or one.repeats:
        return None
    if one.queryset.model != other.queryset.model or _is_loaded(frame, one):
        return None
    why = ""
    cached = _cached_by(frame, one, alike)
    if one.how in {"exists", "count"}:
        if not (cached or _within(one.node, tests)) and _fetches_after(places, first, then):
            why = one.how
    elif one.how in {"item", "first"} and other.how == "rows":
        if said.steps == repeated.steps and places.follows(other.node, one.node) and not cached:
            why = "alone"
    elif one.how == "rows" and places.precedes(one.node, other.node):
        # rows that are only asked whether there are any are not worth keeping
        in_memory = not _within(one.node, tests) and _is_in_memory(frame, first, then)
        why = "memory" if in_memory else ""
    if not why and _is_same(places, first, then) and not _cached_by(frame, other, alike):
        why = "same"
    if not why or not _nothing_between(places, one, other):
        return None
    return AskedAgain(
        frame.path,
        (one.node.start, one.node.end),
        (other.node.start, other.node.end),
        one.queryset.model,
        why,
        (one.how, other.how),
        _replaceable(frame, places, one, other),
        frame.handed_relation(one.queryset) or frame.handed_relation(other.queryset),
    )


def _replaceable(frame: Frame, places: Places, one: Ask, other: Ask) -> Span:
    """The name in the place of ``name.exists()`` or ``name.count()``, if its rows are walked."""
    receiver, call = _receiver(one.node), one.node
    if (
        isinstance(receiver, ir.Name)
        and (receiver.start, receiver.end) in frame.giving
        and isinstance(other.node, ir.Name)
        and isinstance(call, ir.Call)
        and isinstance(call.function, ir.Attr)
        and call.function.attr in {"exists", "count"}
        and (one.how == "count" or isinstance(places.parent(call), ir.If | ir.Not))
    ):
        return receiver.start, receiver.end
    return 0, 0


def _is_loaded(frame: Frame, ask: Ask) -> bool:
    """Whether the rows of a relation were prefetched: then ``all()`` asks nothing."""
    queryset = ask.queryset
    parent = queryset.parent
    if parent is None or not queryset.plain:
        return False
    return frame.is_loaded(parent, queryset.relation)


def _within(node: ir.Expr, spans: Sequence[Span]) -> bool:
    return any(start <= node.start and node.end <= end for start, end in spans)


def _fetches_after(places: Places, first: tuple[Ask, Wording], then: tuple[Ask, Wording]) -> bool:
    """Whether the rows are fetched whenever there turn out to be some."""
    (one, said), (other, repeated) = first, then
    if said.steps or other.how not in _FETCHES:
        return False
    if one.how == "count":
        return other.how == "rows" and not repeated.steps and places.follows(other.node, one.node)
    if not repeated.methods - {"slice"} <= _SAME_ROWS:
        return False
    return _guards(places, one.node, other.node)


def _guards(places: Places, test: ir.Expr, node: ir.Expr) -> bool:
    """Whether *test* is the condition of an ``if``, and *node* runs once it holds."""
    negated = False
    for outer, inner in places.around(test):
        if isinstance(outer, ir.Not):
            negated = not negated
        elif isinstance(outer, ir.BoolOp):
            if outer.operator != ("or" if negated else "and"):
                return False
        elif isinstance(outer, ir.If) and inner is outer.test:
            if not negated:
                return places.opens(node, outer.body)
            if places.opens(node, outer.orelse):
                return True
            return _is_left(outer.body) and not outer.orelse and places.comes_next(node, outer)
        elif not isinstance(outer, ir.Await):
            return False
    return False


def _is_left(block: tuple[ir.Stmt, ...]) -> bool:
    return bool(block) and isinstance(block[-1], ir.Return | ir.Raise | ir.Jump)


def _is_in_memory(frame: Frame, first: tuple[Ask, Wording], then: tuple[Ask, Wording]) -> bool:
    """Whether all rows were fetched, and the later query asks the database all the same."""
    (one, said), (other, repeated) = first, then
    if said.steps or one.queryset.streamed or one.queryset.values:
        return False
    if _is_held(one):
        if repeated.steps:
            return repeated.methods == {"order_by"} and other.how in _ONE_ROW
        return other.how in {"last", "earliest", "latest"} or (
            other.how == "first" and is_unordered(frame.index, one.queryset)
        )
    if repeated.methods - {"order_by"}:
        return False
    return other.how in _ONE_ROW | {"count", "exists"}


def _is_same(places: Places, first: tuple[Ask, Wording], then: tuple[Ask, Wording]) -> bool:
    """Whether the very same is asked twice."""
    (one, said), (other, repeated) = first, then
    if one.how != other.how or said != repeated or (one.how == "rows" and _is_held(one)):
        return False
    return places.precedes(one.node, other.node)


def _is_held(ask: Ask) -> bool:
    """Whether a name or an attribute holds the queryset, and so its rows once they are fetched."""
    return isinstance(ask.node, ir.Name | ir.Attr)


def _cached_by(frame: Frame, ask: Ask, alike: Sequence[tuple[Ask, Wording]]) -> bool:
    """Whether the queryset that a name or an attribute holds has its rows already."""
    receiver = _receiver(ask.node)
    held = receiver is not None and (receiver.start, receiver.end) in frame.giving
    return held and any(
        known.how == "rows" and _is_held(known) and known.node.start < ask.node.start
        for known, _ in alike
    )


def _receiver(node: ir.Expr) -> ir.Name | ir.Attr | None:
    """The name or attribute that a call's method, or an index, is of."""
    held: ir.Expr | None = None
    if isinstance(node, ir.Item):
        held = node.value
    elif isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
        held = node.function.value
    return held if isinstance(held, ir.Name | ir.Attr) else None


def _nothing_between(places: Places, one: Ask, other: Ask) -> bool:
    """Whether nothing on the way may change the rows, or what the names of the query hold."""
    names = names_in(one.node)
    inside = {id(node) for ask in (one, other) for node in nodes(ask.node)}
    for node in places.between(one.node.end, other.node.start):
        if id(node) in inside:
            continue
        if isinstance(node, ir.Call) and may_change_rows(node):
            return False
        if isinstance(node, ir.Await) and id(node.value) in inside:
            continue
        if isinstance(node, ir.Yield | ir.Await) or stores_in(node, names):
            return False
    return True
