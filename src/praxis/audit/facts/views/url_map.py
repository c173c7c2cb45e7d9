"""
Which named route an address of the site resolves to, where that is certain.

Built from the URL confs beginning with the one that ``ROOT_URLCONF`` names. An address is
resolved as Django does it, in order, and as soon as something is in the way that only a running
site knows (a router's routes, a condition, a pattern made at run time), the answer is None.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from praxis.audit.facts.sources import Role
from praxis.audit.facts.views.route_patterns import PLACEHOLDER, Matcher, literal_prefix, matcher_of
from praxis.audit.facts.views.urls import URL_CONF, URL_SETTINGS, Route, UrlConf
from praxis.audit.project import Project

_MAX_DEPTH = 12
#: Confs that each include the next one twice double the routes at every step.
_MAX_ENTRIES = 20_000

#: A list of routes: the path of its file, and its name there.
_List = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A route with everything before it.

    Attributes:
        prefixes: The matchers of the routes around it, outermost first.
        literal: The text that its addresses begin with, as far as it is known.
        name: With its namespaces: ``"cart:detail"``; None where it has none, or none is known.
    """

    path: str
    route: Route
    prefixes: tuple[Matcher, ...]
    matcher: Matcher | None
    literal: str
    name: str | None = None

    @property
    def is_page(self) -> bool:
        """Whether it is an address of its own, not one for whatever may be written there."""
        literals = "".join(part.literal for part in (*self.prefixes, self.matcher) if part)
        return (
            any(character.isalnum() for character in literals)
            and "<path:" not in (self.route.pattern or "")
            and self.route.view_name.rpartition(".")[2] != "serve"
        )


@dataclass(frozen=True, slots=True)
class Address:
    """An address in the code: literal *pieces*, and at odd places expressions between them."""

    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The path without its first slash; each expression is one placeholder."""
        return "".join(
            piece if index % 2 == 0 else PLACEHOLDER for index, piece in enumerate(self.pieces)
        ).removeprefix("/")


@dataclass(frozen=True, slots=True)
class Target:
    """The one named route that an address means, and the text of its arguments by name."""

    name: str
    arguments: tuple[tuple[str, str], ...]


class UrlMap:
    """The routes of a site in the order in which Django tries them."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self._names = Counter(entry.name for entry in entries if entry.name is not None)
        self._by_first: dict[str, list[int]] = {}
        self._anywhere: list[int] = []
        for index, entry in enumerate(entries):
            first, slash, _ = entry.literal.partition("/")
            (self._by_first.setdefault(first, []) if slash else self._anywhere).append(index)
        self._candidates: dict[str, list[Entry]] = {}

    def _which_begin_like(self, text: str) -> list[Entry] | tuple[Entry, ...]:
        """The entries that may match *text* by its first segment: most do not."""
        first = text.partition("/")[0]
        if PLACEHOLDER in first:
            return self.entries
        if first not in self._candidates:
            indices = sorted(self._by_first.get(first, []) + self._anywhere)
            self._candidates[first] = [self.entries[index] for index in indices]
        return self._candidates[first]

    def resolve(self, address: Address) -> Target | None:
        """The route that *address* certainly resolves to, if it has a name of its own."""
        text = address.text
        found: list[tuple[Entry, tuple[tuple[str, str], ...]]] = []
        for entry in self._which_begin_like(text):
            if entry.matcher is None:
                if _may_begin_with(text, entry.literal):
                    return None
                continue
            arguments = _match(entry, text)
            if arguments is None:
                continue
            if entry.route.conditional:
                return None
            found.append((entry, arguments))
            if PLACEHOLDER not in text:
                break  # Django takes the first
        if len(found) != 1:
            return None
        entry, arguments = found[0]
        if entry.name is None or self._names[entry.name] != 1 or not entry.is_page:
            return None
        if text.count(PLACEHOLDER) != sum(value == PLACEHOLDER for _, value in arguments):
            return None  # an expression within a literal part, or two in one parameter
        return Target(entry.name, arguments)


