"""How the values of a setting are bounded: fields of the sections, with what the reader checks."""

from dataclasses import field
from types import MappingProxyType
from typing import Any, Final

#: Ten years. Redis counts milliseconds, and has no endless ones.
MAX_TTL_S: Final = 10 * 365 * 24 * 3600.0
DEFAULT: Final = "default"


def bounded(default: float, *, above: float, at_most: float | None = None) -> Any:
    """A number that must be greater than *above*, and not greater than *at_most*."""
    return field(default=default, metadata={"above": above, "at_most": at_most})


def not_negative(default: float) -> Any:
    """A number that must be at least 0."""
    return field(default=default, metadata={"least": 0})


def up_to(most: float, *, default: float) -> Any:
    """A number from 0 to *most*."""
    return field(default=default, metadata={"most": most})


def one_of(default: str, *others: str) -> Any:
    """One of several words."""
    return field(default=default, metadata={"options": (default, *others)})


def named(kind: type) -> Any:
    """One *kind*, which gets the name ``default``, or a dict that names several of them."""
    return field(
        default_factory=lambda: MappingProxyType({DEFAULT: kind()}), metadata={"named": kind}
    )


def each(kind: type) -> Any:
    """A dict of any names, with one *kind* for each."""
    return field(default_factory=lambda: MappingProxyType({}), metadata={"each": kind})


def texts() -> Any:
    """Several strings, as a list or a tuple; none of them unless said otherwise."""
    return field(default=(), metadata={"texts": True})


def texts_by_name() -> Any:
    """A dict of any names, with one string for each."""
    return field(default_factory=lambda: MappingProxyType({}), metadata={"texts_by_name": True})
