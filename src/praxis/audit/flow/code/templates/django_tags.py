"""
The tags of Django's templates: what each built-in one binds, reads and holds.

Tags that are not Django's own are read as most are written: values, ``name=value`` pairs, and
``as name`` for what they bind. Whatever Django would refuse is left out, and the rest is read.
"""

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from praxis.audit.facts.templates.tokens import Token, TokenKind
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.constants import STRING
from praxis.audit.flow.code.templates.django_expressions import (
    Bit,
    read_condition,
    read_value,
    split,
)
from praxis.audit.flow.code.templates.nesting import (
    Branch,
    Build,
    alternatives,
    ended_by,
    merged,
)
from praxis.audit.flow.code.templates.token_walk import TokenWalk

if TYPE_CHECKING:
    from collections.abc import Callable

_KEYWORD = re.compile(r"(\w+)=(?=.)")
#: Words that a custom tag's own little language is made of: no values.
_GRAMMAR = frozenset({"and", "as", "by", "for", "from", "in", "is", "not", "of", "or", "with"})
_ELSE = frozenset({"else"})


class _Written(NamedTuple):
    """A tag as it stands in the template; *bits* are the words behind its name."""

    start: int
    end: int
    name: str
    bits: list[Bit]


class _Arguments(NamedTuple):
    """What a tag is given."""

    args: tuple[ir.Expr, ...] = ()
    keywords: tuple[tuple[str, ir.Expr], ...] = ()
    target: str = ""


def lower_django(text: str, tokens: list[Token]) -> ir.TemplateCode:
    """The whole template, given its live tokens."""
    return _Lowering(text).read(tokens)


