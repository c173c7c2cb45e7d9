"""
The tags of Jinja's templates, those of its extensions among them.

Tags that nobody knows are read as most are written: values, with or without commas, and
``name=value`` pairs. Whatever Jinja would refuse is left out, and the rest is read.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

from praxis.audit.facts.templates.tokens import Token, TokenKind
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.jinja_expressions import Reader, read_value
from praxis.audit.flow.code.templates.nesting import (
    Branch,
    alternatives,
    ended_by,
    merged,
)
from praxis.audit.flow.code.templates.token_walk import TokenWalk

if TYPE_CHECKING:
    from collections.abc import Callable

_IF_PARTS = frozenset({"elif", "else"})
_FOR_PARTS = frozenset({"else"})
_TRANSLATION_PARTS = frozenset({"pluralize"})
_PARTS = _IF_PARTS | _TRANSLATION_PARTS


class _Written(NamedTuple):
    """A tag as it stands in the template; *holds* says that its own end follows."""

    start: int
    end: int
    name: str
    reader: Reader
    holds: bool


def lower_jinja(text: str, tokens: list[Token]) -> ir.TemplateCode:
    """The whole template, given its live tokens."""
    return _Lowering(text).read(tokens)


class _Lowering(TokenWalk):
    read_value = staticmethod(read_value)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._tags: dict[str, Callable[[_Written], None]] = {
            "block": self._block,
            "break": self._jump,
            "call": self._call,
            "continue": self._jump,
            "do": self._do,
            "extends": self._extend,
            "filter": self._filter,
            "for": self._for,
            "from": self._from,
            "if": self._if,
            "import": self._import,
            "include": self._include,
            "macro": self._macro,
            "raw": lambda _: None,
            "set": self._set,
            "trans": self._trans,
            "with": self._with,
        }

    def read(self, tokens: list[Token]) -> ir.TemplateCode:
        blocks = [_name_of(token) for token in tokens if token.kind is TokenKind.BLOCK]
        body = self._walk(tokens, blocks)
        return ir.TemplateCode(self._extends, body, jinja=True)

    # Tokens.

    def _tag(self, token: Token, name: str, *, holds: bool) -> None:
        ended = ended_by(name)
        if ended is not None:
            self._translates = self._translates and ended != "trans"
            if self._nest.close(ended, token.start, token.end) or len(token.content) == len(name):
                return
        written = self._written(token, name, holds=holds)
        if name in _PARTS:
            self._nest.branch(name, token.start, written.reader.value if name == "elif" else None)
        else:
            self._tags.get(name, self._other)(written)

    def _written(self, token: Token, name: str, *, holds: bool) -> _Written:
        start = self._text.index(token.content, token.start + 2)
        reader = Reader(self._text, start + len(name), start + len(token.content))
        return _Written(token.start, token.end, name, reader, holds)

    # Tags that decide what is rendered.

    def _if(self, tag: _Written) -> None:
        test = tag.reader.tuple_or_value()
        self._nest.open("if", tag.start, alternatives, test=test, parts=_IF_PARTS)

    def _for(self, tag: _Written) -> None:
        reader = tag.reader
        target = reader.targets()
        reader.take("in")
        iterable = reader.tuple_or_value(conditional=False, until="recursive")
        first = reader.here
        test = reader.value() if reader.take("if") else None

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            body, orelse = branches[0].statements, merged(branches[1:])
            if test is not None:
                body = (ir.If(first, end, test, body),)
            return (ir.For(tag.start, end, target, iterable, body, orelse),)

        self._nest.open("for", tag.start, build, parts=_FOR_PARTS)

    def _jump(self, tag: _Written) -> None:
        self._nest.add(ir.Jump(tag.start, tag.end, tag.name))

    # Tags that bind names.

    def _set(self, tag: _Written) -> None:
        """``set a = value``, or what stands up to ``endset``."""
        reader = tag.reader
        holds = tag.holds and not reader.holds("=")
        target = reader.targets()
        if reader.take("="):
            value = reader.tuple_or_value()
            self._nest.add(ir.Assign(tag.start, tag.end, (target,), value))
        elif holds:
            name = target.id if isinstance(target, ir.Name) else ""
            arguments = reader.filters() if reader.take("|") else ()

            def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
                body = merged(branches)
                return (ir.Tag(tag.start, end, "set", arguments, target=name, body=body),)

            self._nest.open("set", tag.start, build)

    def _with(self, tag: _Written) -> None:
        bindings = _bindings(tag.reader)

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Scope(tag.start, end, bindings, merged(branches)),)

        self._nest.open("with", tag.start, build)

    def _trans(self, tag: _Written) -> None:
        """What it binds; ``{% trans "text" %}`` without an end is a tag of Django's."""
        if not tag.holds:
            self._other(tag)
            return
        bindings = _bindings(tag.reader)

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            body = merged(branches)
            if bindings:
                return (ir.Scope(tag.start, end, bindings, body),)
            return (ir.Tag(tag.start, end, "trans", body=body),)

        self._nest.open("trans", tag.start, build, parts=_TRANSLATION_PARTS)
        self._translates = True

    def _do(self, tag: _Written) -> None:
        self._nest.add(ir.Evaluate(tag.start, tag.end, tag.reader.tuple_or_value()))

    # Macros and other templates.

    def _macro(self, tag: _Written) -> None:
        name = tag.reader.name()
        parameters = _parameters(tag.reader)

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Def(tag.start, end, name, parameters, (), None, merged(branches)),)

        self._nest.open("macro", tag.start, build)

    def _call(self, tag: _Written) -> None:
        """``call(row) macro(…)``: the body is what the macro shows of ``caller(…)``."""
        reader = tag.reader
        parameters = _parameters(reader) if reader.peek().text == "(" else ()
        called = reader.value()

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            body = merged(branches)
            if parameters:
                body = (ir.Def(tag.start, end, "caller", parameters, (), None, body),)
            return (ir.Tag(tag.start, end, "call", (called,), body=body),)

        self._nest.open("call", tag.start, build)

    def _filter(self, tag: _Written) -> None:
        arguments = tag.reader.filters()

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Tag(tag.start, end, "filter", arguments, body=merged(branches)),)

        self._nest.open("filter", tag.start, build)

    def _extend(self, tag: _Written) -> None:
        if self._extends is None and not tag.reader.is_done:
            self._extends = tag.reader.value()

    def _block(self, tag: _Written) -> None:
        name = tag.reader.name()

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Block(tag.start, end, name, merged(branches)),)

        self._nest.open("block", tag.start, build)

    def _include(self, tag: _Written) -> None:
        reader = tag.reader
        if reader.is_done:
            return
        name = reader.value()
        if reader.take("ignore"):
            reader.take("missing")
        only = reader.take("without")
        self._nest.add(ir.Include(tag.start, tag.end, name, (), only))

    def _import(self, tag: _Written) -> None:
        name = tag.reader.value()
        target = tag.reader.name() if tag.reader.take("as") else ""
        self._nest.add(ir.TemplateImport(tag.start, tag.end, name, target))

    def _from(self, tag: _Written) -> None:
        reader = tag.reader
        source = reader.value()
        names: list[tuple[str, str]] = []
        if reader.take("import"):
            while reader.peek(1).text != "context" and (name := reader.name()):
                names.append((name, reader.name() if reader.take("as") else name))
                if not reader.take(","):
                    break
        self._nest.add(ir.TemplateImport(tag.start, tag.end, source, "", tuple(names)))

    # All others.

    def _other(self, tag: _Written) -> None:
        args, keywords, target = _arguments(tag.reader)

        def build(branches: list[Branch], end: int) -> tuple[ir.Stmt, ...]:
            return (ir.Tag(tag.start, end, tag.name, args, keywords, target, merged(branches)),)

        if tag.holds:
            self._nest.open(tag.name, tag.start, build, parts=_PARTS)
        else:
            self._nest.add(ir.Tag(tag.start, tag.end, tag.name, args, keywords, target))


