"""Whether a lookup of ``select_related`` or ``prefetch_related`` leads to what it can load."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import known_models as known
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model, ModelIndex, Relation

COLUMN, UNKNOWN = "column", "unknown"

#: Bases outside of the project that bring no relation along.
_PLAIN_BASES = frozenset({"Model", "object", "ABC", "Generic", "TimeStampedModel", "UUIDModel"})


class LookupProblem(Struct, frozen=True):
    """
    What is wrong with a lookup.

    Attributes:
        kind: Of the relation that cannot be joined (see `model_index`), ``column`` for what is
            no relation, or ``unknown`` for what the model does not have.
        part: The part of the lookup.
        model: What it should be an attribute of.
    """

    kind: str
    part: str
    model: Key


def problem_with(index: ModelIndex, key: Key, lookup: str, *, joins: bool) -> LookupProblem | None:
    """
    Follow *lookup* from the model *key*; None where it is right or cannot be followed.

    *joins* is true for ``select_related``, which follows relations to one row alone.
    """
    model = index.model(key)
    for part in lookup.split("__"):
        if model is None or model.opaque or not part:
            return None
        relation = model.relations.get(part)
        if relation is None:
            return _no_relation(index, model, part)
        if joins and relation.kind not in model_index.JOINABLE:
            if relation.kind == model_index.REVERSE and _is_unique(index, relation):
                return None
            return LookupProblem(relation.kind, part, model.key)
        model = index.model(relation.target)
    return None


def leads_to_one(index: ModelIndex, key: Key, lookup: str) -> bool:
    """Whether every relation of *lookup* is a foreign key or one-to-one of the row itself."""
    model = index.model(key)
    for part in lookup.split("__"):
        relation = model.relations.get(part) if model is not None else None
        if relation is None or not relation.has_column or relation.target not in index.models:
            return False
        model = index.model(relation.target)
    return True


def _is_unique(index: ModelIndex, relation: Relation) -> bool:
    """Whether the foreign key on the other side is unique: such a relation can be joined."""
    holder = index.model(relation.target)
    if holder is None:
        return True
    return any(
        declared.name == relation.back and declared.options.get("unique") not in {None, False}
        for key in (holder.key, *holder.ancestors)
        if key in index.names.classes
        for declared in index.names.classes[key].declared
    )


def _no_relation(index: ModelIndex, model: Model, part: str) -> LookupProblem | None:
    column = model.columns.get(part)
    by_key = model.relations.get(part.removesuffix("_id"))
    if column is not None:
        plain = column.kind in known.DJANGO_FIELDS
        return LookupProblem(COLUMN, part, model.key) if plain else None
    if part in model.members or part in {"id", "pk"}:
        return None
    if part.endswith("_id") and by_key is not None and by_key.has_column:
        return LookupProblem(COLUMN, part, model.key)
    return LookupProblem(UNKNOWN, part, model.key) if _is_all_known(index, model, part) else None


def _is_all_known(index: ModelIndex, model: Model, part: str) -> bool:
    """Whether nobody but this project can give attributes to the model or to one of its heirs."""
    if model.abstract or not model.complete or model.key[0].startswith("django."):
        return False
    if not index.names.outside(model.key) <= _PLAIN_BASES:
        return False
    classes = index.names.classes
    if any(classes[one].shaped for one in (model.key, *model.ancestors) if one in classes):
        return False
    if "swappable" in classes[model.key].meta or model is index.user:
        return False
    return not any(
        part in heir.relations or part in heir.columns or part in heir.members
        for heir in index.heirs_of(model.key)
    )