class _Lowering(TokenWalk):
    read_value = staticmethod(read_value)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._libraries: list[str] = []
        self._tags: dict[str, Callable[[_Written], None]] = {
            "block": self._block,
            "blocktrans": self._blocktranslate,
            "blocktranslate": self._blocktranslate,
            "cycle": self._cycle,
            "extends": self._extend,
            "for": self._for,
            "if": self._if,
            "ifchanged": self._ifchanged,
            "ifequal": self._ifequal,
            "ifnotequal": self._ifequal,
            "include": self._include,
            "load": self._load,
            "partial": self._named,
            "partialdef": self._partialdef,
            "regroup": self._regroup,
            "resetcycle": self._named,
            "templatetag": self._named,
            "verbatim": lambda _: None,
            "with": self._with,
        }
        #: Tags whose words are not all values.
        self._readers: dict[str, Callable[[_Written], _Arguments]] = {
            "autoescape": lambda _: _Arguments(),
            "cache": self._cached,
            "filter": self._filtered,
            "localize": lambda _: _Arguments(),
            "lorem": lambda tag: self._arguments(tag.bits[:1]),
            "trans": self._translated,
            "translate": self._translated,
        }

    def read(self, tokens: list[Token]) -> ir.TemplateCode:
        blocks = [token.tag for token in tokens if token.kind is TokenKind.BLOCK]
        body = self._walk(tokens, blocks)
        return ir.TemplateCode(self._extends, body, tuple(dict.fromkeys(self._libraries)))

    # Tokens.

    def _tag(self, token: Token, name: str, *, holds: bool) -> None:
        ended = ended_by(name)
        if ended is not None:
            self._translates = self._translates and not ended.startswith("blocktrans")
            if self._nest.close(ended, token.start, token.end) or len(token.content) == len(name):
                return
        if name in _PARTS:
            test = (lambda: self._condition(self._written(token, name))) if name == "elif" else None
            self._nest.branch(name, token.start, test)
            return
        make = self._tags.get(name)
        if make is not None:
            make(self._written(token, name))
        elif name in _SILENT and _NOTHING_BUT_TEXT.fullmatch(token.content):
            return
        elif ended is None or name not in _ENDS:
            self._other(self._written(token, name), holds=holds)

    def _written(self, token: Token, name: str) -> _Written:
        if len(token.content) == len(name):
            return _Written(token.start, token.end, name, [])
        start = self._text.index(token.content, token.start + 2)
        bits = split(self._text, start + len(name), start + len(token.content))
        return _Written(token.start, token.end, name, bits)

    def _value(self, bit: Bit) -> ir.Expr:
        return read_value(self._text, bit.start, bit.end)

    # Tags that decide what is rendered.

    def _condition(self, tag: _Written) -> ir.Expr:
        return read_condition(self._text, tag.bits, tag.end)

    def _if(self, tag: _Written) -> None:
        test = self._condition(tag)
        self._nest.open("if", tag.start, alternatives, test=test, parts=_IF_PARTS)

    def _ifequal(self, tag: _Written) -> None:
        operator = "==" if tag.name == "ifequal" else "!="
        test: ir.Expr = ir.Other(tag.end, tag.end)
        if len(tag.bits) == 2:
            left, right = map(self._value, tag.bits)
            test = ir.Compare(left.start, right.end, left, (operator,), (right,))
        self._nest.open(tag.name, tag.start, alternatives, test=test, parts=_ELSE)

    def _ifchanged(self, tag: _Written) -> None:
        """Without values its body is rendered to compare it with the last one."""
        if not tag.bits:
            build = _holding("ifchanged", _Arguments())
            self._nest.open("ifchanged", tag.start, build, parts=_ELSE)
            return
        values = tuple(map(self._value, tag.bits))
        test = values[0]
        if len(values) > 1:
            test = ir.Other(values[0].start, values[-1].end, values)
        else:
            test = ir.Other(test.start, test.end, values)
        self._nest.open("ifchanged", tag.start, alternatives, test=test, parts=_ELSE)

    def _for(self, tag: _Written) -> None:
        words = [bit.text for bit in tag.bits]
        is_reversed = len(words) > 3 and words[-1] == "reversed"
        bits = tag.bits[:-1] if is_reversed else tag.bits
        place = words.index("in") if "in" in words else len(bits)
        iterated = bits[place + 1 :]
        if len(iterated) == 1:
            iterable = self._value(iterated[0])
            if is_reversed:
                iterable = ir.Filter(iterable.start, tag.bits[-1].end, "reversed", iterable)
        elif iterated:
            parts = tuple(map(self._value, iterated))
            iterable = ir.Other(iterated[0].start, iterated[-1].end, parts)
        else:
            iterable = ir.Other(tag.end, tag.end)
        target = self._targets(bits[:place], tag.end)

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            body, orelse = branches[0].statements, merged(branches[1:])
            return (ir.For(tag.start, end, target, iterable, body, orelse),)

        self._nest.open("for", tag.start, build, parts=_FOR_PARTS)

    def _targets(self, bits: list[Bit], at: int) -> ir.Expr:
        if not bits:
            return ir.Other(at, at)
        start, end = bits[0].start, bits[-1].end
        names = tuple(
            ir.Name(match.start(), match[0]) for match in _WORD.finditer(self._text, start, end)
        )
        return names[0] if len(names) == 1 else ir.Seq(start, end, "tuple", names)

    # Tags that bind names.

    def _with(self, tag: _Written) -> None:
        bindings = self._bindings(tag.bits)
        self._nest.open("with", tag.start, _scoping(bindings))

    def _bindings(self, bits: list[Bit]) -> tuple[tuple[str, ir.Expr], ...]:
        """``name=value`` pairs, or ``value as name and …``; what is neither is passed over."""
        found: list[tuple[str, ir.Expr]] = []
        for place, bit in enumerate(bits):
            keyword = self._keyword(bit)
            if keyword is not None:
                found.append(keyword)
            elif bit.text == "as" and 0 < place < len(bits) - 1:
                found.append((bits[place + 1].text, self._value(bits[place - 1])))
        return tuple(found)

    def _keyword(self, bit: Bit) -> tuple[str, ir.Expr] | None:
        match = _KEYWORD.match(bit.text)
        if match is None:
            return None
        return match[1], read_value(self._text, bit.start + match.end(), bit.end)

    def _blocktranslate(self, tag: _Written) -> None:
        target = _word_after(tag.bits, "asvar")
        bindings = self._bindings(_without_option(tag.bits, "context"))

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            body = merged(branches)
            if bindings:
                body = (ir.Scope(tag.start, end, bindings, body),)
            if bindings and not target:
                return body
            return (ir.Tag(tag.start, end, tag.name, target=target, body=body),)

        self._nest.open(tag.name, tag.start, build, parts=_TRANSLATION_PARTS)
        self._translates = True

    def _regroup(self, tag: _Written) -> None:
        words = [bit.text for bit in tag.bits]
        if len(words) != 5 or words[1] != "by" or words[3] != "as":
            return
        path = tuple(words[2].partition("|")[0].split("."))
        value = self._value(tag.bits[0])
        self._nest.add(ir.Regroup(tag.start, tag.end, value, path, words[4]))

    def _cycle(self, tag: _Written) -> None:
        bits = [bit for bit in tag.bits if bit.text != "silent"]
        self._nest.add(_flat(tag, self._arguments(bits)))

    # Tags that bring in other templates.

    def _extend(self, tag: _Written) -> None:
        if tag.bits and self._extends is None:
            self._extends = self._value(tag.bits[0])

    def _include(self, tag: _Written) -> None:
        if not tag.bits:
            return
        name, *rest = tag.bits
        bindings = self._bindings(rest)
        only = any(bit.text == "only" for bit in rest)
        self._nest.add(ir.Include(tag.start, tag.end, self._value(name), bindings, only))

    def _block(self, tag: _Written) -> None:
        name = tag.bits[0].text if tag.bits else ""

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Block(tag.start, end, name, branches[0].statements),)

        self._nest.open("block", tag.start, build)

    def _partialdef(self, tag: _Written) -> None:
        """A partial is a function of the template; an inline one is rendered where it stands."""
        if not tag.bits:
            return
        name = tag.bits[0]
        inline = any(bit.text == "inline" for bit in tag.bits[1:])

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            partial = ir.Def(tag.start, end, name.text, (), (), None, branches[0].statements)
            if not inline:
                return (partial,)
            return partial, ir.Tag(tag.start, tag.end, "partial", (_word(name),))

        self._nest.open("partialdef", tag.start, build)

    def _load(self, tag: _Written) -> None:
        """``load a b`` and ``load name … from a``."""
        words = [bit.text for bit in tag.bits]
        if len(words) > 2 and words[-2] == "from":
            words = words[-1:]
        self._libraries += words

    # All others.

    def _other(self, tag: _Written, *, holds: bool) -> None:
        arguments = self._readers.get(tag.name, self._arguments_of)(tag)
        if holds:
            self._nest.open(tag.name, tag.start, _holding(tag.name, arguments), parts=_PARTS)
        else:
            self._nest.add(_flat(tag, arguments))

    def _arguments_of(self, tag: _Written) -> _Arguments:
        return self._arguments(tag.bits)

    def _arguments(self, bits: list[Bit]) -> _Arguments:
        args: list[ir.Expr] = []
        keywords: list[tuple[str, ir.Expr]] = []
        target = ""
        previous = ""
        for bit in bits:
            if previous == "as" and not target:
                target = bit.text.strip("\"'")
            elif bit.text not in _GRAMMAR:
                keyword = self._keyword(bit)
                if keyword is not None:
                    keywords.append(keyword)
                else:
                    args.append(self._value(bit))
            previous = bit.text
        return _Arguments(tuple(args), tuple(keywords), target)

    def _named(self, tag: _Written) -> None:
        """A tag whose first word is a name of its own language, and no variable."""
        args = (_word(tag.bits[0]),) if tag.bits else ()
        self._nest.add(ir.Tag(tag.start, tag.end, tag.name, args))

    def _cached(self, tag: _Written) -> _Arguments:
        """``cache seconds name value … using=…``: the name is a plain word."""
        given = self._arguments([*tag.bits[:1], *tag.bits[2:]])
        if len(tag.bits) < 2:
            return given
        return given._replace(args=(*given.args[:1], _word(tag.bits[1]), *given.args[1:]))

    def _translated(self, tag: _Written) -> _Arguments:
        return self._arguments([bit for bit in tag.bits if bit.text not in {"context", "noop"}])

    def _filtered(self, tag: _Written) -> _Arguments:
        """The arguments of the filters; what they are put on is the body."""
        if not tag.bits:
            return _Arguments()
        start, end = tag.bits[0].start, tag.bits[-1].end
        found = [match.span(1) for match in _FILTER_ARGUMENT.finditer(self._text, start, end)]
        return _Arguments(tuple([read_value(self._text, *span) for span in found]))


