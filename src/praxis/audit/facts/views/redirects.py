"""Redirects of a file whose address within the site is spelled out."""

import ast
import re

from msgspec import Struct

from praxis.audit.facts.nodes import walked
from praxis.audit.file import File, has_comment
from praxis.audit.summary import Fact


class Redirect(Struct, frozen=True, array_like=True):
    """
    One address.

    Attributes:
        pieces: Literal text and, at odd places, the expressions of an f-string between it.
        span: Of the address.
        whole: Of what a `redirect` would take the place of: the call of a response class.
        shortcut: Whether it is the argument of `redirect`, which takes names of routes as well.
        plain: The address is the only thing said, without comments, so it can be rewritten.
    """

    pieces: tuple[str, ...]
    span: tuple[int, int]
    whole: tuple[int, int]
    shortcut: bool
    plain: bool


class Redirects(Struct, frozen=True, array_like=True):
    """*redirect* and *reverse* are the names that the file knows Django's functions by."""

    redirects: tuple[Redirect, ...]
    redirect: str
    reverse: str


#: One for each name: a pattern that begins with letters is found several times as fast.
_CALLS = re.compile(r"edirect\(\s*f?[\"']/"), re.compile(r"RedirectBase\(\s*f?[\"']/")
_SHORTCUT = "django.shortcuts.redirect"
_RESPONSES = frozenset({
    "django.http.HttpResponseRedirect",
    "django.http.response.HttpResponseRedirect",
})  # fmt: skip


def extract(file: File) -> Redirects | None:
    """Walk the few files that have a redirect to a literal address."""
    if not any(call.search(file.text) for call in _CALLS):
        return None
    found: list[Redirect] = []
    for node in walked(file.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = file.qualified(node.func)
        if name != _SHORTCUT and name not in _RESPONSES:
            continue
        pieces = _pieces(node.args[0])
        if pieces is None or not pieces[0].startswith("/") or pieces[0].startswith("//"):
            continue
        only = len(node.args) == 1
        options = {keyword.arg for keyword in node.keywords}
        allowed = {"permanent", "preserve_request"} if name == _SHORTCUT else set()
        start, end = file.span(node.args[0])
        found.append(
            Redirect(
                pieces=pieces,
                span=(start, end),
                whole=file.span(node),
                shortcut=name == _SHORTCUT,
                plain=only and options <= allowed and not has_comment(file.source(node)),
            )
        )
    if not found:
        return None
    return Redirects(
        tuple(sorted(found, key=lambda redirect: redirect.span)),
        _bound_name(file, {_SHORTCUT}),
        _bound_name(file, {"django.urls.reverse", "django.urls.base.reverse"}),
    )


REDIRECTS = Fact("redirects", Redirects, extract)


def _pieces(node: ast.expr) -> tuple[str, ...] | None:
    match node:
        case ast.Constant(str() as text):
            return (text,)
        case ast.JoinedStr(values):
            pieces = [""]
            for value in values:
                match value:
                    case ast.Constant(str() as text):
                        pieces[-1] += text
                    case ast.FormattedValue(expression, -1, None):
                        # its positions in the file are right from Python 3.12 on alone
                        pieces += (ast.unparse(expression), "")
                    case _:
                        return None
            return tuple(pieces)
    return None


def _bound_name(file: File, targets: set[str]) -> str:
    for imported in file.imports:
        if imported.target in targets and not (imported.local or imported.guarded):
            return imported.bound
    return ""
