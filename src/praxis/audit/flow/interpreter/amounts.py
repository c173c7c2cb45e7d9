"""Conditions that few rows meet, as far as names tell: those of a key, of what waits its turn."""

import re

from praxis.audit.facts.models.model_index import Model, ModelIndex
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.values import QuerySet

#: So many rows are not worth a warning.
HANDFUL = 10
#: Stands for a condition that is met until somebody has dealt with the row.
WAITING = "~"
#: Stands for what a method of the project's own managers adds.
OWN_CONDITION = "()"
#: Stands for conditions that stand elsewhere: ``filter(**conditions)``, ``filter(query)``.
MAPPED = "**"
#: Stands for one row of each value: ``values("country").distinct()``.
GROUPED = "values()"
_CHOSEN = frozenset({GROUPED, MAPPED, OWN_CONDITION, WAITING})
#: Names that belong to one or to none: to a key itself, or to a relation to rows of any model.
_KEYS = frozenset({"id", "object_id", "object_pk", "object_uuid", "pk", "uid"})
#: Kinds of columns whose values hardly two rows have.
_NAMING = frozenset({"EmailField", "SlugField", "UUIDField", "URLField"})
_TIMES = frozenset({"DateField", "DateTimeField"})
_IDENTIFYING = re.compile(
    r"(?:^|_)(?:ean|e?mail|guid|hash|ip|isbn|sku|serial(?:_number)?|slug|token|uid|username|uuid)$"
)
_EQUAL = re.compile(r"(?:__(?:i?exact|in))*$")
_OF_KEY = re.compile(
    r"(?:_id|(?:__(?:code|email|hash|id|(?:[a-z]+_)?name|pk|slug|title|username|uuid))?(?:__exact)?)$"
)
_STATE = re.compile(r"(?:^|_)stat(?:e|us)(?:__(?:i?exact|in))?$")
#: A state as well, but for users: most of them are.
_ACTIVE = re.compile(r"(?:is_)?active")
#: States that a row does not stay in.
_PASSING = re.compile(
    r"(?:.*_)?(?:await(?:ing|s)?|due|expir(?:ed|ing)|failed|(?:in_?)?progress|overdue|pending"
    r"|process(?:ing)?|queued|retry(?:ing)?|running|scheduled|started|unpaid|unsent|waiting)(?:_.*)?"
)
#: States that a row ends in, most of them in this one.
_OVER = re.compile(
    r"(?:^|_)(?:closed|completed?|delivered|done|ended|finished|over|processed|resolved|solved"
    r"|terminated)$"
)
#: What is true of a row for ever, once it has been dealt with.
_DEALT_WITH = re.compile(
    r"(?:.*_)?(?:announced|closed|completed|delivered|done|emailed|finished|handled|imported|mailed"
    r"|notified|processed|reminded|sent|synced|synchronised|synchronized)(?:_(?:at|on|date|time))?"
)


def is_waiting(name: str, value: ir.Expr) -> bool:
    """Whether ``name=value`` is met until the row is dealt with: ``status="pending"``."""
    if isinstance(value, ir.Const) and value.value in {None, False}:
        return bool(_DEALT_WITH.fullmatch(name))
    if isinstance(value, ir.Const) and value.value is True:
        column, _, lookup = name.rpartition("__")
        return lookup == "isnull" and bool(_DEALT_WITH.fullmatch(column))
    state = value.value if isinstance(value, ir.Const) else ""
    state = value.attr if isinstance(value, ir.Attr) else state
    return isinstance(state, str) and bool(_PASSING.fullmatch(state.lower()))


def are_unfinished(name: str, value: ir.Expr) -> bool:
    """Whether rows for which ``name=value`` does not hold have something still to come."""
    state = value.value if isinstance(value, ir.Const) else ""
    state = value.attr if isinstance(value, ir.Attr) else state
    return (
        bool(_STATE.search(name)) and isinstance(state, str) and bool(_OVER.search(state.lower()))
    )


def flags_of(queryset: QuerySet) -> tuple[tuple[str, bool], ...]:
    """The flags that all its rows have turned on, or off."""
    return tuple(sorted((name, value) for name, value in queryset.fixed if isinstance(value, bool)))


def few_meet(index: ModelIndex, queryset: QuerySet) -> bool:
    """
    Whether a handful of rows may meet the conditions.

    So it is with those of one other row, of some keys or in one state, with those that wait until
    they are dealt with, or that have come to their time. And so it may be with what the project's
    own managers choose.
    """
    model = index.models[queryset.model]
    return any(
        condition in _CHOSEN
        or _STATE.search(condition)
        or (_ACTIVE.fullmatch(condition) and model is not index.user)
        or _asks_by_key(index, model, condition)
        or _is_due(model, condition, queryset.conditions)
        for condition in queryset.conditions
    )


def _asks_by_key(index: ModelIndex, model: Model, condition: str) -> bool:
    """Whether the condition asks for the rows of one related row, or for those of some keys."""
    if _leads_to_one(index, model, _OF_KEY.sub("", condition)):
        return True
    way, _, name = _EQUAL.sub("", condition).rpartition("__")
    if name in _KEYS or _IDENTIFYING.search(name):
        return True
    owner = _target(index, model, way) if way else model
    column = owner.columns.get(name) if owner is not None else None
    return column is not None and (column.primary_key or column.unique or column.kind in _NAMING)


def _leads_to_one(index: ModelIndex, model: Model, path: str) -> bool:
    """Whether the path ends with a relation to one row: ``order__customer``."""
    way, _, name = path.rpartition("__")
    owner = _target(index, model, way) if way else model
    relation = owner.relations.get(name) if owner is not None else None
    return relation is not None and relation.to_one


def _target(index: ModelIndex, model: Model, path: str) -> Model | None:
    """The model that the relations of the path lead to."""
    found: Model | None = model
    for name in path.split("__"):
        relation = found.relations.get(name) if found is not None else None
        found = index.model(relation.target) if relation is not None else None
    return found


def _is_due(model: Model, condition: str, conditions: frozenset[str]) -> bool:
    """Whether it asks for what lies before a time, and not for a time from one to another."""
    name, _, lookup = condition.rpartition("__")
    column = model.columns.get(name)
    return (
        lookup in {"lt", "lte"}
        and column is not None
        and column.kind in _TIMES
        and not conditions & {f"{name}__gt", f"{name}__gte"}
    )