def _name_of(token: Token) -> str:
    """The tag's name; a parenthesis may follow it at once."""
    match = _NAME.match(token.content)
    return match[0] if match is not None else token.tag


_NAME = re.compile(r"\w+")


def _bindings(reader: Reader) -> tuple[tuple[str, ir.Expr], ...]:
    """``a = value, b = value``; a name without a value is none of a new one."""
    found: list[tuple[str, ir.Expr]] = []
    while not reader.is_done:
        name = reader.name()
        if name and reader.take("="):
            found.append((name, reader.value()))
        elif not name:
            reader.skip()
        reader.take(",")
    return tuple(found)


def _parameters(reader: Reader) -> tuple[ir.Parameter, ...]:
    found: list[ir.Parameter] = []
    if not reader.take("("):
        return ()
    while (name := reader.name()) and not reader.is_done:
        default = reader.value() if reader.take("=") else None
        found.append(ir.Parameter(name, default=default))
        if not reader.take(","):
            break
    reader.take(")")
    return tuple(found)


def _arguments(
    reader: Reader,
) -> tuple[tuple[ir.Expr, ...], tuple[tuple[str, ir.Expr], ...], str]:
    args: list[ir.Expr] = []
    keywords: list[tuple[str, ir.Expr]] = []
    target = ""
    while not reader.is_done:
        token = reader.peek()
        if reader.take("as"):
            target = reader.name()
        elif token.kind == "name" and reader.peek(1).text == "=":
            reader.skip()
            reader.skip()
            keywords.append((token.text, reader.value()))
        elif token.kind == "sign" and token.text not in _OPENINGS:
            reader.skip()
        else:
            args.append(reader.value())
    return tuple(args), tuple(keywords), target


_OPENINGS = frozenset("([{-+")
