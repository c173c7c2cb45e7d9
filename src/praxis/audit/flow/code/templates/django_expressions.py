"""
The expressions of Django's templates: `a.b.0|filter:argument`, and the conditions of `{% if %}`.

They are read as Django reads them. What it would refuse becomes an `ir.Other` that holds what
could be read of it.
"""

import re
from typing import NamedTuple

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.constants import NAMED, STRING, number, string, text_of

#: More lookups, filters or operators than this nobody writes: they would nest too deeply.
MAX_STEPS = 30

_PATH = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_ATOM = re.compile(rf"(?P<string>{STRING})|_\((?P<translated>{STRING})\)|(?P<word>[-+.]?\w[\w.]*)")
_FILTER = re.compile(r"\s*\|\s*(?P<name>\w+)(?P<colon>:)?")
#: What stands between blanks, quoted blanks left in; quotes that never end take the rest.
_BIT = re.compile(
    r"(?:[^\s\"']+|\"[^\"\\]*(?:\\.[^\"\\]*)*(?:\"|\\?$)|'[^'\\]*(?:\\.[^'\\]*)*(?:'|\\?$))+"
)


class Bit(NamedTuple):
    """A word of a tag."""

    start: int
    end: int
    text: str


def split(text: str, start: int, end: int) -> list[Bit]:
    """The words from *start* to *end*, as Django's ``split_contents``."""
    return [Bit(*match.span(), match[0]) for match in _BIT.finditer(text, start, end)]


def read_value(text: str, start: int, end: int) -> ir.Expr:
    """The value, with its filters, that stands from *start* to *end*."""
    path = _PATH.match(text, start, end)
    if path is not None and path.end() == end:
        return _lookups(start, path[0])
    value = _atom(text, start, end)
    if value is None:
        return ir.Other(start, end)
    steps = 0
    position = value.end
    while position < end:
        match = _FILTER.match(text, position, end)
        steps += 1
        if match is None or steps > MAX_STEPS:
            return ir.Other(start, end, (value,))
        position = match.end()
        arguments: tuple[ir.Expr, ...] = ()
        if match["colon"]:
            argument = _atom(text, position, end)
            if argument is None:
                return ir.Other(start, end, (value,))
            arguments, position = (argument,), argument.end
        value = ir.Filter(start, position, match["name"], value, arguments)
    return value


def _atom(text: str, start: int, end: int) -> ir.Expr | None:
    match = _ATOM.match(text, start, end)
    if match is None:
        return None
    written = match["string"] or match["translated"]
    if written is not None:
        return string(*match.span(), text_of(written))
    word = match["word"]
    if word[0] in "-+." or word[0].isdigit():
        found = number(*match.span(), word)
        if found is not None or word[0] in "-+.":
            return found
    return _lookups(start, word)


def _lookups(start: int, path: str) -> ir.Expr:
    """``a.b.c``, or what is written as a name and is a constant."""
    if path in NAMED:
        return ir.Const(start, start + len(path), NAMED[path])
    first, *names = path.split(".")
    value: ir.Expr = ir.Name(start, first)
    position = start + len(first)
    if len(names) > MAX_STEPS or "" in names:
        return ir.Other(start, start + len(path), (value,))
    for name in names:
        position += len(name) + 1
        value = ir.Lookup(start, position, value, name)
    return value


# Conditions.

#: How strongly each operator binds, as in Django's ``smartif``.
_STRENGTHS = {
    "or": 6, "and": 7, "in": 9, "not in": 9, "is": 10, "is not": 10, "==": 10, "!=": 10,
    ">": 10, ">=": 10, "<": 10, "<=": 10,
}  # fmt: skip
_NOT = 8


class _UnreadableError(Exception):
    """What stands there is no condition."""


def read_condition(text: str, bits: list[Bit], at: int) -> ir.Expr:
    """The condition that the words of an ``if`` make; *at* is where there are none."""
    if len(bits) == 1:
        return read_value(text, bits[0].start, bits[0].end)
    start, end = (bits[0].start, bits[-1].end) if bits else (at, at)
    if len(bits) <= MAX_STEPS * 2:
        reader = _Condition(text, bits)
        try:
            condition = reader.read(0)
            reader.expect_end()
            return condition
        except _UnreadableError:
            pass
    operands = [bit for bit in bits if bit.text != "not" and bit.text not in _STRENGTHS]
    return ir.Other(start, end, tuple([read_value(text, bit.start, bit.end) for bit in operands]))


class _Condition:
    def __init__(self, text: str, bits: list[Bit]) -> None:
        self._text, self._bits, self._position = text, bits, 0

    def read(self, strength: int) -> ir.Expr:
        bit = self._next()
        if bit.text == "not":
            operand = self.read(_NOT)
            left: ir.Expr = ir.Not(bit.start, operand.end, operand)
        elif bit.text in _STRENGTHS:
            raise _UnreadableError
        else:
            left = read_value(self._text, bit.start, bit.end)
        while (operator := self._operator()) and _STRENGTHS[operator] > strength:
            self._position += 2 if " " in operator else 1
            left = _joined(left, operator, self.read(_STRENGTHS[operator]))
        return left

    def expect_end(self) -> None:
        if self._position < len(self._bits):
            raise _UnreadableError

    def _next(self) -> Bit:
        if self._position >= len(self._bits):
            raise _UnreadableError
        self._position += 1
        return self._bits[self._position - 1]

    def _operator(self) -> str:
        """The operator that comes next; empty at the end, or where none does."""
        words = [bit.text for bit in self._bits[self._position : self._position + 2]]
        both = " ".join(words)
        if both in {"not in", "is not"}:
            return both
        return words[0] if words and words[0] in _STRENGTHS else ""


def _joined(left: ir.Expr, operator: str, right: ir.Expr) -> ir.Expr:
    if operator in {"and", "or"}:
        is_chain = isinstance(left, ir.BoolOp) and left.operator == operator
        values = left.values if is_chain and isinstance(left, ir.BoolOp) else (left,)
        return ir.BoolOp(left.start, right.end, operator, (*values, right))
    return ir.Compare(left.start, right.end, left, (operator,), (right,))
