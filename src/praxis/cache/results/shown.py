"""
What a part of a template names, and what of that was read before it.

A fragment depends on what it reads while it is rendered. An instance that its view had read
already may be older than what was written since, and nothing would end the fragment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.db.models.query import RawQuerySet
from django.template import Context, TemplateDoesNotExist
from django.template.base import Lexer, Parser, Token, TokenType
from django.template.loader_tags import BLOCK_CONTEXT_KEY

_TEXTS = re.compile(r"""("[^"]*"|'[^']*')""")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_INCLUDE = re.compile(r"""include\s+(?:["']([^"']+)["']|)""")
_BLOCK = re.compile(r"block\s+(\w+)")


def tokens_until(parser: Parser, tag: str, end: str) -> list[Token]:
    """The tokens that a parser has not read yet, up to the *end* that belongs to this *tag*."""
    depth, found = 1, []
    tokens: Any = parser.tokens  # which it takes from the end
    for token in reversed(tokens):
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split(maxsplit=1)[0]
            depth += (name == tag) - (name == end)
            if not depth:
                break
        found.append(token)
    return found


def names_in(tokens: Sequence[Token], context: Context) -> set[str]:
    """
    Every name in these tokens, in what they include, and in what children put into their blocks.

    All names of the context, where it is told by a variable what is included.
    """
    found: set[str] = set()
    seen: set[str] = set()
    todo = [tokens]
    while todo:
        for token in todo.pop():
            if token.token_type not in {TokenType.VAR, TokenType.BLOCK}:
                continue
            found.update(_NAME.findall(_TEXTS.sub(" ", token.contents)))
            if token.token_type == TokenType.VAR:
                continue
            further = set(_templates_of(token.contents, context))
            if "" in further:
                return {str(name) for name in context.flatten()}
            todo += [_tokens_of(name, context) for name in further - seen]
            seen |= further
    return found


def _templates_of(tag: str, context: Context) -> Iterator[str]:
    """The templates that a tag shows; "" for one that only a variable tells."""
    if included := _INCLUDE.match(tag):
        yield included[1] or ""
    blocks: Any = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = _BLOCK.match(tag)
    if block and blocks is not None:
        for node in blocks.blocks.get(block[1], ()):
            yield node.origin.template_name or ""


def _tokens_of(template: str, context: Context) -> list[Token]:
    bound: Any = context.template
    try:
        source = bound.engine.get_template(template).source
    except TemplateDoesNotExist:
        return []  # told when it is rendered
    return Lexer(source).tokenize()


def read_before(held: Mapping[str, object]) -> str | None:
    """The first of the names that holds rows which were read already; None if none does."""
    return next((name for name in sorted(held) if _holds_read(held[name])), None)


def _holds_read(value: object) -> bool:
    kind = type(value)  # a lazy object is to stay so
    if issubclass(kind, Model):
        return True
    if issubclass(kind, QuerySet | RawQuerySet):
        return getattr(value, "_result_cache", None) is not None
    if isinstance(value, Page):
        return _holds_read(value.object_list)
    if isinstance(value, list | tuple):
        return any(map(_holds_read, value))
    return isinstance(value, dict) and any(map(_holds_read, value.values()))
