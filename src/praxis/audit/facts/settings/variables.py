"""
The ways in which settings read the environment: ``os``, django-environ, environs, decouple,
django-configurations.
"""

from collections.abc import Mapping as Pairs
from collections.abc import Sequence as Values

from praxis.audit.facts.settings.values import (
    Constant,
    FromEnvironment,
    Mapping,
    Missing,
    Name,
    Reader,
    Sequence,
    Unknown,
    Value,
    lift,
)

_TRUE = frozenset({"true", "1", "yes", "y", "on", "t", "ok"})
_FALSE = frozenset({"false", "0", "no", "n", "off", "f", ""})
_READER_CLASSES = frozenset({
    "environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv",
    "decouple.AutoConfig", "decouple.Config",
})  # fmt: skip
_OS_GETTERS = frozenset({"os.environ.get", "os.getenv", "os.environ.setdefault", "os.environ.pop"})


def call_by_name(dotted: str, arguments: Values[Value], keywords: Pairs[str, Value]) -> Value:
    """What a call of something of another package reads; Unknown for what reads nothing."""
    if dotted in _OS_GETTERS:
        default = keywords.get("default", Constant(None))
        return _read(arguments, arguments[1] if len(arguments) > 1 else default)
    if dotted in _READER_CLASSES:
        return Reader(tuple((name, _schema_default(value)) for name, value in keywords.items()))
    if dotted == "decouple.config":
        return read(Reader(), "", arguments, keywords)
    if dotted.startswith("configurations.values."):
        return _configured(dotted.rpartition(".")[2], arguments, keywords)
    if dotted.endswith(".strtobool") and arguments:
        return lift(arguments[0], to_bool)
    return Unknown()


def read(
    reader: Reader, method: str, arguments: Values[Value], keywords: Pairs[str, Value]
) -> Value:
    """``env("X")``, ``env.bool("X", False)``, ``config("X", default=False, cast=bool)``."""
    match arguments:
        case [Constant(value=str(variable)), *rest]:
            pass
        case _:
            return Unknown()
    cast = method
    default = reader.default(variable)
    for given in rest:
        if isinstance(given, Name):
            cast = given.dotted.rpartition(".")[2]
        else:
            default = given
    default = keywords.get("default", default)
    match keywords.get("cast"):
        case None:
            pass
        case Name(dotted=dotted):
            cast = dotted.rpartition(".")[2]
        case Mapping() | Sequence():
            cast = "list"
        case _:
            cast = "unknown"
    return FromEnvironment(variable, lift(default, lambda value: _cast(value, cast)))


def subscript_environment(key: Value) -> Value:
    """``os.environ["X"]``: an error where it is not set."""
    return _read([key], Missing())


def is_set(key: Value) -> Value:
    """``"X" in os.environ``."""
    return _read([key], Constant(False))


def to_bool(value: Value) -> Value:
    """A string as the usual readers take it; anything else by its truth."""
    match value:
        case Constant(value=str(text)):
            word = text.strip().lower()
            if word in _TRUE | _FALSE:
                return Constant(word in _TRUE, origin=value.origin)
            return Unknown()
        case Constant(value=constant):
            return Constant(bool(constant), origin=value.origin)
        case _:
            return Unknown()


def _read(arguments: Values[Value], default: Value) -> Value:
    match arguments:
        case [Constant(value=str(variable)), *_]:
            return FromEnvironment(variable, default)
        case _:
            return Unknown()


def _schema_default(value: Value) -> Value:
    match value:
        case Sequence(items=(Name(dotted=cast), default)):
            return _cast(default, cast.rpartition(".")[2])
        case _:
            return Missing()


def _cast(value: Value, kind: str) -> Value:
    match kind.lower(), value:
        case ("bool" | "boolean", Constant(value=constant)) if constant is not None:
            return to_bool(value)
        case (
            ("list" | "tuple" | "set" | "csv" | "commalist"),
            Constant(value=str(text)),
        ):
            parts = tuple(Constant(part.strip()) for part in text.split(",") if part.strip())
            return Sequence(parts, origin=value.origin)
        case ("unknown", _):
            return Unknown()
        case _:
            return value


def _configured(kind: str, arguments: Values[Value], keywords: Pairs[str, Value]) -> Value:
    if kind == "SecretValue":
        return FromEnvironment("", Missing())
    if not kind.endswith("Value"):
        return Unknown()
    default = arguments[0] if arguments else keywords.get("default", Constant(None))
    cast = kind.removesuffix("Value")
    return FromEnvironment("", lift(default, lambda value: _cast(value, cast)))
