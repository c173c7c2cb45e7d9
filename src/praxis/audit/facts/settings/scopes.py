"""The names of a module while it is evaluated, and what is sure about them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from praxis.audit.facts.settings.values import Missing, Origin, Unknown, Value, choose


@dataclass(slots=True)
class Scope:
    """
    Names and values at one point of a module.

    Attributes:
        names: What each name was last bound to.
        shadowed: Names that something unknown may have bound anew since.
        opaque: Where something unknown may have bound any name: a star import of a module that
            is not in the project, ``exec``, a call that is handed ``globals()``.
        ended: Nothing follows: the module raised.
    """

    names: dict[str, Value] = field(default_factory=dict)
    shadowed: set[str] = field(default_factory=set)
    opaque: Origin | None = None
    ended: bool = False

    def copy(self) -> "Scope":
        """A scope of its own with the same content."""
        return Scope(dict(self.names), set(self.shadowed), self.opaque, self.ended)

    def become(self, other: "Scope") -> None:
        """Take over the content of *other*."""
        self.names, self.shadowed = other.names, other.shadowed
        self.opaque, self.ended = other.opaque, other.ended

    def bind(self, name: str, value: Value) -> None:
        """``name = value``."""
        self.names[name] = value
        self.shadowed.discard(name)

    def blur(self, origin: Origin) -> None:
        """Anything may have been bound here."""
        self.opaque = self.opaque or origin
        self.shadowed |= self.names.keys()

    def value(self, name: str) -> Value:
        """The value that *name* surely has; `Missing` where it surely has none."""
        if name in self.shadowed:
            return Unknown()
        return self.written(name)

    def written(self, name: str) -> Value:
        """The value that the project's own code gives *name*, whatever else may replace it."""
        found = self.names.get(name)
        if found is not None:
            return found
        return Unknown() if self.opaque is not None else Missing()


def join(scopes: Iterable[Scope]) -> Scope:
    """What holds whichever of *scopes* came about; one that ended does not count."""
    alive = [scope for scope in scopes if not scope.ended]
    if not alive:
        return Scope(ended=True)
    if len(alive) == 1:
        return alive[0]
    joined = Scope()
    for name in dict.fromkeys(name for scope in alive for name in scope.names):
        found = [scope.names.get(name, Missing()) for scope in alive]
        first = next(value for value in found if not isinstance(value, Missing))
        value = choose(found)
        joined.names[name] = first if value == first else value
    joined.shadowed = set().union(*(scope.shadowed for scope in alive))
    joined.opaque = next((scope.opaque for scope in alive if scope.opaque is not None), None)
    return joined
