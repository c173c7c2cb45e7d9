"""Addresses within the site that a template spells out in HTML attributes."""

import re

from msgspec import Struct

from praxis.audit.facts.sources import Kind
from praxis.audit.facts.templates.tokens import Token, TokenKind, is_jinja, list_live_tokens
from praxis.audit.summary import Fact
from praxis.audit.template import Template


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
