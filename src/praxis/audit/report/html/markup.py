"""Elements of HTML, escaped by construction: what is not `Markup` is text."""

from collections.abc import Iterable
from html import escape

from praxis.audit.report.printable import printable

#: Elements without an end tag.
_VOID = frozenset({"input", "meta", "rect"})


class Markup(str):
    """Text that is markup already; only this module and constants make it."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]


def element(name: str, /, *children: Child, **attributes: str | int | bool | None) -> Markup:
    """
    The element *name*; None among the children or for an attribute is left out.

    An attribute that is a Python word ends in ``_``; other underscores stand for hyphens. True
    gives an attribute without a value.
    """
    written = "".join(
        _attribute(key.rstrip("_").replace("_", "-"), value)
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{written} />")  # shapes in SVG need the slash
    return Markup(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """The children, one after the other."""
    return Markup("".join(_written(child) for child in children))


def text(value: str) -> Markup:
    """
    *value* as text.

    Control characters and marks of writing direction are pictures of themselves; tabs and line
    ends stay.
    """
    if not (value.isascii() and value.isprintable()):
        lines = (line.split("\t") for line in value.split("\n"))
        value = "\n".join("\t".join(map(printable, parts)) for parts in lines)
    return Markup(escape(value))


def _written(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str):
        return text(child)
    if isinstance(child, int):
        return str(child)
    return join(child)


def _attribute(name: str, value: str | int | bool) -> str:
    if value is True:
        return f" {name}"
    return f' {name}="{escape(printable(str(value)))}"'
