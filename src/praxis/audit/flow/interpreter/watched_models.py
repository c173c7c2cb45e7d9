"""
The index of models as interpretation asks it: each model that is looked at is noted.

So what was found out in a file depends on these models alone, and not on all of the project.
What all may learn from the index besides, which models there are and what they are called, is in
`common_digest`.
"""

from collections.abc import Callable
from hashlib import blake2b
from typing import Final

import msgspec

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.model_index import Model, ModelIndex

#: What marks a model among what a result depends on: the others are files.
MODEL: Final = "model:"
#: And the one model that has a reverse relation of some name.
OWNER: Final = "owner:"
#: And whether rows of a model may have an attribute, which each heir of it decides.
HEIRS: Final = "heirs:"


class WatchedIndex(ModelIndex):
    """An index that calls *note* with the name of whatever somebody learns from it."""

    def __init__(self, index: ModelIndex, note: Callable[[str], None]) -> None:
        vars(self).update(vars(index))  # it is the same index, but for who looks into it
        self._index, self._note = index, note
        self.models = _WatchedModels(index.models, note)

    @property
    def user(self) -> Model | None:
        """The user model, where it can be told."""
        return self.model(self._user_key)

    def owner_of(self, relation: str) -> Model | None:
        """The model that alone has the reverse relation ``<model>_set``."""
        self._note(OWNER + relation)
        owner = self._index.owner_of(relation)
        return None if owner is None else self.model(owner.key)

    def heirs_of(self, key: Key) -> list[Model]:
        """The models that extend this one."""
        self._note(f"{HEIRS}{key[0]}:{key[1]}")
        return self._index.heirs_of(key)


class _WatchedModels(dict[Key, Model]):
    """By key; which keys there are anybody may know."""

    def __init__(self, models: dict[Key, Model], note: Callable[[str], None]) -> None:
        super().__init__(models)
        self._names = {key: f"{MODEL}{key[0]}:{key[1]}" for key in models}
        self._note = note

    def __getitem__(self, key: Key) -> Model:
        self._note(self._names[key])
        return super().__getitem__(key)

    def get(self, key: Key, default: Model | None = None) -> Model | None:  # type: ignore[override]
        """The model of this key."""
        name = self._names.get(key)
        if name is None:
            return default
        self._note(name)
        return super().__getitem__(key)


def common_digest(index: ModelIndex) -> bytes:
    """Changes with what may be learnt from the index without looking at any one model."""
    return blake2b(repr(index.known_by_name()).encode("utf-8", "surrogatepass")).digest()


def content_of(index: ModelIndex, name: str) -> str | None:
    """What there is to learn by such a *name*, as a digest; None for the name of a file."""
    kind, _, rest = name.partition(":")
    if f"{kind}:" == OWNER:
        owner = index.owner_of(rest)
        return "" if owner is None else repr(owner.key)
    path, _, model_name = rest.rpartition(":")
    key = path, model_name
    if f"{kind}:" == MODEL:
        return "" if key not in index.models else _digest(_facts_of(index, index.models[key]))
    if f"{kind}:" == HEIRS:
        return _digest([_facts_of(index, heir) for heir in index.heirs_of(key)])
    return None


def _facts_of(index: ModelIndex, model: Model) -> object:
    classes = index.names.classes
    line = index.names.line(model.key)
    return model, line, [classes[key] for key in line if isinstance(key, tuple)]


def _digest(facts: object) -> str:
    return blake2b(msgspec.msgpack.encode(facts, order="sorted"), digest_size=16).hexdigest()
