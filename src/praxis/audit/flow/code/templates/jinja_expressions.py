"""
The expressions of Jinja's templates, which are nearly Python's.

`Reader` goes over the tokens of one tag. A filter is an `ir.Filter`; so is a test, under a name
that begins with ``is``: ``x is divisibleby(3)`` is the filter *is divisibleby* of x. ``a ~ b``
makes text of both, as an f-string does.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.constants import NAMED, STRING, number, string, text_of

#: Parentheses deeper and chains longer than this nobody writes: they would nest too deeply.
MAX_DEPTH = 25
MAX_STEPS = 60
#: What nests deeper than this is not read; of so few tokens nothing can be made that does.
MAX_NESTING = 120

_TOKEN = re.compile(
    rf"\s+|(?P<name>[^\W\d]\w*)|(?P<string>{STRING})"
    r"|(?P<number>0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
    r"|(?:(?<!\.)\d[\d_]*\.\d+|\d[\d_]*)(?:[eE][+-]?\d+)?)"
    r"|(?P<open>[\"'].*)|(?P<sign>\*\*|//|[=!<>]=|.)",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SUMS = frozenset({"+", "-"})
_PRODUCTS = frozenset({"*", "/", "//", "%"})
_CLOSINGS = {"(": ")", "[": "]", "{": "}"}
#: What the argument of a test, written without parentheses, does not begin with.
_NO_ARGUMENT = frozenset({"else", "or", "and", "is", "in", "not", "if"})


class UnreadableError(Exception):
    """What stands there is no expression."""


class Token(NamedTuple):
    """
    A piece of an expression.

    *kind* is ``name``, ``string``, ``number``, ``sign``, or ``open`` for quotes that never end.
    """

    kind: str
    start: int
    end: int
    text: str


def read_value(text: str, start: int, end: int) -> ir.Expr:
    """The expression from *start* to *end*; where it cannot be read, what could be."""
    path = _ATTRIBUTES.match(text, start, end)
    if path is not None and path.end() == end and path[0] not in NAMED:
        return _attributes(start, path[0])
    reader = Reader(text, start, end)
    value = reader.tuple_or_value()
    return value if reader.is_done else ir.Other(start, end, (value,))


def _attributes(start: int, path: str) -> ir.Expr:
    first, *names = path.split(".")
    value: ir.Expr = ir.Name(start, first)
    position = start + len(first)
    if len(names) > MAX_STEPS:
        return ir.Other(start, start + len(path), (value,))
    for name in names:
        position += len(name) + 1
        value = ir.Attr(start, position, value, name)
    return value


class Reader:
    """The tokens of one tag, from the first to the last."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._tokens = [
            Token(match.lastgroup, *match.span(), match[0])
            for match in _TOKEN.finditer(text, start, end)
            if match.lastgroup
        ]
        self._end = Token("end", end, end, "")
        self._position = 0
        self._depth = 0

    # What tags ask for.

    @property
    def is_done(self) -> bool:
        return self._position >= len(self._tokens)

    @property
    def here(self) -> int:
        """Where the next token begins."""
        return self.peek().start

    def peek(self, ahead: int = 0) -> Token:
        place = self._position + ahead
        return self._tokens[place] if 0 <= place < len(self._tokens) else self._end

    def take(self, *wanted: str) -> bool:
        """Step over the next token if it is one of these words or signs."""
        token = self.peek()
        if token.kind in {"name", "sign"} and token.text in wanted:
            self._position += 1
            return True
        return False

    def name(self) -> str:
        """Step over a name; empty where there is none."""
        token = self.peek()
        if token.kind != "name":
            return ""
        self._position += 1
        return token.text

    def holds(self, sign: str) -> bool:
        """Whether *sign* stands among the tokens to come, outside of brackets."""
        depth = 0
        for token in self._tokens[self._position :]:
            if token.kind == "sign":
                if token.text == sign and not depth:
                    return True
                depth += (token.text in "([{") - (token.text in ")]}")
        return False

    def skip(self) -> None:
        self._position += 1

    def value(self, *, conditional: bool = True) -> ir.Expr:
        """
        The expression that comes next, without the commas of a tuple.

        What cannot be read becomes an `ir.Other`, and nothing after it in the tag is read.
        """
        return self._tried(lambda: self._expression(conditional=conditional))

    def tuple_or_value(self, *, conditional: bool = True, until: str = "") -> ir.Expr:
        """The expression that comes next, up to the word *until*; commas make a tuple."""
        first = self.value(conditional=conditional)
        items = [first]
        while self.take(","):
            if self.is_done or self.peek().text == until:
                break
            items.append(self.value(conditional=conditional))
        if len(items) == 1 and self.peek(-1).text != ",":
            return first
        return ir.Seq(first.start, self.peek(-1).end, "tuple", tuple(items))

    def targets(self, depth: int = 0) -> ir.Expr:
        """What is assigned to: a name, an attribute of a namespace, or several."""
        start = self.here
        names: list[ir.Expr] = []
        in_parentheses = self.take("(")
        while True:
            token = self.peek()
            if token.text == "(" and depth < MAX_DEPTH:
                names.append(self.targets(depth + 1))
            elif self.name():
                target: ir.Expr = ir.Name(token.start, token.text)
                if self.take("."):
                    end, attribute = self.peek().end, self.name()
                    target = ir.Attr(token.start, end, target, attribute)
                names.append(target)
            if not self.take(","):
                break
        if in_parentheses:
            self.take(")")
        elif len(names) == 1 and self.peek(-1).text != ",":
            return names[0]
        return ir.Seq(start, max(start, self.peek(-1).end), "tuple", tuple(names))

    def filters(self) -> tuple[ir.Expr, ...]:
        """The arguments of ``name(…)|name(…)``, which are put on something else."""
        found: list[ir.Expr] = []
        try:
            while True:
                found += self._named_filter()[1]
                if not self.take("|"):
                    return tuple(found)
        except UnreadableError:
            return tuple(found)

    def _tried(self, read: Callable[[], ir.Expr]) -> ir.Expr:
        start = self.here
        try:
            value = read()
        except UnreadableError:
            self._depth = 0
            self._position = len(self._tokens)
            return ir.Other(start, self._end.end)
        if len(self._tokens) > MAX_NESTING and _nests_too_deeply(value):
            return ir.Other(value.start, value.end)
        return value

    # Expressions, from the loosest to the tightest.

    def _expression(self, *, conditional: bool = True) -> ir.Expr:
        self._enter()
        try:
            return self._conditional() if conditional else self._or()
        finally:
            self._depth -= 1

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableError

    def _conditional(self) -> ir.Expr:
        value = self._or()
        steps = 0
        while self.take("if"):
            self._count(steps := steps + 1)
            test = self._or()
            orelse: ir.Expr = ir.Const(test.end, test.end, None)
            if self.take("else"):
                orelse = self._expression()
            value = ir.IfExp(value.start, max(test.end, orelse.end), test, value, orelse)
        return value

    def _or(self) -> ir.Expr:
        return self._chain("or", self._and)

    def _and(self) -> ir.Expr:
        return self._chain("and", self._not)

    def _chain(self, operator: str, read: Callable[[], ir.Expr]) -> ir.Expr:
        first = read()
        if self.peek().text != operator or self.peek().kind != "name":
            return first
        values = [first]
        while self.take(operator):
            values.append(read())
        return ir.BoolOp(first.start, values[-1].end, operator, tuple(values))

    def _not(self) -> ir.Expr:
        start = self.here
        if self.take("not"):
            self._enter()
            value = self._not()
            self._depth -= 1
            return ir.Not(start, value.end, value)
        return self._compare()

    def _compare(self) -> ir.Expr:
        left = self._sum()
        operators: list[str] = []
        comparators: list[ir.Expr] = []
        while True:
            token = self.peek()
            if token.kind == "sign" and token.text in _COMPARISONS:
                self.skip()
                operators.append(token.text)
            elif token.text == "not" and self.peek(1).text == "in":
                self._position += 2
                operators.append("not in")
            elif self.take("in"):
                operators.append("in")
            else:
                break
            comparators.append(self._sum())
        if not operators:
            return left
        return ir.Compare(
            left.start, comparators[-1].end, left, tuple(operators), tuple(comparators)
        )

    def _sum(self) -> ir.Expr:
        return self._binary(_SUMS, self._concatenation)

    def _concatenation(self) -> ir.Expr:
        first = self._product()
        values = [first]
        while self.take("~"):
            values.append(self._product())
        if len(values) == 1:
            return first
        return ir.Format(first.start, values[-1].end, tuple(values))

    def _product(self) -> ir.Expr:
        return self._binary(_PRODUCTS, self._power)

    def _power(self) -> ir.Expr:
        return self._binary(frozenset({"**"}), self._unary)

    def _binary(self, operators: frozenset[str], read: Callable[[], ir.Expr]) -> ir.Expr:
        left = read()
        steps = 0
        while (token := self.peek()).kind == "sign" and token.text in operators:
            self.skip()
            self._count(steps := steps + 1)
            right = read()
            left = ir.Binary(left.start, right.end, token.text, left, right)
        return left

    def _unary(self, *, filtered: bool = True) -> ir.Expr:
        token = self.peek()
        if token.kind == "sign" and token.text in _SUMS:
            self.skip()
            self._enter()
            operand = self._unary(filtered=False)
            self._depth -= 1
            value = _negated(token, operand)
        else:
            value = self._primary()
        value = self._postfix(value)
        return self._filters(value) if filtered else value

    def _primary(self) -> ir.Expr:
        token = self.peek()
        self.skip()
        if token.kind == "name":
            if token.text in NAMED:
                return ir.Const(token.start, token.end, NAMED[token.text])
            return ir.Name(token.start, token.text)
        if token.kind == "string":
            texts, end = [text_of(token.text)], token.end
            while self.peek().kind == "string":
                texts.append(text_of(self.peek().text))
                end = self.peek().end
                self.skip()
            return string(token.start, end, "".join(texts))
        if token.kind == "number":
            found = number(token.start, token.end, token.text)
            return found or ir.Other(token.start, token.end)
        if token.text == "(":
            return self._parenthesised(token)
        if token.text == "[":
            items, end = self._items("]")
            return ir.Seq(token.start, end, "list", items)
        if token.text == "{":
            return self._dict(token)
        raise UnreadableError

    def _parenthesised(self, opening: Token) -> ir.Expr:
        items, end = self._items(")")
        if len(items) == 1 and self.peek(-2).text != ",":
            return items[0]
        return ir.Seq(opening.start, end, "tuple", items)

    def _items(self, closing: str) -> tuple[tuple[ir.Expr, ...], int]:
        items: list[ir.Expr] = []
        while not self.take(closing):
            items.append(self._expression())
            if not self.take(",") and self.peek().text != closing:
                raise UnreadableError
        return tuple(items), self.peek(-1).end

    def _dict(self, opening: Token) -> ir.Expr:
        keys: list[ir.Expr | None] = []
        values: list[ir.Expr] = []
        while not self.take("}"):
            keys.append(self._expression())
            self._expect(":")
            values.append(self._expression())
            if not self.take(",") and self.peek().text != "}":
                raise UnreadableError
        return ir.Mapping(opening.start, self.peek(-1).end, tuple(keys), tuple(values))

    # What follows a value.

    def _postfix(self, value: ir.Expr) -> ir.Expr:
        steps = 0
        while (token := self.peek()).kind == "sign" and token.text in {".", "[", "("}:
            self._count(steps := steps + 1)
            value = self._step(value, token)
        return value

    def _step(self, value: ir.Expr, token: Token) -> ir.Expr:
        if token.text == "(":
            args, keywords = self._arguments()
            return ir.Call(value.start, self.peek(-1).end, value, args, keywords)
        self.skip()
        if token.text == "[":
            return self._subscript(value)
        part = self.peek()
        self.skip()
        if part.kind == "name":
            return ir.Attr(value.start, part.end, value, part.text)
        index = number(part.start, part.end, part.text) if part.kind == "number" else None
        if index is None:
            raise UnreadableError
        return ir.Item(value.start, part.end, value, index)

    def _subscript(self, value: ir.Expr) -> ir.Expr:
        parts: list[ir.Expr | None] = [None]
        start = self.here
        items: list[ir.Expr] = []
        while not self.take("]"):
            if self.take(":"):
                parts.append(None)
            elif self.take(","):
                items.append(parts[-1] or ir.Other(start, start))
                parts[-1] = None
            elif parts[-1] is None:
                parts[-1] = self._expression()
            else:
                raise UnreadableError
        end = self.peek(-1).end
        if len(parts) > 1:
            lower, upper, step = [*parts, None, None][:3]
            return ir.Slice(value.start, end, value, lower, upper, step)
        index = parts[0]
        if items or index is None:
            several = (*items, index) if index is not None else tuple(items)
            index = ir.Seq(start, end - 1, "tuple", several)
        return ir.Item(value.start, end, value, index)

    def _filters(self, value: ir.Expr) -> ir.Expr:
        steps = 0
        while True:
            token = self.peek()
            self._count(steps := steps + 1)
            if token.kind == "sign" and token.text == "|":
                self.skip()
                value = self._filter(value)
            elif token.kind == "sign" and token.text == "(":
                args, keywords = self._arguments()
                value = ir.Call(value.start, self.peek(-1).end, value, args, keywords)
            elif token.kind == "name" and token.text == "is":
                self.skip()
                value = self._test(value)
            else:
                return value

    def _filter(self, value: ir.Expr) -> ir.Expr:
        name, arguments = self._named_filter()
        return ir.Filter(value.start, self.peek(-1).end, name, value, arguments)

    def _named_filter(self) -> tuple[str, tuple[ir.Expr, ...]]:
        """The name of a filter, dots and all, and its arguments without their names."""
        name = self._dotted()
        if self.peek().text != "(" or self.peek().kind != "sign":
            return name, ()
        args, keywords = self._arguments()
        return name, (*args, *(argument for _, argument in keywords))

    def _test(self, value: ir.Expr) -> ir.Expr:
        negated = self.take("not")
        name = self._dotted()
        named, token = self.peek(-1), self.peek()
        arguments: tuple[ir.Expr, ...] = ()
        if token.kind == "sign" and token.text == "(":
            args, keywords = self._arguments()
            arguments = (*args, *(argument for _, argument in keywords))
        elif self._begins_argument(token):
            arguments = (self._postfix(self._primary()),)
        end = self.peek(-1).end
        if name in {"none", "None"} and not arguments:
            none = ir.Const(named.start, named.end, None)
            return ir.Compare(value.start, end, value, ("is not" if negated else "is",), (none,))
        if name == "in" and len(arguments) == 1:
            return ir.Compare(value.start, end, value, ("not in" if negated else "in",), arguments)
        found = ir.Filter(value.start, end, f"is {name}", value, arguments)
        return ir.Not(value.start, end, found) if negated else found

    @staticmethod
    def _begins_argument(token: Token) -> bool:
        if token.kind == "name":
            return token.text not in _NO_ARGUMENT
        return token.kind in {"string", "number"} or token.text in _CLOSINGS

    def _dotted(self) -> str:
        parts = [self.name()]
        while self.take("."):
            parts.append(self.name())
        if not all(parts):
            raise UnreadableError
        return ".".join(parts)

    def _arguments(self) -> tuple[tuple[ir.Expr, ...], tuple[tuple[str, ir.Expr], ...]]:
        self._expect("(")
        args: list[ir.Expr] = []
        keywords: list[tuple[str, ir.Expr]] = []
        while not self.take(")"):
            start = self.here
            if self.take("**"):
                keywords.append(("", self._expression()))
            elif self.take("*"):
                value = self._expression()
                args.append(ir.Star(start, value.end, value))
            elif self.peek().kind == "name" and self.peek(1).text == "=":
                name = self.name()
                self.skip()
                keywords.append((name, self._expression()))
            else:
                args.append(self._expression())
            if not self.take(",") and self.peek().text != ")":
                raise UnreadableError
        return tuple(args), tuple(keywords)

    def _expect(self, sign: str) -> None:
        if not self.take(sign):
            raise UnreadableError

    @staticmethod
    def _count(steps: int) -> None:
        if steps > MAX_STEPS:
            raise UnreadableError


def _nests_too_deeply(value: ir.Expr) -> bool:
    layer: list[Any] = [value]
    for _ in range(MAX_NESTING):
        layer = [
            part
            for node in layer
            for part in (node if isinstance(node, tuple) else msgspec.structs.astuple(node))
            if isinstance(part, tuple | msgspec.Struct)
        ]
        if not layer:
            return False
    return True


def _negated(sign: Token, operand: ir.Expr) -> ir.Expr:
    if sign.text == "-" and isinstance(operand, ir.Const):
        value = operand.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return ir.Const(sign.start, operand.end, -value)
    return ir.Other(sign.start, operand.end, (operand,))
