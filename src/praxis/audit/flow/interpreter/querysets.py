"""What the methods of managers and querysets return, and which of them fetch rows."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from praxis.audit.facts.models import managers
from praxis.audit.facts.models.model_index import ONE
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.amounts import OWN_CONDITION
from praxis.audit.flow.interpreter.conditions import fixed_columns, narrowed, null_relations
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.values import (
    HERE,
    UNKNOWN,
    Const,
    Dict,
    Instance,
    Listing,
    Manager,
    Origin,
    Prefetch,
    QuerySet,
    RowMap,
    Rows,
    Value,
)
from praxis.audit.flow.interpreter.where import NO_CONDITIONS, VAGUE
from praxis.audit.flow.notes.columns import restricted
from praxis.audit.flow.notes.loading import note_method
from praxis.audit.flow.notes.lookups import note_lookup

#: One row, or None, or an exception.
_ONE_ROW = frozenset({
    "get", "first", "last", "earliest", "latest", "aget", "afirst", "alast", "aearliest", "alatest",
})  # fmt: skip
_CREATES = frozenset({"create", "acreate"})
_CREATES_OR_GETS = frozenset({
    "get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create",
})  # fmt: skip
#: Ask the database at once, and return no rows.
_ASKS = frozenset({
    "aggregate", "count", "exists", "contains", "aaggregate", "acount", "aexists", "acontains",
})  # fmt: skip
_VALUES = frozenset({"values", "values_list", "dates", "datetimes"})
#: Change rows and return none.
_WRITES = frozenset({
    "bulk_create", "bulk_update", "delete", "update",
    "abulk_create", "abulk_update", "adelete", "aupdate",
})  # fmt: skip
_COMBINES = frozenset({"union", "intersection", "difference"})
_RELATED_WRITES = frozenset({
    "add", "aadd", "set", "aset", "remove", "aremove", "clear", "aclear",
})  # fmt: skip


def queryset_of(frame: Frame, manager: Manager) -> QuerySet:
    """What the manager's ``all()`` is."""
    model = frame.model(manager.model)
    known = model.managers.get(manager.name)
    if known is not None and known.loads and known.classes and not model.opaque:
        made = made_by_manager(frame, manager)
        if made is not None:
            return made
    return plain_queryset_of(frame, manager)


def made_by_manager(frame: Frame, manager: Manager) -> QuerySet | None:
    """What the manager's own ``get_queryset()`` returns, if that is known."""
    from praxis.audit.flow.interpreter.calling import (
        call,  # it interprets functions, and these need querysets
    )
    from praxis.audit.flow.interpreter.objects import of_rows

    method = of_rows(frame, manager, "get_queryset")
    if method is None:
        return None
    spot = manager.path, manager.start, manager.end
    made = call(frame, method, (), {}, spot)
    if not isinstance(made, QuerySet) or made.model != manager.model:
        return None
    own = plain_queryset_of(frame, manager)
    return replace(
        made, origins=own.origins, plain=own.plain, parent=own.parent, relation=own.relation
    )


def plain_queryset_of(frame: Frame, manager: Manager) -> QuerySet:
    """The same for a manager of which nothing more is known than its model."""
    model = frame.model(manager.model)
    known = model.managers.get(manager.name)
    return QuerySet(
        manager.model,
        (Origin(manager.path, manager.start, manager.end) if manager.path else HERE,),
        opaque=model.opaque or (known is not None and known.loads),
        parent=manager.parent,
        relation=manager.relation,
        plain=manager.parent is not None,
        ordered=True if known is None or "get_queryset" in known.methods else None,
        where=VAGUE if _narrows(manager, known) else NO_CONDITIONS,
    )


def _narrows(manager: Manager, known: managers.Manager | None) -> bool:
    """Whether the manager has conditions of its own."""
    return manager.parent is not None or known is None or "get_queryset" in known.methods


def call_method(
    frame: Frame,
    receiver: Manager | QuerySet,
    name: str,
    call: ir.Call,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    *,
    inherited: bool = False,
) -> Value:
    """
    The value of ``receiver.name(args, **keywords)``.

    Django's own method is asked for where it is *inherited*: called by ``super()``.
    """
    made = _made_by(frame, receiver, name, call, args, keywords, inherited=inherited)
    if isinstance(made, QuerySet) and made.parent is not None and not (made.plain or made.step):
        made = replace(made, step=name)
    return replace(made, served=False) if isinstance(made, QuerySet) and name != "all" else made