#: Tags that read nothing of what they are given, if that is nothing but text.
_SILENT = frozenset({
    "csrf_token", "debug", "get_media_prefix", "get_static_prefix", "now", "static", "trans",
    "translate",
})  # fmt: skip
_NOTHING_BUT_TEXT = re.compile(rf"\w+(?:\s+(?:{STRING}))*")
_WORD = re.compile(r"\w+")
_FILTER_ARGUMENT = re.compile(r"\w:((?:\"[^\"]*\"|'[^']*'|[^\s|\"'])+)")
_IF_PARTS = frozenset({"elif", "else"})
_FOR_PARTS = frozenset({"empty"})
_TRANSLATION_PARTS = frozenset({"plural"})
_PARTS = _IF_PARTS | _FOR_PARTS | _TRANSLATION_PARTS
#: Ends that are passed over where nothing is open; other tags may be called so.
_ENDS = frozenset({
    "endblock", "endblocktrans", "endblocktranslate", "endfor", "endif", "endifchanged",
    "endifequal", "endifnotequal", "endpartialdef", "endwith",
})  # fmt: skip


def _word(bit: Bit) -> ir.Expr:
    return ir.Const(bit.start, bit.end, bit.text.strip("\"'"))


def _word_after(bits: list[Bit], option: str) -> str:
    for bit, following in pairwise(bits):
        if bit.text == option:
            return following.text
    return ""


def _without_option(bits: list[Bit], option: str) -> list[Bit]:
    """The words without *option* and its value."""
    words = [bit.text for bit in bits]
    if option not in words:
        return bits
    place = words.index(option)
    return bits[:place] + bits[place + 2 :]


def _flat(tag: _Written, given: _Arguments) -> ir.Stmt:
    return ir.Tag(tag.start, tag.end, tag.name, *given)


def _holding(name: str, given: _Arguments) -> Build:
    def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
        return (ir.Tag(branches[0].start, end, name, *given, body=merged(branches)),)

    return build


def _scoping(bindings: tuple[tuple[str, ir.Expr], ...]) -> Build:
    def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
        return (ir.Scope(branches[0].start, end, bindings, branches[0].statements),)

    return build
