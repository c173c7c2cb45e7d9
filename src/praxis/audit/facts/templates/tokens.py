"""
The tokens of Django's and Jinja's templates, found without rendering them.

The tokens are found as Django's own lexer finds them: a tag does not run over a line's end,
`{% verbatim %}` takes everything up to its own end as text, and so does `{% comment %}`. Jinja
lets tags run over lines and says `{% raw %}`.
"""

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

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


_OPENING = re.compile(r"\{[%{#]")
_CLOSING = {"{%": "%}", "{{": "}}", "{#": "#}"}
_NESTING = re.compile(r"""["'{}]""")
_STRUCTURE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{}]""", re.DOTALL)
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%")
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\b")
#: So far behind the first ``}}`` is looked for the one that is not inside a dict or a string.
_MAX_NESTED_CHARS = 500
#: White space control, tags that Django has not, and calls other than that of ``_``.
_JINJA_SIGNS = re.compile(
    r"\{[%{#]-|-[%}#]\}|\{%\s*(?:macro|set|call|raw|endraw|import|from)\b"
    r"|\{\{[^{}\"'\n]{0,200}(?:[^\W_]|\w_)\(|\{%\s*\w+ \w+\("
    r"|\{%\s*(?:if|elif|for)\b[^%\"'\n]{0,200}(?:[^\W_]|\w_)\("
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
    for start, end in _list_tags(text, jinja=jinja):
        opening = text[start : start + 2]
        content = text[start + 2 : end - 2].strip("-+" if jinja else "").strip()
        is_block = opening == "{%"
        if verbatim_end:
            if not is_block or content != verbatim_end:
                continue
            verbatim_end = ""
        elif is_block and _opens_verbatim(content, jinja=jinja):
            verbatim_end = f"end{content}"
        if start > position:
            yield Token(TokenKind.TEXT, position, start, text[position:start])
        yield Token(_KINDS[opening], start, end, content)
        position = end
    if position < len(text):
        yield Token(TokenKind.TEXT, position, len(text), text[position:])


def _list_tags(text: str, *, jinja: bool) -> Iterator[tuple[int, int]]:
    """Where tags start and end, those inside verbatim text included."""
    position, limit = 0, len(text) if jinja else -1
    #: Up to here there is no such closing: looked for once, whatever stands there.
    hopeless = dict.fromkeys(_CLOSING, 0)
    while (match := _OPENING.search(text, position)) is not None:
        start, opening = match.start(), match[0]
        position = start + 1
        if start < hopeless[opening]:
            continue
        if start > limit:  # the line's end
            limit = text.find("\n", start)
            limit = len(text) if limit < 0 else limit
        inside = text.find(_CLOSING[opening], start + 2, limit)
        if inside < 0:
            hopeless[opening] = limit
            continue
        if jinja and opening == "{{" and _NESTING.search(text, start + 2, inside):
            inside = _outermost_closing(text, start + 2, inside)
        position = inside + 2
        yield start, position
        if jinja and opening == "{%" and _RAW.match(text, start):
            ended = _RAW_END.search(text, position)
            position = len(text) if ended is None else ended.start()


def _outermost_closing(text: str, start: int, first: int) -> int:
    """Where the ``}}`` stands that belongs to no dict or string; *first* if none does."""
    depth = 0
    for match in _STRUCTURE.finditer(text, start, first + _MAX_NESTED_CHARS):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}" and depth:
            depth -= 1
        elif match[0] == "}" and text.startswith("}}", match.start()):
            return match.start()
    return first


_KINDS = {"{%": TokenKind.BLOCK, "{{": TokenKind.VARIABLE, "{#": TokenKind.COMMENT}


def _opens_verbatim(content: str, *, jinja: bool) -> bool:
    name = "raw" if jinja else "verbatim"
    return content.startswith(name) and content.split(None, 1)[0] == name


def list_live_tokens(text: str, *, jinja: bool = False) -> list[Token]:
    """The tokens that are rendered: what stands in ``{% comment %}`` is a comment token."""
    live: list[Token] = []
    commented = False
    for token in tokenize(text, jinja=jinja):
        is_block = token.kind is TokenKind.BLOCK
        if commented:
            commented = not (is_block and token.tag == "endcomment")
        elif jinja or not (is_block and token.content.startswith("comment")):
            live.append(token)
            continue
        elif token.tag == "comment":
            commented = True
        else:
            live.append(token)
            continue
        live.append(Token(TokenKind.COMMENT, token.start, token.end, token.content))
    return live
