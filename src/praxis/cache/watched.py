"""Which models are cached, and which tables are watched for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from django.apps import apps
from django.core.signals import setting_changed
from django.db.models import Model

from praxis.cache.changes.table import TABLE
from praxis.cache.statements import table_named
from praxis.conf import ModelCacheConfig, config


@dataclass(frozen=True, slots=True)
class Watched:
    """
    Attributes:
        tables: How queries of each watched table are cached, by the table's name.
    """

    tables: Mapping[str, ModelCacheConfig]

    def may_cache(self, tables: frozenset[str]) -> bool:
        """Whether every one of the tables is watched."""
        return bool(tables) and tables <= self.tables.keys()


@cache
def watched(vendor: str) -> Watched:
    """What the settings say, for a vendor of databases."""
    tables: dict[str, ModelCacheConfig] = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed:  # noqa: SLF001 - public since ever
            continue  # perhaps a view: what is written to other tables would change it
        found = _config_of(model)
        if found is not None:
            tables[table_named(model._meta.db_table, vendor).name] = found  # noqa: SLF001 - public
    return Watched(tables)


def _config_of(model: type[Model]) -> ModelCacheConfig | None:
    """The first entry that fits: a link table goes with the model that declares it."""
    meta = model._meta  # noqa: SLF001 - public since ever
    owner: Any = meta.auto_created or model
    label = owner._meta.label_lower  # noqa: SLF001 - public since ever
    if meta.db_table == TABLE:
        return None  # it is what tells of writes
    for pattern, found in config().cache.models.items():
        if fnmatchcase(label, pattern.lower()):
            return found
    return None


def _forget(*, setting: str, **_: object) -> None:
    if setting in {"PRAXIS", "INSTALLED_APPS"}:
        watched.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.cache.watched")
