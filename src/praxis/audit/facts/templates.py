"""
Templates of Django and Jinja, read without rendering them: tokens, and addresses written in HTML.

The tokens are found as Django's own lexer finds them: a tag does not run over a line's end,
`{% verbatim %}` takes everything up to its own end as text, and so does `{% comment %}`. Jinja
lets tags run over lines and says `{% raw %}`.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from praxis.audit.facts.sources import Kind
from praxis.audit.summary import Fact
from praxis.audit.template import Template


class TokenKind(StrEnum):
    """What a piece of a template is."""

    TEXT = "text"
    VARIABLE = "variable"
    BLOCK = "block"
    COMMENT = "comment"


class Token(Struct, frozen=True, array_like=True):
    """The characters *start* to *end*; *content* is what stands between the brackets, stripped."""

    kind: TokenKind
    start: int
    end: int
    content: str

    @property
    def tag(self) -> str:
        """The name of a block tag."""
        return self.content.split(None, 1)[0] if self.content else ""


class Link(Struct, frozen=True, array_like=True):
    """
    The address of an HTML attribute, as far as it is known from the template.

    Attributes:
        attribute: Its name in lower case: ``"href"``.
        start: Offset of the value's first character.
        end: Offset behind the value's last character, the quote excluded.
        pieces: Literal text and, at odd places, the expressions of ``{{ … }}`` between it.
        quote: What the value is quoted with.
        translated: Inside ``{% blocktranslate %}``, where no other tag may stand.
    """

    attribute: str
    start: int
    end: int
    pieces: tuple[str, ...]
    quote: str
    translated: bool


class TemplateLinks(Struct, frozen=True, array_like=True):
    """The addresses within the site that a template spells out."""

    links: tuple[Link, ...]
    jinja: bool


_DJANGO_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}")
_JINJA_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
_JINJA_SIGNS = re.compile(
    r"\{[%{#]-|-[%}#]\}|\{%\s*(?:macro|set|call|raw|endraw|import|from)\b"
    r"|\{\{[^}]*\w\(|\{%\s*\w+ \w+\("
)
_JINJA_PATH = re.compile(r"(?:^|/)jinja2?/|\.(?:jinja2?|j2)(?:\.|$)")


def is_jinja(template: Template) -> bool:
    """Whether the template is (or may well be) written for Jinja."""
    if _JINJA_PATH.search(template.path) is not None:
        return True
    return "{% load " not in template.text and _JINJA_SIGNS.search(template.text) is not None


def tokenize(text: str, *, jinja: bool = False) -> Iterator[Token]:
    """Split *text* into tokens, in order, without gaps; what is verbatim comes out as text."""
    position = 0
    verbatim_end = ""
    pattern = _JINJA_TAG if jinja else _DJANGO_TAG
    for match in pattern.finditer(text):
        start, end = match.span()
        content = match[0][2:-2].strip("-+" if jinja else "").strip()
        is_block = match[0].startswith("{%")
        if verbatim_end:
            if not is_block or content != verbatim_end:
                continue
            verbatim_end = ""
        elif is_block and _opens_verbatim(content, jinja=jinja):
            verbatim_end = f"end{content}"
        if start > position:
            yield Token(TokenKind.TEXT, position, start, text[position:start])
        yield Token(_KINDS[match[0][:2]], start, end, content)
        position = end
    if position < len(text):
        yield Token(TokenKind.TEXT, position, len(text), text[position:])


_KINDS = {"{%": TokenKind.BLOCK, "{{": TokenKind.VARIABLE, "{#": TokenKind.COMMENT}


def _opens_verbatim(content: str, *, jinja: bool) -> bool:
    tag = content.split(None, 1)[0] if content else ""
    return tag == ("raw" if jinja else "verbatim")


def list_live_tokens(text: str, *, jinja: bool = False) -> list[Token]:
    """The tokens that are rendered: what stands in ``{% comment %}`` is a comment token."""
    live: list[Token] = []
    commented = False
    for token in tokenize(text, jinja=jinja):
        if commented:
            commented = not (token.kind is TokenKind.BLOCK and token.tag == "endcomment")
            live.append(Token(TokenKind.COMMENT, token.start, token.end, token.content))
        elif not jinja and token.kind is TokenKind.BLOCK and token.tag == "comment":
            commented = True
            live.append(Token(TokenKind.COMMENT, token.start, token.end, token.content))
        else:
            live.append(token)
    return live


# Addresses in HTML attributes.

ATTRIBUTES = (
    "href", "src", "action", "formaction", "poster", "hx-get", "hx-post", "hx-put", "hx-patch",
    "hx-delete", "data-href", "data-url", "data-hx-get", "data-hx-post", "data-action",
)  # fmt: skip
_VARIABLE, _FILLER, _TAG = "\ue000", "\ue001", "\ue002"
_VALUE = re.compile(
    rf"[\s\"'{_TAG}](?P<name>{'|'.join(ATTRIBUTES)})\s*=\s*(?P<quote>[\"'])"
    rf"(?P<value>/(?!/)[^\"'<>{_TAG}\n]*)(?P=quote)",
    re.IGNORECASE,
)
_SILENT = re.compile(r"<!--.*?-->|<(script|style)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_ANY_LINK = re.compile(r"=\s*[\"']/[^/]")


def extract(template: Template) -> TemplateLinks | None:
    """The addresses that begin with one slash and hold nothing but text and variables."""
    text = template.text
    if _ANY_LINK.search(text) is None:
        return None
    jinja = is_jinja(template)
    tokens = list_live_tokens(text, jinja=jinja)
    masked = _mask(text, tokens)
    translated = _translated_spans(tokens)
    links: list[Link] = []
    for match in _VALUE.finditer(masked):
        if masked.rfind("<", 0, match.start()) <= masked.rfind(">", 0, match.start()):
            continue  # not inside a tag
        start, end = match.span("value")
        pieces = _pieces(text, masked, start, end)
        inside = any(first <= start < last for first, last in translated)
        links.append(Link(match["name"].lower(), start, end, pieces, match["quote"], inside))
    return TemplateLinks(tuple(links), jinja) if links else None


TEMPLATE_LINKS = Fact("template_links", TemplateLinks, extract, kind=Kind.TEMPLATE)


def _mask(text: str, tokens: list[Token]) -> str:
    """The text with every token, comment and script put out of sight, at equal length."""
    parts: list[str] = []
    for token in tokens:
        length = token.end - token.start
        if token.kind is TokenKind.TEXT:
            parts.append(text[token.start : token.end])
        elif token.kind is TokenKind.VARIABLE:
            parts.append(_VARIABLE + _FILLER * (length - 1))
        else:
            parts.append(_TAG * length)
    masked = "".join(parts)
    return _SILENT.sub(lambda match: _TAG * len(match[0]), masked)


def _pieces(text: str, masked: str, start: int, end: int) -> tuple[str, ...]:
    pieces: list[str] = []
    position = start
    for match in re.finditer(f"{_VARIABLE}{_FILLER}*", masked[start:end]):
        first, last = start + match.start(), start + match.end()
        pieces += (text[position:first], text[first + 2 : last - 2].strip())
        position = last
    return (*pieces, text[position:end])


def _translated_spans(tokens: list[Token]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    opened = -1
    for token in tokens:
        if token.kind is not TokenKind.BLOCK:
            continue
        if token.tag in {"blocktrans", "blocktranslate", "trans"} and opened < 0:
            opened = token.end if token.tag != "trans" else -1
        elif token.tag in {"endblocktrans", "endblocktranslate"} and opened >= 0:
            spans.append((opened, token.start))
            opened = -1
    return spans
