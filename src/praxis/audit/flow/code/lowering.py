"""From a file's tree to its intermediate form (`praxis.audit.flow.code.ir`)."""

import ast
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.flow.code import ir
from praxis.audit.summary import Fact

#: Longer texts are prose or data: nothing is looked up by them.
MAX_CONST_CHARS = 120

_OPERATORS: dict[type, str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^",
    ast.BitAnd: "&", ast.MatMult: "@", ast.And: "and", ast.Or: "or",
}  # fmt: skip


class CalledNames(Struct, frozen=True, array_like=True):
    """The names of what a file calls, functions and methods: in one place, or in *several*."""

    once: tuple[str, ...]
    several: tuple[str, ...]


def lower(file: File) -> ir.Code | None:
    """The file's intermediate form; None for code nested too deeply."""
    return _lowered(file)[0]


def called_names(file: File) -> CalledNames | None:
    """What the code calls; None where it calls nothing."""
    called = _lowered(file)[1]
    if not called:
        return None
    once = tuple([name for name, count in called.items() if count == 1])
    return CalledNames(once, tuple([name for name, count in called.items() if count > 1]))


@lru_cache(maxsize=1)
def _lowered(file: File) -> tuple[ir.Code | None, dict[str, int]]:
    lowering = _Lowering(file)
    try:
        return ir.Code(lowering.block(file.tree.body)), lowering.called
    except RecursionError:
        return None, lowering.called


