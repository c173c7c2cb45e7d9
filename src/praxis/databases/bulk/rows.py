"""Rows of any sort, as values for columns or as objects."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import DateField, Field, FloatField, Model, TimeField
from django.db.models.expressions import DatabaseDefault

from praxis.databases.bulk.csv_rows import CsvRows
from praxis.databases.bulk.target import Target
from praxis.databases.bulk.values import cell_reader, is_djangos, preparer
from praxis.errors import BulkLoadError

#: The fields of a row and its values, in the same order. Rows alike have the same list of fields.
Valued = tuple[Sequence[Any], Sequence[Any]]
#: What a value that does not fit raises.
UNFIT = (ValueError, TypeError, ArithmeticError, ValidationError)
#: How many invalid rows a message tells of.
TOLD = 20


class Rows:
    """
    The rows to load, counted from 1.

    Args:
        target: Where they go.
        rows: Objects of the model, dicts, tuples or `CsvRows`.
        names: The fields of tuples.
        whole: Whether fields that a row does not name get what a new object has.

    Attributes:
        given: How many were read.
        has_pks: Whether one had its primary key with it.
        named: The fields that the rows say something about; the others get defaults.
    """

    def __init__(
        self,
        target: Target,
        rows: Iterable[Any],
        names: Sequence[str] | None,
        *,
        whole: bool = True,
        only: Sequence[Any] = (),
    ) -> None:
        if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Iterable):
            kind = type(rows).__name__
            hint = " CSV goes into CsvRows(…)." if isinstance(rows, str) else ""
            raise BulkLoadError(f"rows must be an iterable of rows, not {kind}.{hint}")
        self.target = target
        self.given = 0
        self.has_pks = False
        self.named: Sequence[Any] = ()
        self._rows = rows
        self._whole = whole
        self._only = list(only)
        self._is_numbered = target.has_automatic_pk
        self._with_db_default = [field for field in target.fields if field.has_db_default()]
        self._csv = isinstance(rows, CsvRows)
        chosen = rows.fields if isinstance(rows, CsvRows) else names
        self._fields = target.chosen(chosen, what="fields") if chosen is not None else None
        self._plans: dict[Any, Callable[[Any], Valued]] = {}

    def valued(self, connection: Any) -> Iterator[Valued]:
        """Yield values that are ready for COPY."""
        plans = self._plans
        for row in self._rows:
            self.given += 1
            key = self._sort_of(row)
            plan = plans.get(key)
            if plan is None:
                plan = plans[key] = self._plan(row, connection)
            try:
                yield plan(row)
            except BulkLoadError:
                raise
            except UNFIT as error:
                raise self._unfit(row, connection, error) from error

    def validated(self, connection: Any) -> Iterator[Valued]:
        """Yield values for COPY of objects that are valid; errors as of `objects`."""
        plans: dict[Any, Callable[[Any], Valued]] = {}
        for made in self.objects(validate=True):
            key = self._lacking(made)
            plan = plans.get(key)
            if plan is None:
                plan = plans[key] = self._plan_of_objects(made, connection)
            try:
                yield plan(made)
            except UNFIT as error:
                raise self._told(error) from error

    def objects(self, *, validate: bool) -> Iterator[Any]:
        """
        Yield objects of the model.

        Raises:
            BulkLoadError: for one that does not fit; where *validate* says so after all were
                looked at, or twenty that are invalid.
        """
        makers: dict[Any, Callable[[Any], Any]] = {}
        floats = [field.attname for field in self.target.fields if isinstance(field, FloatField)]
        wrong: list[tuple[int, str]] = []
        for row in self._rows:
            self.given += 1
            key = self._sort_of(row)
            make = makers.get(key)
            if make is None:
                make = makers[key] = self._maker(row)
            try:
                made = make(row)
            except UNFIT as error:
                told = self._unfit(row, None, error) if self._csv else self._told(error)
                raise told from error
            for name in floats:
                if (value := getattr(made, name)) is not None and value != value:
                    raise self._told(ValueError("NaN is no number"), name)
            if validate and (errors := _errors_of(made)):
                wrong.append((self.given, errors))
                if len(wrong) == TOLD:
                    break
            if not wrong:
                yield made
        if wrong:
            lines = "\n".join(f"Row {number:,}: {errors}" for number, errors in wrong)
            many = len(wrong)
            count = f"the first {many}" if many == TOLD else many
            raise BulkLoadError(f"Invalid rows ({count}):\n{lines}", row=wrong[0][0])

    def _sort_of(self, row: Any) -> Any:
        """What rows that are read in the same way have in common."""
        if isinstance(row, Model):
            return self._lacking(row)
        if isinstance(row, dict):
            return tuple(row)
        return len(row) if isinstance(row, tuple | list) else type(row)

    def _lacking(self, row: Any) -> tuple[Any, ...]:
        """What the database is to fill in an object: its number, and its own defaults."""
        if not isinstance(row, self.target.model) and (
            row._meta.concrete_model is not self.target.model._meta.concrete_model
        ):
            self._refuse(row)
        found = [
            field
            for field in self._with_db_default
            if isinstance(getattr(row, field.attname), DatabaseDefault)
        ]
        if self._is_numbered and getattr(row, self.target.pk.attname) is None:
            found.append(self.target.pk)
        return tuple(found)

    def _plan(self, row: Any, connection: Any) -> Callable[[Any], Valued]:
        if isinstance(row, Model):
            return self._plan_of_objects(row, connection)
        given = self._given_by(row)
        rest = self._defaults(given, connection) if self._whole else []
        fields = [*given, *(field for field, _ in rest)]
        makers = [make for _, make in rest]
        read: Any = cell_reader if self._csv else preparer
        prepare = [read(field, connection) for field in given]
        names = list(row) if isinstance(row, dict) else None

        def plan(row: Any) -> Valued:
            cells = row.values() if names is not None else row
            values = [each(value) for each, value in zip(prepare, cells, strict=True)]
            if makers:
                values += [make() for make in makers]
            return fields, values

        return plan

    def _plan_of_objects(self, row: Any, connection: Any) -> Callable[[Any], Valued]:
        lacking = self._lacking(row)
        fields = self._only or [each for each in self.target.fields if each not in lacking]
        self.has_pks = self.has_pks or self.target.pk in fields
        self.named = self.named or fields
        # those whose value is just read come first, all at once
        fields = sorted(fields, key=_is_asked)
        prepare = [preparer(field, connection) for field in fields]
        asked = [field.pre_save for field in fields if _is_asked(field)]
        names = [field.attname for field in fields if not _is_asked(field)]
        get: Any = attrgetter(*names) if names else lambda row: ()  # noqa: ARG005 - none is read
        if len(names) == 1:  # of one name it gives no tuple
            get = lambda row: (getattr(row, names[0]),)  # noqa: E731 - as above

        def plan(row: Any) -> Valued:
            values = (*get(row), *(read(row, True) for read in asked)) if asked else get(row)
            return fields, [each(value) for each, value in zip(prepare, values, strict=True)]

        return plan

    def _given_by(self, row: Any) -> list[Any]:
        """The fields that rows such as this one fill."""
        if isinstance(row, dict):
            given = [self.target.field(name, row=self.given) for name in row]
            if len({id(field) for field in given}) < len(given):
                raise BulkLoadError(f"Row {self.given:,} names a field twice.", row=self.given)
        elif isinstance(row, tuple | list):
            if self._fields is None:
                raise BulkLoadError("Rows are tuples: say what is in them with fields=[…].")
            if len(row) != len(self._fields):
                raise BulkLoadError(
                    f"Row {self.given:,} has {len(row)} values, and there are "
                    f"{len(self._fields)} fields.",
                    row=self.given,
                )
            given = self._fields
        else:
            self._refuse(row)
        if self._only and set(given) != set(self._only):
            lacking = sorted(each.name for each in set(self._only) - set(given))
            surplus = sorted(each.name for each in set(given) - set(self._only))
            raise BulkLoadError(
                f"Row {self.given:,} must have the fields "
                f"{', '.join(each.name for each in self._only)}; it lacks "
                f"{', '.join(lacking) or 'none'}, and has {', '.join(surplus) or 'none'} too many.",
                row=self.given,
            )
        self.has_pks = self.has_pks or self.target.pk in given
        self.named = given
        return given

    def _defaults(self, given: Sequence[Any], connection: Any) -> list[tuple[Any, Any]]:
        """What makes the values of fields that a row does not name."""
        found = []
        blank = self.target.model()
        for field in self.target.fields:
            if field in given or field.has_db_default():
                continue
            if field is self.target.pk and self.target.has_automatic_pk:
                continue
            prepare = preparer(field, connection)
            if _is_asked(field) and not field.has_default():
                moment = field.pre_save(blank, True)  # auto_now: the same for all
                found.append((field, _always(prepare(moment))))
            elif field.has_default() and callable(field.default):
                found.append((field, _each_time(field.get_default, prepare)))
            else:
                value = field.get_default()
                if value is None and not field.null:
                    raise BulkLoadError(
                        f"Row {self.given:,} has no {field.name!r}, which has no default.",
                        row=self.given,
                    )
                if value is not None:
                    found.append((field, _always(prepare(value))))
        return found

    def _maker(self, row: Any) -> Callable[[Any], Any]:
        """What makes an object of a row."""
        if isinstance(row, Model):
            self.has_pks = self.has_pks or row.pk is not None
            lacking = self._lacking(row)
            self.named = [each for each in self.target.fields if each not in lacking]
            return lambda row: row
        given = self._given_by(row)
        model = self.target.model
        is_dict = isinstance(row, dict)
        if self._csv:
            readers = [(each.attname, cell_reader(each, None)) for each in given]
            return lambda row: model(
                **{name: read(cell) for (name, read), cell in zip(readers, row, strict=True)}
            )

        def make(row: Any) -> Any:
            cells = row.values() if is_dict else row
            return model(
                **{
                    each.name if isinstance(value, Model) else each.attname: value
                    for each, value in zip(given, cells, strict=True)
                }
            )

        return make

    def _refuse(self, row: Any) -> Any:
        raise BulkLoadError(
            f"Row {self.given:,} is a {type(row).__name__}: rows are objects of "
            f"{self.target.label}, dicts, tuples or CsvRows.",
            row=self.given,
        )

    def _unfit(self, row: Any, connection: Any, error: Exception) -> BulkLoadError:
        """Say which value it was."""
        if isinstance(row, Model):
            for field in self.target.fields:
                try:
                    preparer(field, connection)(getattr(row, field.attname))
                except UNFIT as again:
                    return self._told(again, field.name)
            return self._told(error)
        cells = row.values() if isinstance(row, dict) else row
        read: Any = cell_reader if self._csv else preparer
        for field, cell in zip(self._given_by(row), cells, strict=True):
            try:
                read(field, connection)(cell)
            except UNFIT as again:
                return self._told(again, field.name)
        return self._told(error)

    def _told(self, error: Exception, name: str = "") -> BulkLoadError:
        said = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        where = f"{name}: " if name else ""
        return BulkLoadError(f"Row {self.given:,}: {where}{said}", row=self.given)


def _is_asked(field: Any) -> bool:
    """Whether the field makes the value of a new object, as files and ``auto_now`` do."""
    if isinstance(field, DateField | TimeField) and is_djangos(field):
        return field.auto_now or field.auto_now_add
    return type(field).pre_save is not Field.pre_save


def _always(value: Any) -> Callable[[], Any]:
    return lambda: value


def _each_time(make: Callable[[], Any], prepare: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: prepare(make())


def _errors_of(made: Any) -> str:
    """What is invalid in an object; "" if nothing is."""
    try:
        made.clean_fields(exclude={made._meta.pk.name} if made.pk is None else None)
        made.clean()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            return "; ".join(error.messages)
        return "; ".join(
            f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
        )
    return ""
