"""Objects that are made at once are the ones that Django makes; others are left to it."""

import functools

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.signals import post_init, pre_init
from django.test.utils import isolate_apps

from praxis.cache.outlines.instances import PlainModel, is_plain, with_plain_models


def made(model, from_db, values=None):
    names = [field.attname for field in model._meta.concrete_fields]
    values = tuple(range(len(names))) if values is None else values
    return from_db("other", names[: len(values)], values)


@pytest.mark.parametrize("model", [User, Permission, ContentType])
def test_an_object_is_as_django_makes_it(model):
    assert is_plain(model)
    ours, theirs = made(model, PlainModel(model).from_db), made(model, model.from_db)
    assert type(ours) is model
    state, expected = ours.__dict__.pop("_state"), theirs.__dict__.pop("_state")
    assert list(ours.__dict__.items()) == list(theirs.__dict__.items())
    assert state.fields_cache == expected.fields_cache  # which is made when it is asked for
    assert (type(state), state.__dict__) == (type(expected), expected.__dict__)
    assert state.fields_cache is not made(model, PlainModel(model).from_db)._state.fields_cache


def test_columns_that_were_left_out_are_deferred():
    found = made(Permission, PlainModel(Permission).from_db, values=(1, "name"))
    assert found.get_deferred_fields() == {"content_type_id", "codename"}


@pytest.mark.parametrize("signal", [pre_init, post_init])
@pytest.mark.parametrize("sender", [None, Permission])
def test_whoever_waits_for_objects_is_told(signal, sender):
    told = []

    def note(sender, **_):
        told.append(sender)

    plain = PlainModel(Permission)
    made(Permission, plain.from_db)
    signal.connect(note, sender=sender)
    try:
        made(Permission, plain.from_db)
    finally:
        signal.disconnect(note, sender=sender)
    made(Permission, plain.from_db)
    assert told == [Permission]


class OwnInit(models.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

    class Meta:
        abstract = True


class OwnFromDb(models.Model):
    @classmethod
    def from_db(cls, db, field_names, values):
        return super().from_db(db, field_names, values)

    class Meta:
        abstract = True


class OwnNew(models.Model):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

    class Meta:
        abstract = True


class OwnSet(models.Model):
    def __setattr__(self, name, value):
        super().__setattr__(name, value)

    class Meta:
        abstract = True


class Mixin:
    def __init__(self):
        self.mixed = True


class MixedIn(models.Model, Mixin):
    class Meta:
        abstract = True


class OwnAttribute(models.query_utils.DeferredAttribute):
    def __set__(self, instance, value):
        instance.__dict__[self.field.attname] = value + 1


class OwnField(models.IntegerField):
    descriptor_class = OwnAttribute


class OwnColumn(models.Model):
    number = OwnField()

    class Meta:
        abstract = True


class File(models.Model):
    file = models.FileField()

    class Meta:
        abstract = True


@pytest.mark.parametrize(
    "parent",
    [OwnInit, OwnFromDb, OwnNew, OwnSet, MixedIn, OwnColumn, File],
    ids=lambda p: p.__name__,
)
@isolate_apps("django.contrib.auth")
def test_a_model_with_a_way_of_its_own_is_left_to_django(parent):
    class Own(parent):
        class Meta:
            app_label = "auth"

    assert not is_plain(Own)
    info = {"model": Own, "related_klass_infos": [{"model": User}]}
    found = with_plain_models(info)
    assert found["model"] is Own
    assert found["related_klass_infos"][0]["model"].model is User
    assert info["related_klass_infos"] == [{"model": User}]


@isolate_apps("django.contrib.auth")
def test_a_generic_relation_is_as_plain_as_its_columns():
    class Note(models.Model):
        kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
        number = models.IntegerField()
        about = GenericForeignKey("kind", "number")

        class Meta:
            app_label = "auth"

    assert is_plain(Note)


@pytest.mark.parametrize("name", ["__init__", "from_db"])
def test_what_a_package_puts_in_djangos_place_is_seen(monkeypatch, name):
    original = models.Model.__dict__[name]
    plain = getattr(original, "__func__", original)

    @functools.wraps(plain)
    def wrapped(*args, **kwargs):
        return plain(*args, **kwargs)

    monkeypatch.setattr(models.Model, name, classmethod(wrapped) if name == "from_db" else wrapped)
    assert not is_plain(User)