def _made_by(
    frame: Frame,
    receiver: Manager | QuerySet,
    name: str,
    call: ir.Call,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    *,
    inherited: bool,
) -> Value:
    own = frame.model(receiver.model).managers.get(
        receiver.name if isinstance(receiver, Manager) else _default(frame, receiver)
    )
    verdict = own.methods.get(name) if own is not None and not inherited else None
    queryset = receiver if isinstance(receiver, QuerySet) else queryset_of(frame, receiver)
    if verdict is not None:
        made = _own_method(frame, queryset, verdict, call)
        return note_lookup(frame, queryset, name, call, args, keywords, made, own=True)
    if isinstance(receiver, Manager) and receiver.parent is not None and name in _RELATED_WRITES:
        frame.ask("write", queryset, call)
        return UNKNOWN
    made = _django_method(frame, queryset, name, call, args, keywords)
    return note_lookup(frame, queryset, name, call, args, keywords, made, own=False)


def _default(frame: Frame, queryset: QuerySet) -> str:
    return frame.model(queryset.model).default_manager


def _own_method(frame: Frame, queryset: QuerySet, verdict: str, call: ir.Call) -> Value:
    if verdict == managers.ANYTHING:
        return UNKNOWN
    opaque = queryset.opaque or verdict == managers.OPAQUE
    longer = extended(frame, queryset, call)
    conditions = longer.conditions | {OWN_CONDITION}
    return replace(longer, opaque=opaque, plain=False, ordered=True, conditions=conditions)


def extended(frame: Frame, queryset: QuerySet, call: ir.Call) -> QuerySet:
    """The queryset, made by a chain that goes on up to the end of *call*."""
    if queryset.sliced or queryset.streamed or queryset.values:
        return queryset
    function = call.function
    if not isinstance(function, ir.Attr) or len(queryset.origins) != 1:
        return queryset
    (origin,) = queryset.origins
    if origin.path != frame.path or origin.kind != "chain":
        return queryset
    if function.value.end != origin.end and function.value.start != origin.start:
        return queryset
    if isinstance(function.value, ir.Name) and function.value.end != origin.end:
        return queryset
    return replace(queryset, origins=(replace(origin, end=call.end),))


def continued(
    frame: Frame, receiver: Manager | QuerySet, made: QuerySet, call: ir.Call
) -> QuerySet:
    """
    What the project's own method *made* of the receiver, as a part of the caller's chain.

    A queryset that can be loaded no more at the end of that chain stays where the method made it.
    """
    if made.sliced or made.streamed or made.values or made.model != receiver.model:
        return made
    begun = receiver if isinstance(receiver, QuerySet) else plain_queryset_of(frame, receiver)
    if begun.plain and not made.plain and isinstance(call.function, ir.Attr):
        made = replace(made, step=call.function.attr)
    return extended(frame, replace(made, origins=begun.origins), call)


def _django_method(
    frame: Frame,
    queryset: QuerySet,
    name: str,
    call: ir.Call,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
) -> Value:
    span = (call.start, call.end)
    note_method(frame, queryset, name, call, args)
    if name in managers.SAME_ROWS:
        plain = queryset.plain and name in {"all", "using"} and name != "using"
        locked = queryset.locked or name == "select_for_update"
        queryset = narrowed(queryset, name, call.args, call.keywords)
        made = replace(extended(frame, queryset, call), plain=plain, locked=locked)
        if keywords:
            made = _without(frame, made, null_relations(name, keywords))
            made = replace(made, fixed=made.fixed | fixed_columns(name, keywords))
        if name == "filter" and _names_one_row(frame, queryset, keywords):
            made = replace(made, limit=1)
        return _annotated(made, keywords) if name == "annotate" else made
    if name == "none":
        return replace(queryset, opaque=True, empty=True, plain=False)
    if name == "get_queryset":
        return extended(frame, queryset, call)
    if name == "select_related":
        chain = extended(frame, queryset, call)
        if not args and not keywords:
            return _all_related(frame, chain)
        return _select_related(chain, args, bool(keywords))
    if name == "prefetch_related":
        return _prefetch_related(extended(frame, queryset, call), args)
    if name in {"only", "defer"}:
        queryset = replace(extended(frame, queryset, call), plain=False)
        return restricted(queryset, name, args, known=not keywords)
    if name in _ONE_ROW:
        narrow = narrowed(queryset, name, call.args, call.keywords)
        frame.ask(name.removeprefix("a"), narrow, call)
        frame.asked(queryset, name, span)
        return frame.row_of(replace(narrow, plain=False), span, span, single=True)
    if name in _CREATES_OR_GETS:
        frame.queries(queryset.model)
        frame.ask("write", queryset, call)
        single = frame.row_of(replace(queryset, plain=False), span, span, single=True)
        if isinstance(single, Instance):
            frame.perhaps_new.add(single.token)
        return Listing((single, UNKNOWN))
    if name in _CREATES:
        frame.ask("write", queryset, call)
        return _created(frame, queryset, keywords)
    if name in _ASKS:
        frame.ask(name if name == "aggregate" else name.removeprefix("a"), queryset, call)
        frame.asked(queryset, name, span)
        return UNKNOWN
    if name in _WRITES:
        frame.ask("write", queryset, call)
        return UNKNOWN
    if name in _VALUES:
        return replace(queryset, values=True, plain=False)
    if name == "iterator" or name == "aiterator":
        return replace(queryset, streamed=not (args or keywords), plain=False)
    if name in {"in_bulk", "ain_bulk"}:
        frame.ask("in_bulk", queryset, call)
        return RowMap(replace(queryset, plain=False))
    if name in _COMBINES:
        return replace(queryset, opaque=True, sliced=True, plain=False)
    return UNKNOWN


