"""A part of a template, as the engine shows it here and now; this one is Django's."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.http import HttpRequest
from django.template import Context
from django.template.base import NodeList, Token

from praxis.cache.results.shown import names_in


class Scene(Protocol):
    """
    What a `Fragment` is made of.

    Attributes:
        request: Whose page it is in; None if that is not known.
        how: Modes of the engine that its text depends on, as plain values.
        is_opaque: Whether it may show the names with other values than `render` is given.
    """

    request: HttpRequest | None
    how: tuple[object, ...]
    is_opaque: bool

    def names(self) -> set[str]:
        """The names that it may show, and perhaps others."""

    def get(self, name: str) -> Any:
        """What a name stands for; None if it stands for nothing."""

    def render(self, changed: Mapping[str, Any]) -> str:
        """The text, with other values for some names."""


class DjangoScene:
    """
    A part of one of Django's templates.

    Args:
        nodes: What it is made of.
        tokens: The same, as it was written.
        context: What it may show.
    """

    is_opaque = False

    def __init__(self, nodes: NodeList, tokens: Sequence[Token], context: Context) -> None:
        self._nodes, self._tokens, self._context = nodes, tokens, context
        self.request: HttpRequest | None = context.get("request")
        self.how: tuple[object, ...] = (context.autoescape, context.use_l10n, context.use_tz)

    def names(self) -> set[str]:
        """Every name in it, in what it includes, and in what children put into its blocks."""
        return names_in(self._tokens, self._context)

    def get(self, name: str) -> Any:
        """What the context has."""
        return self._context.get(name)

    def render(self, changed: Mapping[str, Any]) -> str:
        """The text, with other values for some names."""
        if not changed:
            return self._nodes.render(self._context)
        with self._context.push(**changed):
            return self._nodes.render(self._context)
