"""What kept results are called: a digest of everything that tells one from another."""

import datetime as dt
import decimal
import enum
import uuid
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgspec
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from praxis.conf import config
from praxis.errors import NotCacheableError

_NAME_BYTES = 20
_PLAIN: frozenset[type] = frozenset({bool, float, str, bytes, type(None)})
_TEXTUAL: frozenset[type] = frozenset(
    {int, decimal.Decimal, uuid.UUID, dt.date, dt.time, dt.timedelta, complex}
)
#: How deep arguments may be nested; what is deeper holds itself, as a rule.
_MAX_DEPTH = 20


def name_of(kind: str, *parts: object) -> bytes:
    """
    The name of what a *kind* of cache keeps under these *parts*, in this release of the site.

    Raises:
        NotCacheableError: if one of them cannot be told apart from others of its type.
    """
    told = [plain(part) for part in parts]
    packed = msgspec.msgpack.encode((kind, config().cache.version, told))
    return blake2b(packed, digest_size=_NAME_BYTES).digest()


def plain(value: object, depth: int = 0) -> object:
    """
    A value as numbers and texts: equal for equal values of one type, and for no others.

    A model's instance stands for its row, by model, database and primary key.

    Raises:
        NotCacheableError: naming the type of what has no such form.
    """
    kind = type(value)
    if kind in _PLAIN:
        return [kind.__name__, value]
    if kind in _TEXTUAL:
        return [kind.__name__, str(value)]
    if depth > _MAX_DEPTH:
        raise NotCacheableError(f"nested more than {_MAX_DEPTH} times")
    if isinstance(value, Model):
        return _row(value, depth)
    if isinstance(value, type) and issubclass(value, Model):
        return ["model", value._meta.label_lower]  # noqa: SLF001 - public since ever
    if isinstance(value, enum.Enum):
        return ["enum", f"{kind.__module__}.{kind.__qualname__}", value.name]
    if isinstance(value, dt.datetime):
        return ["datetime", value.isoformat(), str(value.tzinfo), value.fold]
    if isinstance(value, Promise):  # translated when it is shown, which is now
        return plain(str(value), depth)
    if isinstance(value, str):  # marked as safe perhaps, which functions tell from others
        return ["safe" if isinstance(value, SafeString) else kind.__name__, str.__str__(value)]
    return _collection(value, kind, depth)


def content_of(instance: Model) -> tuple[object, ...]:
    """A row with what is in it, as a plain value: another one as soon as it is written."""
    deferred = instance.get_deferred_fields()
    fields = instance._meta.concrete_fields  # noqa: SLF001 - public since ever
    names = [field.attname for field in fields if field.attname not in deferred]
    told = tuple((name, _shown(getattr(instance, name))) for name in names)
    return (instance._meta.label_lower, told)  # noqa: SLF001 - public since ever


def _shown(value: object) -> object:
    """A value, or how it shows itself where it is no plain one."""
    try:
        plain(value)
    except NotCacheableError:
        return repr(value)
    return value


def _collection(value: Any, kind: type, depth: int) -> object:
    if kind is list or kind is tuple:
        return [kind.__name__, [plain(one, depth + 1) for one in value]]
    if kind is set or kind is frozenset:
        return [kind.__name__, _sorted(plain(one, depth + 1) for one in value)]
    if kind is dict:
        pairs = ([plain(k, depth + 1), plain(v, depth + 1)] for k, v in value.items())
        return ["dict", _sorted(pairs)]
    raise NotCacheableError(f"a {kind.__module__}.{kind.__qualname__} says not what it stands for")


def _row(instance: Model, depth: int) -> object:
    label = instance._meta.label_lower  # noqa: SLF001 - public since ever
    if instance.pk is None or instance._state.adding:  # noqa: SLF001 - documented
        raise NotCacheableError(f"a {label} that was not saved is no row yet")
    database = instance._state.db  # noqa: SLF001 - documented
    return ["row", label, database, plain(instance.pk, depth + 1)]


def _sorted(parts: Iterable[object]) -> list[bytes]:
    return sorted(msgspec.msgpack.encode(part) for part in parts)
