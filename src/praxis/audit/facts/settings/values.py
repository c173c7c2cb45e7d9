"""
What an expression of a settings module can be worth, without running it.

Values are immutable: a list that is appended to is a new value. Two values are equal if they
are worth the same, wherever they were written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

V = TypeVar("V", bound="Value")

#: More alternatives than this say nothing: the value is unknown.
MAX_ALTERNATIVES = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """The characters *start* to *end* of the file at *path*."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Value:
    """
    The base of all values.

    *origin* is the statement that bound the value to its name; for the items of a list or the
    default of an environment variable, the expression.
    """

    origin: Origin | None = field(default=None, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """It cannot be known without running the project."""


@dataclass(frozen=True, slots=True)
class Missing(Value):
    """Not set at all, so that Django's default holds."""


@dataclass(frozen=True, slots=True)
class Constant(Value):
    """A string, number, boolean, bytes or None."""

    value: str | bytes | int | float | complex | bool | None

    def __eq__(self, other: object) -> bool:
        # 1 == True, but DEBUG = 1 and DEBUG = True are not written alike
        return (
            isinstance(other, Constant)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Sequence(Value):
    """A list, tuple or set; an item may be a `Spread` of unknown length."""

    items: tuple[Value, ...]
    kind: str = field(default="list", compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether it is known how many items there are."""
        return not any(isinstance(item, Spread) for item in self.items)


@dataclass(frozen=True, slots=True)
class Spread(Value):
    """Some items of a sequence, nobody knows how many."""


@dataclass(frozen=True, slots=True)
class Mapping(Value):
    """A dictionary with constant keys; not *complete* if there may be others."""

    items: tuple[tuple[Constant, Value], ...]
    complete: bool = True

    def get(self, key: object) -> Value:
        """The value at *key*: `Missing` only where that is sure."""
        wanted = Constant(key) if isinstance(key, str | int) else key
        for known, value in self.items:
            if known == wanted:
                return value
        return Missing() if self.complete else Unknown()

    def with_item(self, key: Constant, value: Value) -> "Mapping":
        """This and one more."""
        kept = tuple(item for item in self.items if item[0] != key)
        return replace(self, items=(*kept, (key, value)))


@dataclass(frozen=True, slots=True)
class FromEnvironment(Value):
    """
    Read from the environment variable *name*.

    *default* is what it is worth where the variable is not set; `Missing` if that is an error.
    """

    name: str
    default: Value


@dataclass(frozen=True, slots=True)
class Choice(Value):
    """One of several, by a condition that is not known."""

    alternatives: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Module(Value):
    """A module of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class Name(Value):
    """Something of another package, by its dotted name."""

    dotted: str


@dataclass(frozen=True, slots=True)
class Reader(Value):
    """What reads the environment when called: an ``Env()`` with its schema of defaults."""

    schema: tuple[tuple[str, Value], ...] = ()

    def default(self, name: str) -> Value:
        """What the schema says for a variable."""
        return dict(self.schema).get(name, Missing())


@dataclass(frozen=True, slots=True)
class Bound(Value):
    """A method of a value, not called yet."""

    receiver: Value
    method: str


def choose(values: Iterator[Value] | tuple[Value, ...] | list[Value]) -> Value:
    """One of *values*: the value itself where they are all alike."""
    alternatives: list[Value] = []
    for value in values:
        for alternative in value.alternatives if isinstance(value, Choice) else (value,):
            if isinstance(alternative, Unknown):
                return Unknown(origin=alternative.origin)
            if alternative not in alternatives:
                alternatives.append(alternative)
    if len(alternatives) > MAX_ALTERNATIVES:
        return Unknown()
    if len(alternatives) == 1:
        return alternatives[0]
    return Choice(tuple(alternatives)) if alternatives else Unknown()


def alternatives_of(value: Value) -> tuple[Value, ...]:
    """The values that it may have; itself where there is no choice."""
    return value.alternatives if isinstance(value, Choice) else (value,)


def lift(value: Value, function: Callable[[Value], Value]) -> Value:
    """
    Apply *function* to what *value* may be.

    What is done to a value from the environment is done to its default, and it stays a value
    from the environment.
    """
    match value:
        case Unknown():
            return Unknown()
        case Choice(alternatives=alternatives):
            return choose([lift(alternative, function) for alternative in alternatives])
        case FromEnvironment(name=name, default=default):
            if isinstance(default, Missing):
                return value
            return FromEnvironment(name, lift(default, function))
        case _:
            return function(value)


def truth(value: Value) -> bool | None:
    """Whether the value counts as true; None where that is not known."""
    match value:
        case Constant(value=constant):
            return bool(constant)
        case Sequence(items=items):
            known = [item for item in items if not isinstance(item, Spread)]
            return bool(known) if known or value.is_complete else None
        case Mapping(items=pairs, complete=complete):
            return bool(pairs) if pairs or complete else None
        case Choice(alternatives=alternatives):
            truths = {truth(alternative) for alternative in alternatives}
            return truths.pop() if len(truths) == 1 else None
        case Module() | Reader():
            return True
        case _:
            return None


def default_of(value: Value) -> Value:
    """What holds where the environment says nothing; the value itself if it asks nothing."""
    while isinstance(value, FromEnvironment):
        value = value.default
    return value
