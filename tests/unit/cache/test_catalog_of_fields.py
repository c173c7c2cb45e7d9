import pytest
from django.contrib.postgres.fields import ArrayField, DateRangeField, HStoreField
from django.db import models

from praxis.cache.catalog import _form


class Shouting(models.CharField):
    """A field that may write what it likes."""

    def get_prep_value(self, value):
        return super().get_prep_value(value).upper()


class Renamed(models.CharField):
    """A field that changes nothing about its column."""


@pytest.mark.parametrize(
    "of", [ArrayField(models.IntegerField()), HStoreField(), DateRangeField(), Shouting()]
)
def test_of_what_is_not_plain_equality_is_the_databases_own_affair(of):
    assert _form(of, "postgresql") is None


def test_a_class_that_changes_nothing_of_its_column_is_plain():
    assert _form(Renamed(), "postgresql")("a") == "a"
