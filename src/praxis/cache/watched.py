"""Which models are cached, and which tables are watched for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from django.apps import apps
from django.core.signals import setting_changed
from django.db.models import Model

from praxis.cache.statements import table_named
from praxis.conf import ModelCacheConfig, config


@dataclass(frozen=True, slots=True)
class Watched:
    """
    Attributes:
        tables: How queries of each watched table are cached, by the table's name.
        patterns: Which of the names in the settings says so.
    """

    tables: Mapping[str, ModelCacheConfig]
    patterns: Mapping[str, str]

    def may_cache(self, tables: frozenset[str]) -> bool:
        """Whether every one of the tables is watched."""
        return bool(tables) and tables <= self.tables.keys()


@cache
def watched(vendor: str) -> Watched:
    """What the settings say, for a vendor of databases."""
    tables: dict[str, ModelCacheConfig] = {}
    patterns: dict[str, str] = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001 - public since ever
        if meta.proxy or not meta.managed:
            continue  # another's table; or perhaps a view, which writes to other tables change
        pattern = pattern_of(model)
        if pattern is not None:
            name = table_named(meta.db_table, vendor).name
            tables[name], patterns[name] = config().cache.models[pattern], pattern
    return Watched(tables, patterns)


def pattern_of(model: type[Model]) -> str | None:
    """The first name in the settings that fits: a link table goes with the model declaring it."""
    meta = model._meta  # noqa: SLF001 - public since ever
    owner: Any = meta.auto_created or model
    label = owner._meta.label_lower  # noqa: SLF001 - public since ever
    return next((one for one in config().cache.models if fits(label, one)), None)


def fits(label: str, pattern: str) -> bool:
    """Whether a model, by its label in lower case, is one of those that a *pattern* names."""
    return fnmatchcase(label, pattern.lower())


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "INSTALLED_APPS"}:
        watched.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.watched")
