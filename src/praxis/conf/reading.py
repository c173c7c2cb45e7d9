"""The only module that reads Django settings. Others are handed a `Config`."""

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType, NoneType
from typing import Any, get_args, get_type_hints

from django.conf import settings
from django.core.signals import setting_changed

from praxis.conf.fields import DEFAULT
from praxis.conf.sections import (
    Config,
    Secret,
)
from praxis.errors import SettingsError


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


def is_debug() -> bool:
    """Whether the site runs with ``settings.DEBUG``."""
    return bool(settings.DEBUG)


def dotted_paths(setting: str) -> list[str]:
    """What a setting of Django's lists, such as ``MIDDLEWARE``."""
    return list(getattr(settings, setting))


def databases() -> dict[str, dict[str, Any]]:
    """``settings.DATABASES``."""
    return dict(settings.DATABASES)


def session_cookie() -> str:
    """``settings.SESSION_COOKIE_NAME``."""
    return str(settings.SESSION_COOKIE_NAME)


def trusted_origins() -> list[str]:
    """``settings.CSRF_TRUSTED_ORIGINS``."""
    return list(settings.CSRF_TRUSTED_ORIGINS)


def session_engine() -> str:
    """``settings.SESSION_ENGINE``."""
    return str(settings.SESSION_ENGINE)


def find_mistakes() -> Iterator[Mistake]:
    """Everything that is wrong with ``settings.PRAXIS``."""
    yield from _mistakes(Config, _raw(), "PRAXIS")


def cache_settings(alias: str) -> dict[str, Any]:
    """
    Return ``settings.CACHES[alias]``.

    Raises:
        SettingsError: naming the caches that there are.
    """
    caches = settings.CACHES
    if alias not in caches:
        raise SettingsError(f"CACHES has no {alias!r}. {_suggest(alias, list(caches))}")
    found: dict[str, Any] = caches[alias]
    return found


def _raw() -> Any:
    return getattr(settings, "PRAXIS", {})


def _parts(kind: Any, raw: Any) -> dict[str | None, Any]:
    """Return the values of a `_named` field by their names; None is the name of a single one."""
    own = {each.name for each in fields(kind)}
    names_several = (
        isinstance(raw, dict)
        and raw
        and own.isdisjoint(raw)
        and all(isinstance(alias, str) and isinstance(part, dict) for alias, part in raw.items())
    )
    return dict(raw) if names_several else {None: raw}


def _mistakes(cls: Any, raw: object, where: str) -> Iterator[Mistake]:
    if not isinstance(raw, dict):
        hint = f"Write {where} = {{…}}."
        yield Mistake(NOT_A_DICT, f"{where} must be a dict, not {_name(type(raw))}.", hint)
        return
    types = get_type_hints(cls)
    known = {each.name: each for each in fields(cls)}
    for name, value in raw.items():
        at = f"{where}[{name!r}]"
        if name not in types:
            yield Mistake(UNKNOWN_KEY, f"{at} is not a setting.", _suggest(name, list(types)))
        elif kind := known[name].metadata.get("named"):
            for alias, part in _parts(kind, value).items():
                yield from _mistakes(kind, part, at if alias is None else f"{at}[{alias!r}]")
        elif kind := known[name].metadata.get("section"):
            yield from _mistakes(kind, value, at)
        elif kind := known[name].metadata.get("each"):
            yield from _mistakes_of_each(kind, value, at)
        elif known[name].metadata.get("texts"):
            if not isinstance(value, list | tuple) or not all(isinstance(t, str) for t in value):
                message = f"{at} must be a list of str, not {_name(type(value))}."
                yield Mistake(WRONG_TYPE, message, f'Write {at} = ["…"].')
        elif known[name].metadata.get("texts_by_name"):
            if not isinstance(value, dict) or not all(
                isinstance(text, str) for pair in value.items() for text in pair
            ):
                message = f"{at} must be a dict with a str for each name."
                yield Mistake(WRONG_TYPE, message, f'Write {at} = {{"name": "…"}}.')
        elif not _fits(value, types[name]):
            # the type only: the value may be a secret
            message = f"{at} must be {_name(types[name])}, not {_name(type(value))}."
            yield Mistake(WRONG_TYPE, message, "Correct the value in your settings.")
        elif (above := known[name].metadata.get("above")) is not None and not value > above:
            message = f"{at} must be greater than {above}, not {value}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")
        elif (limit := known[name].metadata.get("at_most")) is not None and value > limit:
            message = f"{at} must be at most {limit:.0f}, not {value}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")
        elif (least := known[name].metadata.get("least")) is not None and not value >= least:
            message = f"{at} must be at least {least}, not {value}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")
        elif (most := known[name].metadata.get("most")) is not None and not 0 <= value <= most:
            message = f"{at} must be from 0 to {most}, not {value}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")
        elif (options := known[name].metadata.get("options")) and value not in options:
            message = f"{at} must be one of {', '.join(map(repr, options))}, not {value!r}."
            yield Mistake(OUT_OF_RANGE, message, "Correct the value in your settings.")


def _mistakes_of_each(kind: Any, raw: object, where: str) -> Iterator[Mistake]:
    if not isinstance(raw, dict) or not all(isinstance(name, str) for name in raw):
        hint = f'Write {where} = {{"name": {{…}}}}.'
        yield Mistake(NOT_A_DICT, f"{where} must be a dict with names for its keys.", hint)
        return
    for name, part in raw.items():
        yield from _mistakes(kind, part, f"{where}[{name!r}]")


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
    types, values = get_type_hints(cls), dict[str, Any]()
    known = {each.name: each for each in fields(cls)}
    for name, value in raw.items():
        want = types[name]
        if kind := known[name].metadata.get("named"):
            parts = _parts(kind, value).items()
            values[name] = MappingProxyType({a or DEFAULT: _build(kind, part) for a, part in parts})
        elif kind := known[name].metadata.get("section"):
            values[name] = _build(kind, value)
        elif kind := known[name].metadata.get("each"):
            values[name] = MappingProxyType({a: _build(kind, part) for a, part in value.items()})
        elif known[name].metadata.get("texts"):
            values[name] = tuple(value)
        elif known[name].metadata.get("texts_by_name"):
            values[name] = MappingProxyType(dict(value))
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
        if (kind := known.metadata.get("named")) or (kind := known.metadata.get("section")):
            yield from defaults(kind, f"{prefix}{known.name}.")
        elif kind := known.metadata.get("each"):
            yield from defaults(kind, f"{prefix}{known.name}.NAME.")
        elif known.metadata.get("texts"):
            yield f"{prefix}{known.name}", "list of str", []
        elif known.metadata.get("texts_by_name"):
            yield f"{prefix}{known.name}", "dict of str", {}
        else:
            default = None if known.default is MISSING else known.default
            yield f"{prefix}{known.name}", _name(types[known.name]), default


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        config.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.conf")
