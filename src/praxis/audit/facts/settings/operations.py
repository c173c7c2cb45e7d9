"""Operators, built-in functions and methods on values."""

import ast
from collections.abc import Mapping as Pairs
from collections.abc import Sequence as Values
from dataclasses import replace

from praxis.audit.facts.settings.values import (
    Choice,
    Constant,
    FromEnvironment,
    Mapping,
    Missing,
    Sequence,
    Spread,
    Unknown,
    Value,
    choose,
    lift,
    truth,
)

#: Larger numbers and texts are no settings, and computing them may never end.
_MAX_NUMBER = 10**15
_MAX_CHARACTERS = 10_000


def spread(value: Value) -> list[Value]:
    """The items of ``*value``."""
    return list(value.items) if isinstance(value, Sequence) else [Spread(origin=value.origin)]


def merge(mapping: Mapping, other: Value) -> Mapping:
    """*mapping* updated by *other*."""
    if not isinstance(other, Mapping):
        # whatever is known of the one may be replaced by the other
        return Mapping((), complete=False)
    for key, value in other.items:
        mapping = mapping.with_item(key, value)
    if not other.complete:
        return replace(mapping, complete=False)
    return mapping


def binary(operator: ast.operator, left: Value, right: Value) -> Value:
    """``left operator right``."""
    if isinstance(operator, ast.Add) and (
        isinstance(left, Sequence) or isinstance(right, Sequence)
    ):
        if isinstance(left, Choice) or isinstance(right, Choice):
            return _add_choices(left, right)
        return Sequence(
            (*spread(left), *spread(right)), left.kind if isinstance(left, Sequence) else "list"
        )
    if isinstance(operator, ast.BitOr) and isinstance(left, Mapping):
        return merge(left, right)
    if isinstance(right, Constant):
        return lift(left, lambda value: _arithmetic(operator, value, right))
    if isinstance(operator, ast.Mod) and isinstance(right, Sequence | Mapping):
        return Unknown()
    if isinstance(left, Constant):
        return lift(right, lambda value: _arithmetic(operator, left, value))
    return Unknown()


def _add_choices(left: Value, right: Value) -> Value:
    lefts = left.alternatives if isinstance(left, Choice) else (left,)
    rights = right.alternatives if isinstance(right, Choice) else (right,)
    return choose([binary(ast.Add(), one, other) for one in lefts for other in rights])


def _arithmetic(operator: ast.operator, left: Value, right: Value) -> Value:
    if not isinstance(left, Constant) or not isinstance(right, Constant):
        return Unknown()
    match operator, left.value, right.value:
        case ast.Add(), str(one), str(other) if len(one) + len(other) < _MAX_CHARACTERS:
            return Constant(one + other)
        case ast.Mod(), str(one), str(other) if one.count("%") == 1 and "%s" in one:
            return Constant(one.replace("%s", other))
        case _, int() | float() as one, int() | float() as other:
            return _calculate(operator, one, other)
        case _:
            return Unknown()


