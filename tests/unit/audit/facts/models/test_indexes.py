import pytest

from praxis.audit.facts.models.indexes import ModelTable, Tables
from tests.audit_cases import audit_files

MODELS = """\
from django.db import models


class Base(models.Model):
    stamp = models.DateTimeField(db_index=True)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["stamp", "kind"])]


class Plain(Base):
    kind = models.CharField(max_length=9)


class Own(Base):
    kind = models.CharField(max_length=9)

    class Meta:
        unique_together = ("kind", "stamp")


class Extended(Base):
    kind = models.SlugField()

    class Meta(Base.Meta):
        abstract = False
        constraints = [*more()]


class Child(Plain):
    parent = models.ForeignKey(Own, models.CASCADE)
    only = models.OneToOneField(Own, on_delete=models.PROTECT, related_name="+")
    loose = models.ForeignKey(Own, on_delete=models.CASCADE, db_index=False, related_name="+")
    text = models.CharField(max_length=9, primary_key=True)
"""


@pytest.fixture(scope="module")
def tables() -> dict[str, ModelTable]:
    project = audit_files({"shop/models.py": MODELS}, ("MOD101",)).project
    return {table.model.name: table for table in project.derive(Tables)}


def indexes(table: ModelTable) -> list[tuple[str, tuple[str, ...]]]:
    return [(index.how, index.fields) for index in table.indexes()]


def test_a_model_without_meta_inherits_its_base_s(tables):
    assert indexes(tables["Plain"]) == [("db_index", ("stamp",)), ("Index", ("stamp", "kind"))]


def test_a_meta_of_its_own_hides_the_base_s(tables):
    assert indexes(tables["Own"]) == [
        ("db_index", ("stamp",)),
        ("unique_together", ("kind", "stamp")),
    ]
    assert not tables["Own"].open


def test_a_meta_that_extends_the_base_s_adds_to_it(tables):
    extended = tables["Extended"]
    assert ("Index", ("stamp", "kind")) in indexes(extended)
    assert ("db_index", ("kind",)) in indexes(extended)
    assert extended.open


def test_columns_of_a_concrete_parent_are_in_its_own_table(tables):
    assert indexes(tables["Child"]) == [
        ("foreign key", ("parent",)),
        ("unique", ("only",)),
        ("primary_key", ("text",)),
    ]


def test_cascades_are_those_that_say_so():
    project = audit_files({"shop/models.py": MODELS}, ("MOD101",)).project
    found = project.derive(Tables).cascades(("shop/models.py", "Child"))
    assert [relation.name for relation in found] == ["parent", "loose"]
