"""Parts of templates that are kept."""

from contextlib import nullcontext
from typing import Any

from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input_lazy
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe

from praxis.announcements import ResultBypass, ResultKind
from praxis.cache import dimensions as declared
from praxis.cache.codec import CorruptEntryError
from praxis.cache.results.arguments import NotTheRowError, holds_rows, reread
from praxis.cache.results.computing import forbid_all, forbid_innermost, holds_part
from praxis.cache.results.framing import framed, unframed
from praxis.cache.results.kept import Terms
from praxis.cache.results.naming import content_of, name_of
from praxis.cache.results.pages import ALWAYS
from praxis.cache.results.requests import rows_left_on
from praxis.cache.results.scenes import Scene
from praxis.cache.results.shown import read_before
from praxis.cache.results.steps import UNCACHED_HERE, Entry, Own, Steps, kept, run
from praxis.cache.results.subjects import Subject
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
        scene: What is shown.
    """

    def __init__(
        self,
        name: str,
        terms: Terms,
        arguments: dict[str, Any],
        vary: tuple[str, ...],
        scene: Scene,
    ) -> None:
        self._name, self._terms, self._arguments = name, terms, arguments
        self._scene, self._vary = scene, (*ALWAYS, *vary)
        self._request = request = scene.request
        self._rows = {} if request is None else rows_left_on(request)

    def render(self) -> SafeString:
        """
        The text that is kept, or made now and kept.

        Raises:
            NotCacheableError: if an argument cannot name it.
            DimensionError: if a dimension is unknown, or needs a request that is not there.
        """
        dimensions = frozenset(self._vary)
        holds_part(dimensions, self._terms.ttl_s)
        values = declared.values(self._vary, self._request)
        subject = Subject(ResultKind.FRAGMENT, self._name, f"The fragment {self._name!r}")
        if values is declared.UNCACHED:
            subject.tell(ResultBypass, UNCACHED_HERE)
            forbid_all(f"the fragment {self._name!r} in it is not kept here")
            return mark_safe(self._scene.render({}))  # noqa: S308 - a template made it
        parts, how = list(self._arguments.values()), self._scene.how
        rows = [(name, content_of(row)) for name, row in sorted(self._rows.items())]
        name = name_of("fragment", self._name, parts, self._vary, values, how, rows)
        entry = Entry(name, self._terms, dimensions, subject, _pack, _unpack)
        text = run(kept(entry, self._computed))
        return mark_safe(text)  # noqa: S308 - templates made it

    def _computed(self) -> Steps[str]:
        watch = self._watch()
        with watch.watching() if watch else nullcontext():
            text: str = yield Own(self._text)
        for reason in watch.reasons if watch else ():
            forbid_innermost(reason)
        return text

    def _watch(self) -> Watch | None:
        if self._request is None:
            return None
        cookies = frozenset(filter(None, map(declared.cookie_of, self._vary)))
        return Watch(self._request, frozenset(self._vary), cookies)

    def _text(self) -> str:
        scene = self._scene
        names = scene.names()
        now = self._rows_now(names)
        told = list(map(id, self._rows.values()))
        held = {
            name: scene.get(name)
            for name in (names if scene.is_opaque else names - now.keys())
            if id(scene.get(name)) not in told
        }
        before = read_before(held)
        if before is not None:
            forbid_innermost(f"it shows {before!r}, which was read before it: give it as argument")
        return scene.render(now | self._visitor())

    def _rows_now(self, names: set[str]) -> dict[str, Any]:
        """The arguments as the database has them now, by all names that they go by in it."""
        found: dict[str, Any] = {}
        for value in filter(holds_rows, self._arguments.values()):
            same = [name for name in names if self._scene.get(name) is value]
            try:
                found.update(dict.fromkeys(same, reread(value) if same else None))
            except NotTheRowError as error:
                forbid_innermost(str(error))
                found.update(dict.fromkeys(same, value))
        return found

    def _visitor(self) -> dict[str, Any]:
        """What the context holds of the visitor, so that it is seen when the fragment looks."""
        request, scene = self._request, self._scene
        if request is None:
            return {}
        found: dict[str, Any] = {}
        if scene.get("csrf_token") is not None:  # it knows its token once it was shown
            found["csrf_token"] = SimpleLazyObject(lambda: get_token(request))
        if scene.get("csrf_input") is not None:  # which templates of Jinja have
            found["csrf_input"] = csrf_input_lazy(request)
        is_personal = "user" in self._vary or not hasattr(request, "user")
        if not is_personal and scene.get("user") is not None:
            found["user"] = request.user
            if scene.get("perms") is not None:
                from django.contrib.auth.context_processors import PermWrapper

                found["perms"] = PermWrapper(request.user)
        return found


def _pack(text: str) -> bytes:
    return framed(_KIND, text.encode())


def _unpack(data: bytes) -> str:
    try:
        return unframed(_KIND, data).decode()
    except UnicodeDecodeError as error:
        raise CorruptEntryError(str(error)) from error
