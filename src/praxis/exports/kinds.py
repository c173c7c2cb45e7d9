"""What a column holds, and whether PostgreSQL may write it itself."""

from enum import Enum, auto
from inspect import getattr_static
from typing import Any

from django.db.models import ForeignKey, JSONField
from django.db.models.expressions import BaseExpression, Col


class Kind(Enum):
    """What is alike in how it is written."""

    TEXT = auto()
    INTEGER = auto()
    FLOAT = auto()
    DECIMAL = auto()
    BOOLEAN = auto()
    DATE = auto()
    TIME = auto()
    DATETIME = auto()
    UUID = auto()
    ADDRESS = auto()
    BINARY = auto()
    JSON = auto()
    #: JSON that was never decoded.
    JSON_TEXT = auto()
    ARRAY = auto()
    #: Known to Python alone.
    OTHER = auto()


#: By ``get_internal_type()``: a subclass that is stored in its own way answers with its own name.
_KINDS = {
    "AutoField": Kind.INTEGER,
    "BigAutoField": Kind.INTEGER,
    "BigIntegerField": Kind.INTEGER,
    "BinaryField": Kind.BINARY,
    "BooleanField": Kind.BOOLEAN,
    "CharField": Kind.TEXT,
    "DateField": Kind.DATE,
    "DateTimeField": Kind.DATETIME,
    "DecimalField": Kind.DECIMAL,
    "EmailField": Kind.TEXT,
    "FileField": Kind.TEXT,
    "FilePathField": Kind.TEXT,
    "FloatField": Kind.FLOAT,
    "GenericIPAddressField": Kind.ADDRESS,
    "IntegerField": Kind.INTEGER,
    "JSONField": Kind.JSON,
    "PositiveBigIntegerField": Kind.INTEGER,
    "PositiveIntegerField": Kind.INTEGER,
    "PositiveSmallIntegerField": Kind.INTEGER,
    "SlugField": Kind.TEXT,
    "SmallAutoField": Kind.INTEGER,
    "SmallIntegerField": Kind.INTEGER,
    "TextField": Kind.TEXT,
    "TimeField": Kind.TIME,
    "URLField": Kind.TEXT,
    "UUIDField": Kind.UUID,
}
_IN_ARRAYS = frozenset({Kind.INTEGER, Kind.TEXT, Kind.BOOLEAN})


def field_of(expression: Any) -> Any:
    """The field whose values the expression has; of a foreign key that which it refers to."""
    field = getattr(expression, "_output_field_or_none", None)
    while isinstance(field, ForeignKey):
        field = field.target_field
    if field is not None and field.get_internal_type() == "GeneratedField":
        field = field.output_field
    return field


def kind_of(field: Any) -> Kind:
    """What the values of a field are."""
    if field is None:
        return Kind.OTHER
    if hasattr(field, "base_field"):  # of django.contrib.postgres, which needs psycopg
        return Kind.ARRAY if type(field).__name__ == "ArrayField" else Kind.OTHER
    kind = _KINDS.get(field.get_internal_type(), Kind.OTHER)
    if kind is Kind.JSON and not _is_plain_json(field):
        return Kind.OTHER
    return kind


def is_column(expression: Any) -> bool:
    """Whether it is a column of a table, whose type the field has chosen."""
    return isinstance(expression, Col)


def is_written_by_server(expression: Any, connection: Any) -> bool:
    """
    Whether the server's value is what Python would show: no code of Python stands between.

    ``convert_value`` of expressions for integers, floats and decimals is matched by a cast.
    """
    field = field_of(expression)
    kind = kind_of(field)
    if kind is Kind.OTHER or (kind is Kind.ARRAY and kind_of(_innermost(field)) not in _IN_ARRAYS):
        return False
    own = type(expression)
    is_converted = (
        getattr_static(own, "convert_value", None) is not BaseExpression.__dict__["convert_value"]
        or own.get_db_converters not in {BaseExpression.get_db_converters, Col.get_db_converters}
        or connection.ops.get_db_converters(expression)
    )
    if is_converted:
        return False
    sources = {id(each): each for each in (field, getattr(expression, "target", field))}
    return all(
        kind is Kind.JSON or not each.get_db_converters(connection) for each in sources.values()
    )


def _is_plain_json(field: Any) -> bool:
    """Whether what the column holds is the JSON that is meant."""
    return type(field).from_db_value is JSONField.from_db_value


def _innermost(field: Any) -> Any:
    """What an array of arrays is of."""
    while hasattr(field, "base_field"):
        field = field.base_field
    return field
