"""Patterns of routes: what they match, and which regular expressions a ``path`` can say."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from praxis.audit.facts.views.urls import Route, RouteKind, literal_start

PLACEHOLDER = "\ue000"
CONVERTERS = {
    "int": "[0-9]+",
    "str": "[^/]+",
    "slug": "[-a-zA-Z0-9_]+",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "path": ".+",
}
_PARAMETER = re.compile(r"<(?:(?P<converter>[^>:]+):)?(?P<name>[^>]+)>")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?P<inside>(?:[^()\\\[\]]|\\.|\[[^\]]*\])*)\)")

#: The inside of a group to the converter that says the same.
_EQUAL = {
    r"[^/]+": "str",
    r"[-a-zA-Z0-9_]+": "slug",
    r"[a-zA-Z0-9_-]+": "slug",
    r".+": "path",
}
#: The same, where the converter differs: the type of what the view gets, or rare characters.
_SIMILAR = {
    r"\d+": "int",
    r"[0-9]+": "int",
    r"[\w-]+": "slug",
    r"[-\w]+": "slug",
    r"[\w\-]+": "slug",
    r"[\-\w]+": "slug",
    r"[-\w\d]+": "slug",
    r"[\w\d-]+": "slug",
}


@dataclass(frozen=True)
class Matcher:
    """What the pattern of one route matches; a parameter also matches one placeholder."""

    regex: str
    literal: str  # what every address begins with
    is_literal: bool  # ... and that is all of it

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex)

    def match_prefix(self, text: str) -> re.Match[str] | None:
        """Match the beginning of *text*, as an ``include`` does."""
        return self._compiled.match(text)

    def match_all(self, text: str) -> re.Match[str] | None:
        """Match the whole of *text*."""
        return self._compiled.fullmatch(text)


def matcher_of(route: Route, *, endpoint: bool) -> Matcher | None:
    """The matcher of a route; None where what it matches is not surely known."""
    if route.pattern is None or route.kind is RouteKind.OPAQUE:
        return None
    if route.kind is RouteKind.PATH:
        return _path_matcher(route.pattern)
    converted = convert(route.pattern, endpoint=endpoint)
    return _path_matcher(converted.path) if converted is not None else None


@lru_cache(maxsize=10_000)  # a conf may be included many times
def _path_matcher(pattern: str) -> Matcher | None:
    regex, position = "", 0
    first = len(pattern)
    for match in _PARAMETER.finditer(pattern):
        converter = CONVERTERS.get(match["converter"] or "str")
        if converter is None or not match["name"].isidentifier():
            return None
        regex += re.escape(pattern[position : match.start()])
        regex += f"(?P<{match['name']}>{PLACEHOLDER}|{_without_placeholder(converter)})"
        first = min(first, match.start())
        position = match.end()
    regex += re.escape(pattern[position:])
    try:
        re.compile(regex)
    except re.error:
        return None
    return Matcher(regex, pattern[:first], first == len(pattern))


def _without_placeholder(converter: str) -> str:
    if converter == ".+":
        return f"[^{PLACEHOLDER}]+"
    return converter.replace("[^/]", f"[^/{PLACEHOLDER}]")


def literal_prefix(route: Route) -> str:
    """The text that every address of the route begins with, as far as its pattern shows."""
    if route.pattern is None:
        return ""
    if route.kind is not RouteKind.REGEX and route.kind is not RouteKind.OLD_URL:
        return route.pattern.partition("<")[0]
    return literal_start(route.pattern)


@dataclass(frozen=True, slots=True)
class Conversion:
    """A regular expression said as a ``path``; *exact* if the view notices no difference."""

    path: str
    exact: bool


def convert(pattern: str, *, endpoint: bool) -> Conversion | None:
    """The ``path`` that says what a route's regular expression says; None if none does."""
    if not pattern.startswith("^"):
        return None
    body = pattern[1:]
    if endpoint:
        if not body.endswith("$") or body.endswith("\\$"):
            return None
        body = body[:-1]
    parts: list[str] = []
    exact, position = True, 0
    for match in _GROUP.finditer(body):
        literal = _literal(body[position : match.start()])
        inside = match["inside"]
        converter = _EQUAL.get(inside)
        if converter is None:
            converter, exact = _SIMILAR.get(inside), False
        if literal is None or converter is None or (converter == "path" and not endpoint):
            return None
        shown = "" if converter == "str" else f"{converter}:"
        parts += (literal, f"<{shown}{match['name']}>")
        position = match.end()
    last = _literal(body[position:])
    if last is None:
        return None
    return Conversion("".join([*parts, last]), exact)


_SPECIAL = re.compile(r"[.^$*+?{}\[\]|()<>\\\s%]")


def _literal(regex: str) -> str | None:
    """The text that a piece of a regular expression matches, if it is only one."""
    plain = re.sub(r"\\([./\-_@])", lambda match: "\0" + match[1], regex)
    if _SPECIAL.search(re.sub("\0.", "", plain)):
        return None
    return plain.replace("\0", "")
