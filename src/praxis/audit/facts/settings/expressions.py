"""What an expression is worth. Nothing is run: what this does not know is Unknown."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from praxis.audit.facts.settings import operations, variables
from praxis.audit.facts.settings.values import (
    Bound,
    Constant,
    FromEnvironment,
    Mapping,
    Missing,
    Module,
    Name,
    Origin,
    Reader,
    Sequence,
    Spread,
    Unknown,
    Value,
    choose,
    default_of,
    lift,
    truth,
)
from praxis.audit.file import File

if TYPE_CHECKING:
    from collections.abc import Callable

#: Deeper expressions are generated data.
_MAX_DEPTH = 60
_MAX_ITEMS = 2000


class Names(Protocol):
    """What the names of a module stand for while it is evaluated."""

    def look_up(self, name: str) -> Value:
        """The value of a name at this point."""

    def attribute(self, path: str, name: str) -> Value:
        """The value of a name in another module of the project."""


class Expressions:
    """Evaluates the expressions of one file."""

    def __init__(self, file: File, names: Names) -> None:
        self._file, self._names = file, names
        self._locals: dict[str, Value] = {}
        self._depth = 0
        self._kinds: dict[type[ast.expr], Callable[[ast.expr], Value]] = {
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.List: self._display,
            ast.Tuple: self._display,
            ast.Set: self._display,
            ast.Dict: self._dict,
            ast.BinOp: self._binary,
            ast.BoolOp: self._boolean,
            ast.UnaryOp: self._unary,
            ast.Compare: self._compare,
            ast.IfExp: self._conditional,
            ast.JoinedStr: self._formatted,
            ast.Attribute: self._attribute,
            ast.Subscript: self._subscript,
            ast.Call: self._call,
            ast.ListComp: self._comprehension,
            ast.GeneratorExp: self._comprehension,
            ast.SetComp: self._comprehension,
        }

    def value(self, node: ast.expr) -> Value:
        """The value of *node*, with the place where it stands."""
        evaluate = self._kinds.get(type(node))
        if evaluate is None or self._depth >= _MAX_DEPTH:
            return Unknown(origin=self.origin(node))
        self._depth += 1
        try:
            found = evaluate(node)
        finally:
            self._depth -= 1
        return found if found.origin is not None else replace(found, origin=self.origin(node))

    def origin(self, node: ast.AST) -> Origin:
        """Where *node* stands."""
        return Origin(self._file.path, *self._file.span(node))

    # Literals and names.

    def _constant(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Constant)  # noqa: S101 - dispatched by type
        if node.value is ...:
            return Unknown()
        return Constant(node.value)

    def _name(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Name)  # noqa: S101 - dispatched by type
        local = self._locals.get(node.id)
        found = local if local is not None else self._names.look_up(node.id)
        return replace(found, origin=None) if isinstance(found, Sequence | Mapping) else found

    def _display(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.List | ast.Tuple | ast.Set)  # noqa: S101 - dispatched by type
        if len(node.elts) > _MAX_ITEMS:
            return Unknown()
        items: list[Value] = []
        for element in node.elts:
            if isinstance(element, ast.Starred):
                items += operations.spread(self.value(element.value))
            else:
                items.append(self.value(element))
        return Sequence(tuple(items), type(node).__name__.lower())

    def _dict(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Dict)  # noqa: S101 - dispatched by type
        if len(node.keys) > _MAX_ITEMS:
            return Unknown()
        mapping = Mapping(())
        for key, item in zip(node.keys, node.values, strict=True):
            value = self.value(item)
            if key is None:
                mapping = operations.merge(mapping, value)
                continue
            known = self.value(key)
            if isinstance(known, Constant):
                mapping = mapping.with_item(known, value)
            else:
                mapping = replace(mapping, complete=False)
        return mapping

    def _formatted(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.JoinedStr)  # noqa: S101 - dispatched by type
        pieces: list[str] = []
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            value = self.value(inner)
            if not isinstance(value, Constant) or (
                isinstance(part, ast.FormattedValue) and part.format_spec is not None
            ):
                return Unknown()
            pieces.append(str(value.value))
        return Constant("".join(pieces))

    # Operators.

    def _binary(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.BinOp)  # noqa: S101 - dispatched by type
        return operations.binary(node.op, self.value(node.left), self.value(node.right))

    def _unary(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.UnaryOp)  # noqa: S101 - dispatched by type
        return operations.unary(node.op, self.value(node.operand))

    def _boolean(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.BoolOp)  # noqa: S101 - dispatched by type
        stops_at = isinstance(node.op, ast.Or)
        result = self.value(node.values[0])
        for following in node.values[1:]:
            result = self._join(result, following, stops_at)
        return result

    def _join(self, left: Value, following: ast.expr, stops_at: bool) -> Value:
        known = truth(left)
        if known is not None:
            return left if known is stops_at else self.value(following)
        right = self.value(following)
        if isinstance(left, FromEnvironment):
            default = default_of(left)
            if isinstance(default, Missing):
                return left  # without the variable there is an error, not the other operand
            known = truth(default)
            if known is not None:
                return left if known is stops_at else FromEnvironment(left.name, right)
        return choose([left, right])

    def _conditional(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.IfExp)  # noqa: S101 - dispatched by type
        known = truth(self.value(node.test))
        if known is None:
            return choose([self.value(node.body), self.value(node.orelse)])
        return self.value(node.body if known else node.orelse)

    def _compare(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Compare)  # noqa: S101 - dispatched by type
        if len(node.ops) != 1:
            return Unknown()
        left, right, operator = self.value(node.left), self.value(node.comparators[0]), node.ops[0]
        if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, Name):
            held = Unknown() if right.dotted != "os.environ" else variables.is_set(left)
            if right.dotted == "sys.argv":
                held = Constant(False)  # a server in production is no management command
            return held if isinstance(operator, ast.In) else operations.unary(ast.Not(), held)
        return lift(left, lambda value: operations.compare(operator, value, right))

    # Attributes, items and calls.

    def _attribute(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Attribute)  # noqa: S101 - dispatched by type
        match self.value(node.value):
            case Module(path=path):
                return self._names.attribute(path, node.attr)
            case Name(dotted=dotted):
                return Name(f"{dotted}.{node.attr}")
            case Unknown() | Missing():
                return Unknown()
            case receiver:
                return Bound(receiver, node.attr)

    def _subscript(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Subscript)  # noqa: S101 - dispatched by type
        receiver = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = (node.slice.lower, node.slice.upper, node.slice.step)
            given = [self.value(bound) if bound is not None else None for bound in bounds]
            return lift(receiver, lambda value: operations.cut(value, given))
        key = self.value(node.slice)
        if isinstance(receiver, Name):
            is_environment = receiver.dotted == "os.environ"
            return variables.subscript_environment(key) if is_environment else Unknown()
        return lift(receiver, lambda value: operations.item(value, key))

    def _call(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.Call)  # noqa: S101 - dispatched by type
        function = self.value(node.func)
        if isinstance(function, Unknown):
            return Unknown()
        if any(isinstance(argument, ast.Starred) for argument in node.args) or any(
            keyword.arg is None for keyword in node.keywords
        ):
            if isinstance(function, Name) and function.dotted.endswith("Env"):
                return Reader()
            return Unknown()
        arguments = [self.value(argument) for argument in node.args]
        keywords = {keyword.arg or "": self.value(keyword.value) for keyword in node.keywords}
        match function:
            case Name(dotted=dotted) if dotted.startswith("builtins."):
                return operations.call_builtin(dotted[9:], arguments, keywords)
            case Name(dotted=dotted):
                return variables.call_by_name(dotted, arguments, keywords)
            case Reader():
                return variables.read(function, "", arguments, keywords)
            case Bound(receiver=Reader() as reader, method=method):
                return variables.read(reader, method, arguments, keywords)
            case Bound(receiver=receiver, method=method):
                return lift(
                    receiver, lambda value: operations.call_method(value, method, arguments)
                )
            case _:
                return Unknown()

    def _comprehension(self, node: ast.expr) -> Value:
        assert isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp)  # noqa: S101
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), is_async=0) as generator]:
                iterable = self.value(generator.iter)
                return lift(iterable, lambda value: self._each(node.elt, name, generator, value))
            case _:
                return Unknown()

    def _each(
        self, element: ast.expr, name: str, generator: ast.comprehension, iterable: Value
    ) -> Value:
        if not isinstance(iterable, Sequence):
            return Unknown()
        hidden = self._locals.get(name)
        items: list[Value] = []
        for item in iterable.items:
            self._locals[name] = Unknown() if isinstance(item, Spread) else item
            kept = {truth(self.value(test)) for test in generator.ifs}
            if False in kept:
                continue
            is_sure = None not in kept and not isinstance(item, Spread)
            items.append(self.value(element) if is_sure else Spread())
        self._locals.pop(name, None)  # never set where there are no items
        if hidden is not None:
            self._locals[name] = hidden
        return Sequence(tuple(items))
