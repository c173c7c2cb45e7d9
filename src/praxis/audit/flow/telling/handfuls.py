"""Rows of which there are few, as far as names tell."""

import re

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.growth import grows
from praxis.audit.facts.models.indexes import Tables
from praxis.audit.facts.models.model_index import ModelIndex
from praxis.audit.flow.events import RelationsRead
from praxis.audit.project import Project

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: What one thing or person has one, two or three of, by the last word of the model's name.
_FEW = frozenset({
    "address", "addresses", "alias", "attachment", "choice", "domain", "email", "guardian",
    "image", "interface", "ip", "language", "nic", "option", "parameter", "parent", "phone",
    "photo", "picture", "preference", "role", "setting", "settings", "translation", "variant",
    "website",
})  # fmt: skip
#: What a project has a few of, however long it runs.
_OPTIONS = frozenset({
    "categories", "category", "config", "configuration", "kind", "level", "menu", "menus", "mode",
    "option", "role", "setting", "settings", "status", "tier", "type",
})  # fmt: skip


def is_handful(event: RelationsRead) -> bool:
    """Whether the rows are those of one other row, say, and their name tells that they are few."""
    return event.few and _last_word(event.model) in _FEW


def _last_word(model: Key) -> str:
    words = _WORDS.findall(model[1])
    return words[-1].lower() if words else ""


#: What a note says of such rows, or of a loop's rounds.
MAY_BE_FEW = ", of which there may be few"
#: So many foreign keys are followed to a table that grows.
_MAX_KEYS = 3


def stays_small(project: Project, model: Key) -> bool:
    """Whether the code shows no way in which the table gets many rows, as those of options do."""
    return _last_word(model) in _OPTIONS or not _gets_many(project, model, _MAX_KEYS)


def _gets_many(project: Project, key: Key, hops: int) -> bool:
    """Whether the table grows by itself, or by the rows of another one that each have some."""
    index = project.derive(ModelIndex)
    model, table = index.model(key), project.derive(Tables).of(key)
    if model is None or table is None or not model.complete:
        return True  # as far as anybody knows
    if model is index.user or grows(table, index):
        return True
    return hops > 0 and any(
        relation.to_one
        and relation.has_column
        and relation.target is not None
        and relation.target != key
        and _gets_many(project, relation.target, hops - 1)
        for relation in model.relations.values()
    )