class _Lowering:
    def __init__(self, file: File) -> None:
        self._file = file
        self._starts = file.lines.starts
        self._wide = file.lines.wide
        #: What is called, by its last name, and how often.
        self.called: dict[str, int] = {}
        #: Inside an f-string before Python 3.12 positions are not to be trusted.
        self._frozen: tuple[int, int] | None = None
        #: Whether columns count characters, as in nearly all files.
        self._plain = not self._wide

    # Positions.

    def _span(self, node: Any) -> tuple[int, int]:
        if self._frozen is not None:
            return self._frozen
        if not self._wide or not (node.lineno in self._wide or node.end_lineno in self._wide):
            starts = self._starts
            return (
                starts[node.lineno - 1] + node.col_offset,
                starts[node.end_lineno - 1] + node.end_col_offset,
            )
        return self._file.span(node)

    # Expressions.

    def expr(self, node: Any) -> ir.Expr:
        kind = node.__class__
        if self._plain:  # as `_span`, which is asked for so often that the call counts
            starts = self._starts
            start = starts[node.lineno - 1] + node.col_offset
            if kind is ast.Name:
                return ir.Name(start, node.id)
            end = starts[node.end_lineno - 1] + node.end_col_offset
        else:
            start, end = self._span(node)
        make = self._expressions.get(kind)
        if make is not None:
            return make(self, node, start, end)
        return ir.Other(
            start,
            end,
            tuple(
                self.expr(child)
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.expr)
            ),
        )

    def maybe(self, node: ast.expr | None) -> ir.Expr | None:
        return None if node is None else self.expr(node)

    def all(self, nodes: list[ast.expr]) -> tuple[ir.Expr, ...]:
        return tuple([self.expr(node) for node in nodes]) if nodes else ()

    def _name(self, node: ast.Name, start: int, _: int) -> ir.Expr:
        return ir.Name(start, node.id)

    def _attribute(self, node: ast.Attribute, start: int, end: int) -> ir.Expr:
        return ir.Attr(start, end, self.expr(node.value), node.attr)

    def _call(self, node: ast.Call, start: int, end: int) -> ir.Expr:
        keywords = (
            tuple([(word.arg or "", self.expr(word.value)) for word in node.keywords])
            if node.keywords
            else ()
        )
        function = node.func
        name = getattr(function, "attr", None) or getattr(function, "id", None)
        if name is not None:
            self.called[name] = self.called.get(name, 0) + 1
        return ir.Call(start, end, self.expr(function), self.all(node.args), keywords)

    def _constant(self, node: ast.Constant, start: int, end: int) -> ir.Expr:
        value = node.value
        if value.__class__ is str:
            return (
                ir.Const(start, end, value)
                if len(value) <= MAX_CONST_CHARS and value.isprintable()
                else ir.Other(start, end)
            )
        if value is None or value.__class__ in (bool, float):
            return ir.Const(start, end, value)
        if value.__class__ is int and abs(value) < 1 << 62:
            return ir.Const(start, end, value)
        return ir.Other(start, end)

    def _subscript(self, node: ast.Subscript, start: int, end: int) -> ir.Expr:
        index = node.slice
        if isinstance(index, ast.Slice):
            return ir.Slice(
                start,
                end,
                self.expr(node.value),
                self.maybe(index.lower),
                self.maybe(index.upper),
                self.maybe(index.step),
            )
        return ir.Item(start, end, self.expr(node.value), self.expr(index))

    def _sequence(self, node: ast.Tuple | ast.List | ast.Set, start: int, end: int) -> ir.Expr:
        return ir.Seq(start, end, node.__class__.__name__.lower(), self.all(node.elts))

    def _mapping(self, node: ast.Dict, start: int, end: int) -> ir.Expr:
        keys = tuple([self.maybe(key) for key in node.keys])
        return ir.Mapping(start, end, keys, self.all(node.values))

    def _comprehension(self, node: Any, start: int, end: int) -> ir.Expr:
        clauses = tuple(
            ir.Clause(self.expr(clause.target), self.expr(clause.iter), self.all(clause.ifs))
            for clause in node.generators
        )
        if isinstance(node, ast.DictComp):
            return ir.Comp(start, end, "dict", clauses, self.all([node.key, node.value]))
        kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(node.__class__, "generator")
        return ir.Comp(start, end, kind, clauses, (self.expr(node.elt),))

    def _lambda(self, node: ast.Lambda, start: int, end: int) -> ir.Expr:
        return ir.Lambda(start, end, self._parameters(node.args), self.expr(node.body))

    def _await(self, node: ast.Await, start: int, end: int) -> ir.Expr:
        return ir.Await(start, end, self.expr(node.value))

    def _starred(self, node: ast.Starred, start: int, end: int) -> ir.Expr:
        return ir.Star(start, end, self.expr(node.value))

    def _conditional(self, node: ast.IfExp, start: int, end: int) -> ir.Expr:
        return ir.IfExp(
            start, end, self.expr(node.test), self.expr(node.body), self.expr(node.orelse)
        )

    def _bool_op(self, node: ast.BoolOp, start: int, end: int) -> ir.Expr:
        return ir.BoolOp(start, end, _OPERATORS[node.op.__class__], self.all(node.values))

    def _compare(self, node: ast.Compare, start: int, end: int) -> ir.Expr:
        operators = tuple([_OPERATORS[operator.__class__] for operator in node.ops])
        return ir.Compare(start, end, self.expr(node.left), operators, self.all(node.comparators))

    def _unary(self, node: ast.UnaryOp, start: int, end: int) -> ir.Expr:
        if isinstance(node.op, ast.Not):
            return ir.Not(start, end, self.expr(node.operand))
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            if value.__class__ in (int, float) and abs(value) < 1 << 62:
                return ir.Const(start, end, -value)
        return ir.Other(start, end, (self.expr(node.operand),))

    def _named(self, node: ast.NamedExpr, start: int, end: int) -> ir.Expr:
        return ir.Named(start, end, node.target.id, self.expr(node.value))

    def _binary(self, node: ast.BinOp, start: int, end: int) -> ir.Expr:
        operator = _OPERATORS[node.op.__class__]
        return ir.Binary(start, end, operator, self.expr(node.left), self.expr(node.right))

    def _format(self, node: ast.JoinedStr, start: int, end: int) -> ir.Expr:
        outside = self._frozen, self._plain
        if sys.version_info < (3, 12):
            self._frozen, self._plain = (start, end), False
        try:
            values = tuple(
                self.expr(part.value)
                for part in node.values
                if isinstance(part, ast.FormattedValue)
            )
        finally:
            self._frozen, self._plain = outside
        return ir.Format(start, end, values)

    def _yield(self, node: ast.Yield | ast.YieldFrom, start: int, end: int) -> ir.Expr:
        return ir.Yield(start, end, self.maybe(node.value), isinstance(node, ast.YieldFrom))

    # Statements.

    def block(self, nodes: list[ast.stmt]) -> tuple[ir.Stmt, ...]:
        lowered: list[ir.Stmt] = []
        statements = self._statements
        for node in nodes:
            make = statements.get(node.__class__)
            if make is None:  # pass, and type aliases
                continue
            if node.__class__ is ast.Expr and node.value.__class__ is ast.Constant:
                continue  # a docstring
            lowered.append(make(self, node, *self._span(node)))
        return tuple(lowered)

    def _import(self, node: ast.Import | ast.ImportFrom, start: int, end: int) -> ir.Stmt:
        return ir.Import(start, end, _imported(node))

    def _assign(self, node: ast.Assign, start: int, end: int) -> ir.Stmt:
        return ir.Assign(start, end, self.all(node.targets), self.expr(node.value))

    def _annotated(self, node: ast.AnnAssign, start: int, end: int) -> ir.Stmt:
        target = (self.expr(node.target),)
        return ir.Assign(start, end, target, self.maybe(node.value), self.expr(node.annotation))

    def _augmented(self, node: ast.AugAssign, start: int, end: int) -> ir.Stmt:
        operator = _OPERATORS[node.op.__class__]
        return ir.AugAssign(start, end, self.expr(node.target), operator, self.expr(node.value))

    def _for(self, node: ast.For | ast.AsyncFor, start: int, end: int) -> ir.Stmt:
        return ir.For(
            start,
            end,
            self.expr(node.target),
            self.expr(node.iter),
            self.block(node.body),
            self.block(node.orelse),
            isinstance(node, ast.AsyncFor),
        )

    def _while(self, node: ast.While, start: int, end: int) -> ir.Stmt:
        test = self.expr(node.test)
        return ir.While(start, end, test, self.block(node.body), self.block(node.orelse))

    def _if(self, node: ast.If, start: int, end: int) -> ir.Stmt:
        test = self.expr(node.test)
        return ir.If(start, end, test, self.block(node.body), self.block(node.orelse))

    def _with(self, node: ast.With | ast.AsyncWith, start: int, end: int) -> ir.Stmt:
        items = tuple(
            [(self.expr(item.context_expr), self.maybe(item.optional_vars)) for item in node.items]
        )
        return ir.With(start, end, items, self.block(node.body))

    def _try(self, node: ast.Try, start: int, end: int) -> ir.Stmt:
        handlers = tuple(
            [
                ir.Handler(self.maybe(handler.type), handler.name or "", self.block(handler.body))
                for handler in node.handlers
            ]
        )
        return ir.Try(
            start,
            end,
            self.block(node.body),
            handlers,
            self.block(node.orelse),
            self.block(node.finalbody),
        )

    def _return(self, node: ast.Return, start: int, end: int) -> ir.Stmt:
        return ir.Return(start, end, self.maybe(node.value))

    def _evaluate(self, node: ast.Expr, start: int, end: int) -> ir.Stmt:
        return ir.Evaluate(start, end, self.expr(node.value))

    def _raise(self, node: ast.Raise, start: int, end: int) -> ir.Stmt:
        return ir.Raise(start, end, self.maybe(node.exc))

    def _delete(self, node: ast.Delete, start: int, end: int) -> ir.Stmt:
        return ir.Delete(start, end, self.all(node.targets))

    def _break(self, _: ast.Break, start: int, end: int) -> ir.Stmt:
        return ir.Jump(start, end, "break")

    def _continue(self, _: ast.Continue, start: int, end: int) -> ir.Stmt:
        return ir.Jump(start, end, "continue")

    def _assert(self, node: ast.Assert, start: int, end: int) -> ir.Stmt:
        return ir.Assert(start, end, self.expr(node.test))

    def _outer(self, node: ast.Global | ast.Nonlocal, start: int, end: int) -> ir.Stmt:
        return ir.Outer(start, end, tuple(node.names))

    def _match(self, node: ast.Match, start: int, end: int) -> ir.Stmt:
        cases = tuple(
            [
                ir.Case(_bound(case.pattern), self.maybe(case.guard), self.block(case.body))
                for case in node.cases
            ]
        )
        return ir.Match(start, end, self.expr(node.subject), cases)

    def _def(self, node: ast.FunctionDef | ast.AsyncFunctionDef, start: int, end: int) -> ir.Stmt:
        try:
            body = self.block(node.body)
        except RecursionError:
            body = ()  # nested deeper than can be followed: nothing is known of this one
        return ir.Def(
            start,
            end,
            node.name,
            self._parameters(node.args),
            self.all(node.decorator_list),
            self.maybe(node.returns),
            body,
            isinstance(node, ast.AsyncFunctionDef),
        )

    def _class(self, node: ast.ClassDef, start: int, end: int) -> ir.Stmt:
        bases, decorators = self.all(node.bases), self.all(node.decorator_list)
        return ir.Class(start, end, node.name, bases, decorators, self.block(node.body))

    def _parameters(self, args: ast.arguments) -> tuple[ir.Parameter, ...]:
        positional = args.posonlyargs + args.args
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
        defaults += args.defaults
        found = [self._parameter(*pair) for pair in zip(positional, defaults, strict=True)]
        if args.vararg is not None:
            found.append(self._parameter(args.vararg, None, "*"))
        found += [
            self._parameter(*pair) for pair in zip(args.kwonlyargs, args.kw_defaults, strict=True)
        ]
        if args.kwarg is not None:
            found.append(self._parameter(args.kwarg, None, "**"))
        return tuple(found)

    def _parameter(self, arg: ast.arg, default: ast.expr | None, kind: str = "") -> ir.Parameter:
        return ir.Parameter(arg.arg, kind, self.maybe(arg.annotation), self.maybe(default))

    # Of the class and not of each lowering: one that held its own methods would be a cycle, and
    # would keep the tree of its file until the garbage collector comes by.
    _expressions: ClassVar[dict[type, Callable[["_Lowering", Any, int, int], ir.Expr]]] = {
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.Constant: _constant,
        ast.Subscript: _subscript,
        ast.Tuple: _sequence,
        ast.List: _sequence,
        ast.Set: _sequence,
        ast.Dict: _mapping,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.DictComp: _comprehension,
        ast.Lambda: _lambda,
        ast.Await: _await,
        ast.IfExp: _conditional,
        ast.BoolOp: _bool_op,
        ast.Compare: _compare,
        ast.UnaryOp: _unary,
        ast.Starred: _starred,
        ast.NamedExpr: _named,
        ast.BinOp: _binary,
        ast.JoinedStr: _format,
        ast.Yield: _yield,
        ast.YieldFrom: _yield,
    }
    _statements: ClassVar[dict[type, Callable[["_Lowering", Any, int, int], ir.Stmt]]] = {
        ast.Import: _import,
        ast.ImportFrom: _import,
        ast.Assign: _assign,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augmented,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.If: _if,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.Return: _return,
        ast.Expr: _evaluate,
        ast.Raise: _raise,
        ast.Delete: _delete,
        ast.Break: _break,
        ast.Continue: _continue,
        ast.Assert: _assert,
        ast.Global: _outer,
        ast.Nonlocal: _outer,
        ast.Match: _match,
        ast.FunctionDef: _def,
        ast.AsyncFunctionDef: _def,
        ast.ClassDef: _class,
    }


def _imported(node: ast.Import | ast.ImportFrom) -> tuple[tuple[str, str], ...]:
    """Each bound name with the dotted name it stands for; relative ones keep their dots."""
    if isinstance(node, ast.Import):
        return tuple(
            (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
            for alias in node.names
        )
    package = "." * node.level + (f"{node.module}." if node.module else "")
    return tuple((alias.asname or alias.name, f"{package}{alias.name}") for alias in node.names)


def _bound(pattern: ast.pattern) -> tuple[str, ...]:
    names: list[str] = []
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            names.append(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.append(node.rest)
    return tuple(names)


#: The code of every file whose mistakes somebody pays for.
CODE = Fact("code", ir.Code, lower, skips=(Role.TEST, Role.MIGRATION))
CALLED = Fact("called", CalledNames, called_names, skips=(Role.TEST, Role.MIGRATION))
