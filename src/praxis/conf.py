"""
The only module that reads Django settings. Others are handed a `Config`.

``settings.PRAXIS`` is one dict; the dataclasses below are its reference.
"""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from django.conf import settings
from django.core.signals import setting_changed

from praxis.errors import SettingsError


class Secret:
    """A string that never shows itself; ``reveal()`` gives it to whoever has to know."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def _bounded(default: float, *, above: float) -> Any:
    """A number that must be greater than *above*."""
    return field(default=default, metadata={"above": above})


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisConfig:
    """
    The Redis (6.2 or newer) or Valkey server that Praxis uses.

    Attributes:
        url: ``redis://[user:password@]host[:port][/database]``, or ``rediss://`` for TLS;
            None where there is no server.
        timeout_s: How long a connection or an answer may take; above 0.
    """

    url: Secret | None = None
    timeout_s: float = _bounded(0.25, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """
    All settings, validated and frozen.

    Attributes:
        redis: The shared server.
    """

    redis: RedisConfig = field(default_factory=RedisConfig)


@dataclass(frozen=True, slots=True)
class Mistake:
    """
    One thing that is wrong in ``settings.PRAXIS``.

    Attributes:
        code: The permanent id under which ``manage.py check`` reports it.
        message: What and where.
        hint: The next step.
    """

    code: str
    message: str
    hint: str


NOT_A_DICT, UNKNOWN_KEY, WRONG_TYPE, OUT_OF_RANGE = "E001", "E002", "E003", "E004"


@cache
def config() -> Config:
    """
    Return ``settings.PRAXIS``, validated.

    Raises:
        SettingsError: naming every bad key, and for each what would be right.
    """
    mistakes = list(find_mistakes())
    if mistakes:
        raise SettingsError(" ".join(f"{mistake.message} {mistake.hint}" for mistake in mistakes))
    built: Config = _build(Config, _raw())
    return built


def find_mistakes() -> Iterator[Mistake]:
    """Everything that is wrong with ``settings.PRAXIS``."""
    yield from _mistakes(Config, _raw(), "PRAXIS")


def _raw() -> Any:
    return getattr(settings, "PRAXIS", {})


def _mistakes(cls: Any, raw: object, where: str) -> Iterator[Mistake]:
    if not isinstance(raw, dict):
        hint = f"Write {where} = {{…}}."
        yield Mistake(NOT_A_DICT, f"{where} must be a dict, not {_name(type(raw))}.", hint)
        return
    types = get_type_hints(cls)
    bounds = {known.name: known.metadata for known in fields(cls)}
    for name, value in raw.items():
        at = f"{where}[{name!r}]"
        if name not in types:
            yield Mistake(UNKNOWN_KEY, f"{at} is not a setting.", _suggest(name, list(types)))
        elif is_dataclass(types[name]):
            yield from _mistakes(types[name], value, at)
        elif not _fits(value, types[name]):
            # the type only: the value may be a secret
            message = f"{at} must be {_name(types[name])}, not {_name(type(value))}."
            yield Mistake(WRONG_TYPE, message, "Correct the value in your settings.")
        elif "above" in bounds[name] and not value > bounds[name]["above"]:
            message = f"{at} must be greater than {bounds[name]['above']}, not {value}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")


def _suggest(name: object, known: list[str]) -> str:
    close = get_close_matches(str(name), known, n=1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return f"{meant}Known here: {', '.join(map(repr, sorted(known)))}."


def _fits(value: object, want: Any) -> bool:
    options = get_args(want) or (want,)
    kinds = {str if option is Secret else option for option in options}
    return type(value) in kinds or (type(value) is int and float in kinds)


def _name(want: Any) -> str:
    names = {Secret: "str", NoneType: "None"}
    return " or ".join(names.get(option, option.__name__) for option in get_args(want) or (want,))


def _build(cls: Any, raw: dict[str, Any]) -> Any:
    types, values = get_type_hints(cls), {}
    for name, value in raw.items():
        want = types[name]
        if is_dataclass(want):
            values[name] = _build(want, value)
        elif isinstance(value, str) and Secret in (get_args(want) or (want,)):
            values[name] = Secret(value)
        elif type(value) is int and want is float:
            values[name] = float(value)
        else:
            values[name] = value
    return cls(**values)


def defaults(cls: Any = Config, prefix: str = "") -> Iterator[tuple[str, str, object]]:
    """Each setting's dotted name, type and default, for the reference."""
    types = get_type_hints(cls)
    for known in fields(cls):
        if is_dataclass(types[known.name]):
            yield from defaults(types[known.name], f"{prefix}{known.name}.")
        else:
            default = None if known.default is MISSING else known.default
            yield f"{prefix}{known.name}", _name(types[known.name]), default


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        config.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.conf")
