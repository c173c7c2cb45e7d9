"""What a template shows of the visitor, by itself and in fragments that it caches."""

import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.sources import Kind
from praxis.audit.facts.templates.tokens import Token, TokenKind, is_jinja, list_live_tokens
from praxis.audit.summary import Fact
from praxis.audit.template import Template

#: Surely of the one who asks: a mere ``user`` may be the one whom the page is about.
_PERSONAL = re.compile(
    r"(?<![\w.\"'])(?:request\.user(?:\.\w+)*|request\.session\.\w+|csrf_token|perms\.\w+"
    r"|user\.(?:is_authenticated|is_anonymous|is_staff|is_superuser))"
)
_KEYED = re.compile(
    r"user|session|perm|request|key|csrf|anonymous|auth|role|group|is_|can_|may_|member|account"
    r"|profile|staff|admin|logged|owner|me\b|viewer|visitor"
)
_GUARD = re.compile(r"request\.user|user\.|perms\.|anonymous|authenticated")
_QUOTED = re.compile(r"[\"'](?P<name>[^\"']+)[\"']")


class Fragment(Struct, frozen=True, array_like=True):
    """A ``{% cache %}`` block whose key does not tell visitors apart, though it shows them."""

    start: int
    end: int
    name: str
    read: str
    read_start: int
    read_end: int


class PersonalTemplate(Struct, frozen=True, array_like=True):
    """
    What of a template is made for one visitor.

    Attributes:
        reads: Each place that shows something of the visitor: text, start, end.
        links: Templates that it extends or includes, by name.
        fragments: Those that are wrong.
    """

    reads: tuple[tuple[str, int, int], ...]
    links: tuple[str, ...]
    fragments: tuple[Fragment, ...]


def extract(template: Template) -> PersonalTemplate | None:
    """Follow the tags; templates for Jinja are left alone."""
    text = template.text
    if "{%" not in text or is_jinja(template):
        return None
    tokens = list_live_tokens(text)
    reads: list[tuple[str, int, int]] = []
    links: list[str] = []
    for token in tokens:
        if token.kind is TokenKind.BLOCK and token.tag in {"extends", "include"}:
            named = _QUOTED.match(token.content.partition(" ")[2].strip())
            links += [named["name"]] if named else []
        read = _read(token)
        if read:
            reads.append((read, token.start, token.end))
    fragments = tuple(_fragments(tokens)) if "{% cache " in text else ()
    if not (reads or links or fragments):
        return None
    return PersonalTemplate(tuple(reads[:3]), tuple(links), fragments)


PERSONAL_TEMPLATES = Fact("personal_templates", PersonalTemplate, extract, kind=Kind.TEMPLATE)


def _read(token: Token) -> str:
    """What the token shows, or decides by, of the visitor."""
    if token.kind is TokenKind.VARIABLE or (
        token.kind is TokenKind.BLOCK and token.tag not in {"load", "extends", "cache", "comment"}
    ):
        found = _PERSONAL.search(token.content)
        return found[0] if found else ""
    return ""


def _fragments(tokens: list[Token]) -> Iterator[Fragment]:
    guards: list[bool] = []  # for each open {% if %}: whether it asks who the visitor is
    opened: Token | None = None
    for token in tokens:
        if token.kind is TokenKind.BLOCK:
            if token.tag == "if":
                guards.append(_GUARD.search(token.content) is not None)
            elif token.tag == "endif" and guards:
                guards.pop()
            elif token.tag == "cache":
                opened = None if any(guards) or not _is_shared(token) else token
                if opened is not None:
                    guards = []
                continue
            elif token.tag == "endcache":
                opened = None
        read = _read(token) if opened is not None else ""
        if opened is not None and read:
            name = opened.content.split()[2].strip("\"'")
            yield Fragment(opened.start, opened.end, name, read, token.start, token.end)
            opened = None


def _is_shared(token: Token) -> bool:
    """Whether the key has nothing that may tell visitors apart."""
    parts = token.content.split()
    return len(parts) >= 3 and not any(_KEYED.search(part) for part in parts[3:])