def _without(frame: Frame, queryset: QuerySet, names: frozenset[str]) -> QuerySet:
    """The queryset of rows of which the named relations lead nowhere, as their columns say."""
    relations = frame.model(queryset.model).relations
    nulls = {name for name in names if name in relations and relations[name].has_column}
    return replace(queryset, nulls=queryset.nulls | nulls) if nulls else queryset


def _names_one_row(frame: Frame, queryset: QuerySet, keywords: Mapping[str, Value]) -> bool:
    """Whether the conditions hold for one row at most: by its key, or by a unique field."""
    model = frame.model(queryset.model)
    return any(
        word in {"pk", model.primary_key}
        or (
            value != Const(None)  # as many rows as there are without one
            and (
                (word in model.relations and model.relations[word].kind == ONE)
                or (word in model.columns and model.columns[word].unique)
            )
        )
        for word, value in keywords.items()
    )


def _annotated(queryset: QuerySet, keywords: Mapping[str, Value]) -> QuerySet:
    """The rows get the names as attributes, whatever a cached property of that name says."""
    unpacked = keywords.get("")
    names = {word for word in keywords if word}
    if isinstance(unpacked, Dict):
        names.update(key for key, _ in unpacked.items)
    return replace(queryset, annotated=queryset.annotated | names)


def _created(frame: Frame, queryset: QuerySet, keywords: Mapping[str, Value]) -> Value:
    made = frame.instance(queryset.model, state="created")
    for word, value in keywords.items():
        if word in frame.model(queryset.model).relations:
            frame.loaded[made.token, word] = value
    if queryset.parent is not None:
        back = frame.back_of(queryset.parent, queryset.relation)
        if back:
            frame.loaded[made.token, back] = queryset.parent
    return made


def _all_related(frame: Frame, queryset: QuerySet) -> QuerySet:
    """``select_related()``: what is not null, as long as no relation is named besides."""
    relations = frame.model(queryset.model).relations.values()
    names = tuple([each.name for each in relations if each.has_column and not each.null])
    origins = tuple([replace(origin, also=names) for origin in queryset.origins])
    return replace(queryset, joins_all=True, origins=origins, plain=False)


def _select_related(queryset: QuerySet, args: Sequence[Value], star: bool) -> Value:
    queryset = replace(queryset, plain=False)
    if len(args) == 1 and isinstance(args[0], Const) and args[0].value is None:
        return replace(queryset, joined=frozenset(), joins_all=False)
    lookups = [arg.value for arg in args if isinstance(arg, Const) and isinstance(arg.value, str)]
    if len(lookups) != len(args) or star:
        return replace(queryset, opaque=True)
    return replace(queryset, joined=queryset.joined | frozenset(lookups))


def _prefetch_related(queryset: QuerySet, args: Sequence[Value]) -> Value:
    queryset = replace(queryset, plain=False)
    if len(args) == 1 and isinstance(args[0], Const) and args[0].value is None:
        return replace(queryset, prefetched=())
    lookups: list[Prefetch] = []
    for arg in args:
        if isinstance(arg, Const) and isinstance(arg.value, str):
            lookups.append(Prefetch(arg.value))
        elif isinstance(arg, Prefetch):
            lookups.append(arg)
        else:
            return replace(queryset, opaque=True)
    return replace(queryset, prefetched=queryset.prefetched + tuple(lookups))


def sliced(queryset: QuerySet, lower: Value | None, upper: Value | None) -> QuerySet:
    """``queryset[lower:upper]``."""
    limit: int | None = None
    if isinstance(upper, Const) and type(upper.value) is int and upper.value >= 0:
        first = lower.value if isinstance(lower, Const) and type(lower.value) is int else 0
        if lower is None or isinstance(lower, Const):
            limit = max(upper.value - first, 0)
    served = queryset.plain or queryset.served
    return replace(queryset, limit=limit, sliced=True, plain=False, served=served)


def rows_of(value: Value) -> QuerySet | None:
    """The queryset behind a value that can be walked row by row."""
    if isinstance(value, QuerySet):
        return value
    return value.queryset if isinstance(value, Rows) else None
