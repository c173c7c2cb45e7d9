"""The documentation of rules as HTML: paragraphs, code and addresses, which is all they use."""

import re
from collections.abc import Iterator

from praxis.audit.report.html.markup import Markup, element, join, text

_FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(
    r"(?P<ticks>`{1,2})(?P<code>.+?)(?P=ticks)|(?P<url>https?://[^\s>)]*[^\s>).,;])"
)


def prose(markdown: str) -> Markup:
    """Paragraphs and code blocks."""
    return join(_blocks(markdown))


def inline(line: str) -> Markup:
    """One paragraph's text: what stands in backticks is code, an address a link."""
    return join(_inline(" ".join(line.split())))


def _blocks(markdown: str) -> Iterator[Markup]:
    for index, part in enumerate(_FENCE.split(markdown)):
        if index % 2:
            yield element("pre", element("code", part.rstrip()), class_="example")
            continue
        for paragraph in part.split("\n\n"):
            if paragraph.strip():
                yield element("p", inline(paragraph))


def _inline(line: str) -> Iterator[Markup]:
    position = 0
    for match in _INLINE.finditer(line):
        yield text(line[position : match.start()])
        if match["url"]:
            yield element("a", match["url"], href=match["url"], rel="noreferrer")
        else:
            yield element("code", match["code"])
        position = match.end()
    yield text(line[position:])