def _calculate(operator: ast.operator, one: float, other: float) -> Value:
    if abs(one) > _MAX_NUMBER or abs(other) > _MAX_NUMBER:
        return Unknown()
    match operator:
        case ast.Add():
            return Constant(one + other)
        case ast.Sub():
            return Constant(one - other)
        case ast.Mult():
            return Constant(one * other)
        case ast.FloorDiv() if other:
            return Constant(one // other)
        case ast.Div() if other:
            return Constant(one / other)
        case _:
            return Unknown()


def unary(operator: ast.unaryop, operand: Value) -> Value:
    """``not operand``, ``-operand``."""
    if isinstance(operator, ast.Not):
        return lift(operand, _negated)
    if isinstance(operator, ast.USub):
        return lift(operand, lambda value: _arithmetic(ast.Sub(), Constant(0), value))
    return Unknown()


def _negated(value: Value) -> Value:
    known = truth(value)
    return Unknown() if known is None else Constant(not known)


def compare(operator: ast.cmpop, left: Value, right: Value) -> Value:
    """``left operator right`` for what has no conditions in it."""
    match operator, left, right:
        case ast.Eq() | ast.Is(), Constant(), Constant():
            return Constant(left.value == right.value)
        case ast.NotEq() | ast.IsNot(), Constant(), Constant():
            return Constant(left.value != right.value)
        case ast.In() | ast.NotIn(), Constant(), Sequence(items=items):
            if left in items:
                return Constant(isinstance(operator, ast.In))
            if all(isinstance(item, Constant) for item in items):
                return Constant(isinstance(operator, ast.NotIn))
            return Unknown()
        case ast.In() | ast.NotIn(), Constant(), Mapping(items=pairs, complete=complete):
            if any(key == left for key, _ in pairs):
                return Constant(isinstance(operator, ast.In))
            return Constant(isinstance(operator, ast.NotIn)) if complete else Unknown()
        case ast.In() | ast.NotIn(), Constant(value=str(part)), Constant(value=str(whole)):
            return Constant((part in whole) is isinstance(operator, ast.In))
        case ast.Gt(), Constant(value=int(one)), Constant(value=int(other)):
            return Constant(one > other)
        case ast.Lt(), Constant(value=int(one)), Constant(value=int(other)):
            return Constant(one < other)
        case _:
            return Unknown()


def item(value: Value, key: Value) -> Value:
    """``value[key]``."""
    match value, key:
        case Mapping(), Constant():
            found = value.get(key)
            return Unknown() if isinstance(found, Missing) else found
        case Sequence(items=items), Constant(value=int(index)) if value.is_complete:
            return items[index] if -len(items) <= index < len(items) else Unknown()
        case _:
            return Unknown()


def cut(value: Value, bounds: list[Value | None]) -> Value:
    """``value[a:b:c]``."""
    numbers: list[int | None] = []
    for bound in bounds:
        if isinstance(bound, Constant) and isinstance(bound.value, int):
            numbers.append(bound.value)
        elif bound is None:
            numbers.append(None)
        else:
            return Unknown()
    if isinstance(value, Sequence) and value.is_complete and numbers[2] != 0:
        return replace(value, items=value.items[slice(*numbers)], origin=None)
    return Unknown()


def call_builtin(name: str, arguments: Values[Value], keywords: Pairs[str, Value]) -> Value:
    """A built-in function by name."""
    if name == "dict":
        start = merge(Mapping(()), arguments[0]) if arguments else Mapping(())
        for key, value in keywords.items():
            start = start.with_item(Constant(key), value)
        return start
    if name in {"list", "tuple", "set", "frozenset"} and not arguments:
        return Sequence((), name)
    if len(arguments) != 1:
        return Unknown()
    match name:
        case "list" | "tuple":
            return lift(arguments[0], lambda value: _as_sequence(value, name))
        case "bool":
            return lift(arguments[0], lambda value: _negated(_negated(value)))
        case "int":
            return lift(arguments[0], _as_integer)
        case "str":
            return lift(arguments[0], _as_text)
        case _:
            return Unknown()


def _as_sequence(value: Value, kind: str) -> Value:
    return replace(value, kind=kind) if isinstance(value, Sequence) else Unknown()


def _as_integer(value: Value) -> Value:
    match value:
        case Constant(value=str(text)) if text.strip().lstrip("-").isdecimal() and len(text) < 15:
            return Constant(int(text))
        case Constant(value=bool() | int() | float() as number):
            return Constant(int(number)) if abs(number) < _MAX_NUMBER else Unknown()
        case _:
            return Unknown()


def _as_text(value: Value) -> Value:
    return Constant(str(value.value)) if isinstance(value, Constant) else Unknown()


def call_method(receiver: Value, method: str, arguments: Values[Value]) -> Value:
    """``receiver.method(*arguments)``, where it changes nothing."""
    match receiver:
        case Constant(value=str(text)):
            return _call_text(text, method, arguments)
        case Mapping():
            return _call_mapping(receiver, method, arguments)
        case Sequence(items=items) if method == "copy":
            return receiver
        case Sequence(items=items) if method == "index" and arguments:
            for position, found in enumerate(items):
                if isinstance(found, Spread):
                    return Unknown()
                if found == arguments[0]:
                    return Constant(position)
            return Unknown()
        case _:
            return Unknown()


_TEXT_METHODS = frozenset({
    "lower", "upper", "strip", "lstrip", "rstrip", "title", "split", "startswith", "endswith",
    "removeprefix", "removesuffix", "casefold", "capitalize", "splitlines",
})  # fmt: skip


def _call_text(text: str, method: str, arguments: Values[Value]) -> Value:
    constants = [argument.value for argument in arguments if isinstance(argument, Constant)]
    if method == "join" and arguments and isinstance(arguments[0], Sequence):
        parts = [part.value for part in arguments[0].items if isinstance(part, Constant)]
        if len(parts) != len(arguments[0].items):
            return Unknown()
        return Constant(text.join(str(part) for part in parts))
    if method not in _TEXT_METHODS or len(constants) != len(arguments):
        return Unknown()
    if len(text) > _MAX_CHARACTERS:
        return Unknown()
    try:
        result = getattr(text, method)(*constants)
    except (TypeError, ValueError):
        return Unknown()  # the project's own mistake, and not for this to tell
    if isinstance(result, list):
        return Sequence(tuple(Constant(part) for part in result))
    return Constant(result) if isinstance(result, str | bool) else Unknown()


def _call_mapping(receiver: Mapping, method: str, arguments: Values[Value]) -> Value:
    match method, arguments:
        case "copy", []:
            return receiver
        case "get", [Constant() as key, *rest]:
            found = receiver.get(key)
            if isinstance(found, Missing):
                return rest[0] if rest else Constant(None)
            return found
        case _:
            return Unknown()


def append(value: Value, method: str, arguments: Values[Value]) -> Value:
    """What a list or dictionary is after ``append``, ``insert`` and the like."""
    if isinstance(value, Choice):
        return choose([append(each, method, arguments) for each in value.alternatives])
    if isinstance(value, Sequence):
        return _changed_sequence(value, method, arguments)
    if isinstance(value, Mapping):
        return _changed_mapping(value, method, arguments)
    if isinstance(value, FromEnvironment):
        return FromEnvironment(value.name, append(value.default, method, arguments))
    return Unknown()


def _changed_sequence(value: Sequence, method: str, arguments: Values[Value]) -> Value:
    items = value.items
    match method, arguments:
        case (("append" | "add"), [added]):
            return replace(value, items=(*items, added))
        case (("extend" | "update"), [added]):
            return replace(value, items=(*items, *spread(added)))
        case "insert", [Constant(value=int(index)), added]:
            before = items[:index]
            if any(isinstance(item, Spread) for item in before) or index < 0:
                return _scattered(value, added)
            return replace(value, items=(*before, added, *items[index:]))
        case "insert", [_, added]:
            return _scattered(value, added)
        case (("remove" | "discard"), [Constant() as gone]):
            if gone not in items:
                return value
            position = items.index(gone)
            return replace(value, items=items[:position] + items[position + 1 :])
        case (("sort" | "index" | "count" | "copy"), _):
            return value if method != "sort" else Unknown()
        case _:
            return Unknown()


def _scattered(value: Sequence, added: Value) -> Value:
    """*added* stands somewhere: the order of the others is still known."""
    del added  # its position is not known, and nothing may be said of it
    items: list[Value] = [Spread()]
    for known in value.items:
        items += [known, Spread()]
    return replace(value, items=tuple(items))


def _changed_mapping(value: Mapping, method: str, arguments: Values[Value]) -> Value:
    match method, arguments:
        case "update", [other]:
            return merge(value, other)
        case "setdefault", [Constant() as key, *rest]:
            if isinstance(value.get(key), Missing):
                return value.with_item(key, rest[0] if rest else Constant(None))
            return value
        case "pop", [Constant() as key, *_]:
            kept = tuple(pair for pair in value.items if pair[0] != key)
            return replace(value, items=kept)
        case (("get" | "keys" | "items" | "values" | "copy"), _):
            return value
        case _:
            return Unknown()