def _may_begin_with(text: str, prefix: str) -> bool:
    """Whether *text*, whatever its placeholders stand for, may begin with *prefix*."""
    known = text.partition(PLACEHOLDER)[0]
    if len(known) < len(text) and len(known) < len(prefix):
        return prefix.startswith(known)
    return text.startswith(prefix)


def _match(entry: Entry, text: str) -> tuple[tuple[str, str], ...] | None:
    arguments: list[tuple[str, str]] = []
    for prefix in entry.prefixes:
        match = prefix.match_prefix(text)
        if match is None:
            return None
        arguments += match.groupdict().items()
        text = text[match.end() :]
    if entry.matcher is None:
        return None
    whole = entry.matcher.match_all(text)
    if whole is None:
        return None
    return (*arguments, *whole.groupdict().items())


def find_url_map(project: Project) -> UrlMap | None:
    """The map of the one site of the project; None if there are several, or it is not known."""
    settings = project.facts(URL_SETTINGS)
    own = {path: value for path, value in settings.items() if project.role(path) is not Role.TEST}
    if any(value.switches for value in own.values()):
        return None
    confs = project.facts(URL_CONF)
    roots = set()
    for path, value in own.items():
        if not value.root:
            continue
        resolved = project.modules.resolve(value.root, path)
        if resolved is None or resolved[1] or resolved[0] not in confs:
            return None  # one of the sites cannot be known
        roots.add(resolved[0])
    if len(roots) != 1:
        return None
    root = (roots.pop(), "urlpatterns")
    entries = tuple(islice(_walk(project, (root,), (), ()), _MAX_ENTRIES + 1))
    return UrlMap(entries) if len(entries) <= _MAX_ENTRIES else None


def _walk(
    project: Project,
    lists: tuple[_List, ...],
    prefixes: tuple[Matcher, ...],
    namespaces: tuple[str | None, ...],
) -> Iterator[Entry]:
    """The routes of the last one of *lists*; each of these includes the next one."""
    path, name = lists[-1]
    conf: UrlConf = project.facts(URL_CONF)[path]
    for route in conf.lists.get(name, ()):
        matcher = matcher_of(route, endpoint=route.include is None)
        if matcher is None:
            whole = all(prefix.is_literal for prefix in prefixes)
            own = literal_prefix(route) if whole else ""
            yield Entry(path, route, prefixes, None, _literal(prefixes) + own)
        elif route.include is None:
            full = None
            if route.name is not None and None not in namespaces:
                full = ":".join([*(part for part in namespaces if part), route.name])
            yield Entry(path, route, prefixes, matcher, _literal((*prefixes, matcher)), full)
        else:
            yield from _included(project, lists, route, (*prefixes, matcher), namespaces)


def _included(
    project: Project,
    lists: tuple[_List, ...],
    route: Route,
    prefixes: tuple[Matcher, ...],
    namespaces: tuple[str | None, ...],
) -> Iterator[Entry]:
    path = lists[-1][0]
    include = route.include
    if include is None:
        return
    confs = project.facts(URL_CONF)
    target, wanted = path, include.local
    if include.module:
        resolved = project.modules.resolve(include.module, path)
        target, wanted = resolved if resolved is not None else ("", "")
        wanted = wanted or "urlpatterns"
    endless = (target, wanted) in lists or len(lists) > _MAX_DEPTH
    if endless or target not in confs or wanted not in confs[target].lists:
        yield Entry(path, route, prefixes, None, _literal(prefixes))
        return
    app_name = include.app_name
    if include.module and app_name is None and wanted == "urlpatterns":
        app_name = confs[target].app_name
    namespace = include.namespace or app_name or ""
    inner: tuple[str | None, ...] = (*namespaces, namespace if include.known else None)
    for entry in _walk(project, (*lists, (target, wanted)), prefixes, inner):
        if route.conditional and not entry.route.conditional:
            yield replace(entry, route=_conditional(entry.route))
        else:
            yield entry


def _conditional(route: Route) -> Route:
    return Route(route.kind, route.pattern, route.span, route.name, conditional=True)


def _literal(matchers: tuple[Matcher, ...]) -> str:
    """The text that addresses begin with: up to the first parameter."""
    known = ""
    for matcher in matchers:
        known += matcher.literal
        if not matcher.is_literal:
            break
    return known
