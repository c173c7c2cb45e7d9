"""
Objects of plain models, made of rows without `Model.__init__`.

It sets one attribute after the other and sends two signals, which takes longer than all else that
a hit of many rows needs. Where nothing of a model says otherwise, the same is done at once.
"""

from collections.abc import Sequence
from inspect import getattr_static
from typing import Any

from django.db.models import Model, base
from django.db.models.base import ModelBase, ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

#: On an object that is new these set what they are given, and do nothing else.
_PLAIN_ATTRIBUTES = frozenset({DeferredAttribute, ForeignKeyDeferredAttribute})
#: What makes an object; packages put theirs in the place of Django's.
_OF_DJANGO = ("__init__", "from_db")
_OF_PYTHON = ("__new__", "__setattr__", "__getattribute__")


class PlainModel:
    """
    Stands where Django asks a model for objects.

    Args:
        model: One of which `is_plain` is true.

    Attributes:
        model: The same.
    """

    __slots__ = ("_count", "_meta", "_names", "model")

    def __init__(self, model: Any) -> None:
        self.model, self._meta = model, model._meta  # noqa: SLF001 - public since ever
        self._names = [field.attname for field in self._meta.concrete_fields]
        self._count = len(self._names)

    def from_db(self, db: str, field_names: Any, values: Sequence[Any]) -> Any:
        """Return the object that `Model.from_db` returns."""
        model = self.model
        if len(values) != self._count or (
            # of any model; most sites have none
            (pre_init.receivers or post_init.receivers)
            and (pre_init.has_listeners(model) or post_init.has_listeners(model))
        ):
            return model.from_db(db, field_names, values)
        found = object.__new__(model)
        attributes = found.__dict__
        attributes["_state"] = state = ModelState()
        state.adding, state.db = False, db
        attributes.update(zip(self._names, values, strict=True))
        return found


def is_plain(model: Any) -> bool:
    """Whether all that makes an object of the model is Django's own."""
    if not _is_made_by(ModelBase, model):
        return False
    made_by_django = [getattr(getattr(model, name), "__code__", None) for name in _OF_DJANGO]
    if any(code is None or code.co_filename != base.__file__ for code in made_by_django):
        return False
    if any(getattr(model, name) is not getattr(object, name) for name in _OF_PYTHON):
        return False
    after = model.__mro__[model.__mro__.index(Model) + 1 : -1]
    if any("__init__" in kind.__dict__ for kind in after):
        return False
    return all(
        type(getattr_static(model, field.attname)) in _PLAIN_ATTRIBUTES
        for field in model._meta.concrete_fields  # noqa: SLF001 - public since ever
    )


def _is_made_by(metaclass: type, model: Any) -> bool:
    return type(model) is metaclass


def with_plain_models(info: dict[str, Any] | None) -> dict[str, Any] | None:
    """
    What a compiler says of the objects that rows are, with plain models where they may be.

    Args:
        info: Its ``klass_info``, which is left as it is.
    """
    if info is None:
        return None
    found = {**info}
    if is_plain(info["model"]):
        found["model"] = PlainModel(info["model"])
    if "related_klass_infos" in info:
        found["related_klass_infos"] = [
            with_plain_models(inner) for inner in info["related_klass_infos"]
        ]
    return found
