"""Rows for every model of some apps: made up, always the same, each with relations of its own."""

import itertools
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction

_TO_ONE = (models.ForeignKey, models.OneToOneField)


def fill(labels: Iterable[str], rows: int, first: int = 0) -> None:
    """
    Make rows number *first* up to *first* + *rows* of each model, as far as they can be made.

    Row 7 of a model is related to row 7 of the others, so that no two share what they lead to. A
    model whose own rules refuse such rows stays without.
    """
    chosen = [model for label in labels for model in apps.get_app_config(label).get_models()]
    waiting = [model for model in chosen if not model._meta.proxy and model._meta.managed]
    made: dict[type[models.Model], list[models.Model]] = {}
    while waiting:
        ready = [model for model in waiting if not _needs(model) & set(waiting) - {model}]
        for model in ready or waiting[:1]:
            made[model] = _make(model, range(first, first + rows))
            waiting.remove(model)
    for model, instances in made.items():
        for number, instance in enumerate(instances):
            _relate(model, instance, number, made)


def _needs(model: type[models.Model]) -> set[type[models.Model]]:
    return {
        field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, _TO_ONE) and not field.null
    }


def _make(model: type[models.Model], numbers: Iterable[int]) -> list[models.Model]:
    instances: list[models.Model] = []
    for number in numbers:
        try:
            with transaction.atomic():
                instance = model(**_values(model, number))
                instance.save()
        except Exception:
            continue  # a model may have rules of its own, and raise what it likes
        instances.append(instance)
    return instances


def _values(model: type[models.Model], number: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and field.get_internal_type().endswith("AutoField"):
            continue
        if isinstance(field, _TO_ONE):
            related = _row(field.related_model, number)
            if not field.null or related is not None:
                values[field.name] = related
        elif field.unique or not (_has_default(field) or field.null):
            values[field.name] = _value(field, number)
    return values


def _has_default(field: Any) -> bool:
    return field.has_default() and field.get_default() is not None


def _row(model: type[models.Model], number: int) -> models.Model | None:
    rows = list(model._base_manager.order_by("pk")[number : number + 1])
    return rows[0] if rows else model._base_manager.order_by("pk").last()


def _value(field: Any, number: int) -> Any:
    start = datetime(2026, 3, 1, 9, tzinfo=UTC if settings.USE_TZ else None)
    moment = start + timedelta(hours=number)
    choices = [value for value, _ in field.flatchoices if value not in {None, ""}]
    if choices:
        return choices[0]
    match field.get_internal_type():
        case "BooleanField":
            return True
        case "DateTimeField":
            return moment
        case "DateField":
            return date(2026, 3, 1) + timedelta(days=number)
        case "TimeField":
            return time(9)
        case "DurationField":
            return timedelta(hours=1)
        case "DecimalField":
            return Decimal(number % 9 + 1)
        case "JSONField":
            return {}
        case "FloatField":
            return float(number)
        case kind if kind.endswith("IntegerField"):
            return number + 1
    word = f"{field.name}{number}"
    word += "@example.com" if isinstance(field, models.EmailField) else ""
    word = f"https://example.com/{word}" if isinstance(field, models.URLField) else word
    return word[-field.max_length :] if field.max_length else word


def _relate(
    model: type[models.Model],
    instance: models.Model,
    number: int,
    made: dict[type[models.Model], list[models.Model]],
) -> None:
    """Set the relations that were not there yet, and put two rows into each many-to-many."""
    for field in model._meta.concrete_fields:
        if not isinstance(field, _TO_ONE) or field.related_model is model:
            continue
        others = made.get(field.related_model, ())
        if number < len(others) and getattr(instance, field.attname) is None:
            _save(model, instance, field.attname, others[number].pk)
    for many in model._meta.many_to_many:
        others = made.get(many.related_model, [])
        if others and many.remote_field.through._meta.auto_created:
            pair = itertools.islice(itertools.cycle(others), number, number + 2)
            try:
                with transaction.atomic():
                    getattr(instance, many.name).add(*pair)
            except Exception:
                continue  # as above


def _save(model: type[models.Model], instance: models.Model, name: str, value: Any) -> None:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=instance.pk).update(**{name: value})
    except DatabaseError:
        return  # a constraint that excludes it
    setattr(instance, name, value)
