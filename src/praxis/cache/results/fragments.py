"""Parts of templates that are kept."""

from contextlib import nullcontext
from typing import Any

from django.db.models import Model
from django.template import Context
from django.template.base import NodeList
from django.utils.safestring import SafeString, mark_safe

from praxis.cache import dimensions as declared
from praxis.cache.codec import CorruptEntryError
from praxis.cache.results.arguments import reread
from praxis.cache.results.computing import forbid_all, forbid_innermost, holds_part
from praxis.cache.results.framing import framed, unframed
from praxis.cache.results.kept import Terms
from praxis.cache.results.naming import name_of
from praxis.cache.results.pages import ALWAYS
from praxis.cache.results.steps import Entry, Own, Steps, kept, run
from praxis.cache.results.watching import Watch

_KIND = b"F1"


class Fragment:
    """
    One part of one template, as it is to be shown now.

    Args:
        name: What it is called.
        terms: How long it is kept, and who may wait for it.
        arguments: What it was given, by the expressions in the template.
        vary: The dimensions that it differs in, besides language and time zone.
        nodes: What it is made of.
        context: What it may show.
    """

    def __init__(
        self,
        name: str,
        terms: Terms,
        arguments: dict[str, Any],
        vary: tuple[str, ...],
        nodes: NodeList,
        context: Context,
    ) -> None:
        self._name, self._terms, self._arguments = name, terms, arguments
        self._nodes, self._context = nodes, context
        self._vary = (*ALWAYS, *vary)
        self._request = context.get("request")

    def render(self) -> SafeString:
        """
        The text that is kept, or made now and kept.

        Raises:
            NotCacheableError: if an argument cannot name it.
            DimensionError: if a dimension is unknown, or needs a request that is not there.
        """
        names = frozenset(self._vary)
        holds_part(names - set(ALWAYS))
        values = declared.values(self._vary, self._request)
        if values is declared.UNCACHED:
            forbid_all(f"the fragment {self._name!r} in it is not kept here")
            return self._text()
        parts = list(self._arguments.values())
        # what a template marks as safe, escapes or not, depends on where it is rendered
        name = name_of("fragment", self._name, parts, self._vary, values, self._context.autoescape)
        return mark_safe(self._shown(name, names))  # noqa: S308 - templates made it

    def _shown(self, name: bytes, names: frozenset[str]) -> str:
        watch = self._watch(names)

        def compute() -> Steps[str]:
            with watch.watching() if watch else nullcontext():
                text: str = yield Own(self._reread_text)
            for reason in watch.reasons if watch else ():
                forbid_innermost(reason)
            return text

        what = f"The fragment {self._name!r}"
        return run(kept(Entry(name, self._terms, names, what, _pack, _unpack), compute))

    def _watch(self, names: frozenset[str]) -> Watch | None:
        if self._request is None:
            return None
        cookies = frozenset(filter(None, map(declared.cookie_of, self._vary)))
        return Watch(self._request, names, cookies)

    def _text(self) -> SafeString:
        return self._nodes.render(self._context)

    def _reread_text(self) -> str:
        """The text, of the rows as they are now where they were given as arguments."""
        now = {
            expression: reread(value)
            for expression, value in self._arguments.items()
            if isinstance(value, Model) and expression.isidentifier()
        }
        with self._context.push(**now):
            return self._text()


def _pack(text: str) -> bytes:
    return framed(_KIND, text.encode())


def _unpack(data: bytes) -> str:
    try:
        return unframed(_KIND, data).decode()
    except UnicodeDecodeError as error:
        raise CorruptEntryError(str(error)) from error
