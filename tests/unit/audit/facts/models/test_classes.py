from praxis.audit.facts.models.model_index import Model, ModelIndex, Relation
from tests.audit_cases import audit_files, split_files

HEAD = "from django.db import models\n"
CASCADE = "on_delete=models.CASCADE"


def index_of(source: str, path: str = "shop/models.py") -> ModelIndex:
    return audit_files(split_files(source, path)).project.derive(ModelIndex)


def model_of(source: str, name: str, path: str = "shop/models.py") -> Model:
    model = index_of(source).model((path, name))
    assert model is not None
    return model


def relation_of(source: str, name: str, relation: str) -> Relation:
    return model_of(source, name).relations[relation]


def test_reads_forward_relations_with_their_targets():
    source = f"""{HEAD}
class Author(models.Model):
    pass

class Book(models.Model):
    author = models.ForeignKey(Author, {CASCADE})
    editor = models.ForeignKey("Author", null=True, {CASCADE})
    owner = models.ForeignKey("shop.Author", {CASCADE})
    parent = models.ForeignKey("self", {CASCADE}, to_field="code")
    lost = models.ForeignKey("nowhere.Thing", {CASCADE})
"""
    relations = model_of(source, "Book").relations
    author, book = ("shop/models.py", "Author"), ("shop/models.py", "Book")
    assert [relations[name].target for name in ("author", "editor", "owner", "parent", "lost")] == [
        author, author, author, book, None,
    ]  # fmt: skip
    assert [relations["author"].null, relations["editor"].null] == [False, True]
    assert not relations["parent"].key_is_pk


def test_reverse_relations_are_named_as_django_names_them():
    source = f"""{HEAD}
class Author(models.Model):
    pass

class Book(models.Model):
    author = models.ForeignKey(Author, {CASCADE})
    editor = models.ForeignKey(Author, {CASCADE}, related_name="edited")
    hidden = models.ForeignKey(Author, {CASCADE}, related_name="+")
    readers = models.ManyToManyField(Author, related_name="read")

class Profile(models.Model):
    author = models.OneToOneField(Author, {CASCADE})
"""
    relations = model_of(source, "Author").relations
    assert {name: relation.kind for name, relation in relations.items()} == {
        "book_set": "reverse",
        "edited": "reverse",
        "read": "many",
        "profile": "reverse_one",
    }
    assert relations["edited"].back == "editor"


def test_a_relation_of_an_abstract_base_is_one_of_each_model():
    source = f"""{HEAD}
class Owned(models.Model):
    owner = models.ForeignKey("Person", {CASCADE}, related_name="%(app_label)s_%(class)ss")

    class Meta:
        abstract = True

class Person(models.Model):
    pass

class Car(Owned):
    pass

class Boat(Owned):
    pass
"""
    assert set(model_of(source, "Person").relations) == {"shop_cars", "shop_boats"}
    assert relation_of(source, "Car", "owner").back == "shop_cars"


def test_default_related_name_of_meta_counts():
    source = f"""{HEAD}
class Person(models.Model):
    pass

class Car(models.Model):
    owner = models.ForeignKey(Person, {CASCADE})

    class Meta:
        default_related_name = "cars"
"""
    assert set(model_of(source, "Person").relations) == {"cars"}


def test_a_child_with_a_table_of_its_own_inherits_and_is_linked():
    source = f"""{HEAD}
class Place(models.Model):
    name = models.CharField(max_length=3)
    city = models.ForeignKey("City", {CASCADE})

class City(models.Model):
    pass

class Bar(Place):
    beer = models.BooleanField()
"""
    bar = model_of(source, "Bar")
    assert bar.parents == (("shop/models.py", "Place"),)
    assert set(bar.columns) >= {"name", "city", "beer"}
    assert bar.relations["place_ptr"].kind == "one"
    assert relation_of(source, "Place", "bar").kind == "reverse_one"
    assert set(model_of(source, "City").relations) == {"place_set"}


def test_a_proxy_shares_everything_and_has_no_parents():
    source = f"""{HEAD}
class Order(models.Model):
    name = models.CharField(max_length=3)

class Line(models.Model):
    order = models.ForeignKey(Order, {CASCADE})

class Paid(Order):
    class Meta:
        proxy = True
"""
    paid = model_of(source, "Paid")
    assert (paid.parents, paid.proxy) == ((), True)
    assert {"name"} <= set(paid.columns)
    assert "line_set" in paid.relations


def test_two_models_of_one_name_are_two_models():
    source = f"""# file: one/models.py
{HEAD}
class Item(models.Model):
    a = models.IntegerField()
# file: two/models.py
{HEAD}
class Item(models.Model):
    b = models.IntegerField()

class Use(models.Model):
    first = models.ForeignKey("one.Item", {CASCADE})
    second = models.ForeignKey("Item", {CASCADE})
"""
    index = index_of(source)
    use = index.model(("two/models.py", "Use"))
    assert use is not None
    assert use.relations["first"].target == ("one/models.py", "Item")
    assert use.relations["second"].target == ("two/models.py", "Item")


def test_names_are_followed_through_packages_star_imports_and_aliases():
    source = f"""# file: shop/__init__.py
# file: shop/models/__init__.py
from .order import *
from .line import Line as OrderLine
# file: shop/models/order.py
{HEAD}
class Order(models.Model):
    pass
# file: shop/models/line.py
from django.db.models import CASCADE, ForeignKey, Model

class Line(Model):
    order = ForeignKey("Order", CASCADE)
# file: shop/views.py
from shop import models as m
"""
    index = index_of(source)
    for dotted, found in (
        ("shop.models.Order", ("shop/models/order.py", "Order")),
        ("shop.models.OrderLine", ("shop/models/line.py", "Line")),
        (".models.Order", ("shop/models/order.py", "Order")),
    ):
        model = index.named(dotted, "shop/views.py")
        assert model is not None
        assert model.key == found
    line = index.model(("shop/models/line.py", "Line"))
    assert line is not None
    assert line.label == "shop"
    assert line.relations["order"].target == ("shop/models/order.py", "Order")


def test_the_label_of_an_app_config_counts():
    source = f"""# file: shop/apps.py
from django.apps import AppConfig

class Shop(AppConfig):
    name = "shop"
    label = "store"
# file: shop/models.py
{HEAD}
class Order(models.Model):
    pass
"""
    assert model_of(source, "Order").label == "store"


USER = f"""# file: people/models.py
from django.contrib.auth.models import AbstractUser

class Member(AbstractUser):
    pass
# file: shop/models.py
from django.conf import settings
{HEAD}
class Order(models.Model):
    member = models.ForeignKey(settings.AUTH_USER_MODEL, {CASCADE})
"""


def test_the_user_model_is_the_only_one_or_the_one_of_the_settings():
    member = ("people/models.py", "Member")
    assert relation_of(USER, "Order", "member").target == member
    other = USER.replace("class Member", "class Robot(AbstractUser):\n    pass\n\nclass Member")
    assert relation_of(other, "Order", "member").target is None
    chosen = f'{other}# file: site/settings.py\nAUTH_USER_MODEL = "people.Member"\n'
    assert relation_of(chosen, "Order", "member").target == member
    index = index_of(USER)
    assert index.user is not None
    assert "groups" in index.user.relations


def test_djangos_own_user_is_known():
    source = f"""from django.contrib.auth.models import User
{HEAD}
class Order(models.Model):
    user = models.ForeignKey(User, {CASCADE})
"""
    index = index_of(source)
    assert index.user is not None
    assert index.user.relations["order_set"].target == ("shop/models.py", "Order")


def test_known_bases_of_packages_make_models():
    source = f"""from mptt.models import MPTTModel, TreeForeignKey
from model_utils.models import TimeStampedModel
{HEAD}
class Node(MPTTModel):
    parent = TreeForeignKey("self", null=True, {CASCADE})

class Note(TimeStampedModel):
    text = models.TextField()
"""
    node, note = model_of(source, "Node"), model_of(source, "Note")
    assert node.relations["parent"].kind == "forward"
    assert (node.saves, node.complete) == (True, True)
    assert note.columns["modified"].auto_now


def test_a_copy_of_a_known_base_in_the_project_is_known_too():
    source = f"""{HEAD}
class SharedMemoryModel(models.Model):
    class Meta:
        abstract = True

class Room(SharedMemoryModel):
    pass
"""
    assert model_of(source, "Room").opaque
    assert not model_of(source, "SharedMemoryModel").opaque


def test_a_base_that_is_not_known_leaves_the_model_incomplete():
    source = f"""from elsewhere import Thing
{HEAD}
class Order(Thing):
    name = models.CharField(max_length=3)
"""
    order = model_of(source, "Order")
    assert (order.complete, order.saves) == (False, True)


def test_what_only_looks_like_a_model_is_none():
    source = """from django import forms
from rest_framework import serializers

class Form(forms.ModelForm):
    name = forms.CharField()

class Data(serializers.ModelSerializer):
    name = serializers.CharField()

class Plain:
    objects = []

class Loop(Loop):
    pass
"""
    assert not [key for key in index_of(source).models if key[0] == "shop/models.py"]


def test_a_fields_own_class_is_followed_to_djangos():
    source = f"""{HEAD}
class OwnerKey(models.ForeignKey):
    pass

class Slug(models.CharField):
    def pre_save(self, instance, add):
        return "x"

class Order(models.Model):
    owner = OwnerKey("self", {CASCADE})
    slug = Slug(max_length=3)
"""
    order = model_of(source, "Order")
    assert order.relations["owner"].kind == "forward"
    assert order.columns["slug"].sets_itself


def test_managers_and_what_their_methods_return():
    source = f"""{HEAD}
class Orders(models.QuerySet):
    def paid(self):
        return self.filter(paid=True)

    def mine(self, user):
        found = self.paid()
        if user:
            found = found.exclude(user=None)
        return found

    def loaded(self):
        return self.mine(None).select_related("user")

    def total(self):
        return self.aggregate(x=1)["x"]

    def pairs(self):
        return [1 for _ in self]

class Loading(models.Manager):
    def get_queryset(self):
        return super().get_queryset().prefetch_related("lines")

class Order(models.Model):
    objects = models.Manager.from_queryset(Orders)()
    plain = Orders.as_manager()
    loading = Loading()
"""
    order = model_of(source, "Order")
    assert order.default_manager == "objects"
    expected = {
        "paid": "same", "mine": "same", "loaded": "opaque", "total": "anything",
        "pairs": "anything",
    }  # fmt: skip
    assert order.managers["objects"].methods == expected
    assert order.managers["plain"].methods == expected
    assert [manager.loads for manager in order.managers.values()] == [False, False, True]


def test_models_without_a_manager_have_objects():
    source = f"""{HEAD}
class Order(models.Model):
    pass

class Line(models.Model):
    stock = models.Manager()

class Odd(models.Model):
    objects = make()
"""
    assert list(model_of(source, "Order").managers) == ["objects"]
    assert list(model_of(source, "Line").managers) == ["stock"]
    assert not model_of(source, "Odd").managers


def test_generic_relations_are_told_apart():
    source = f"""from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
{HEAD}
class Note(models.Model):
    content_type = models.ForeignKey("contenttypes.ContentType", {CASCADE})
    about = GenericForeignKey("content_type", "object_id")

class Order(models.Model):
    notes = GenericRelation(Note)
"""
    assert relation_of(source, "Note", "about").kind == "generic"
    assert relation_of(source, "Order", "notes").kind == "generic_many"


def test_a_field_that_a_child_takes_away_is_gone():
    source = f"""{HEAD}
class Base(models.Model):
    owner = models.ForeignKey("self", {CASCADE})
    name = models.CharField(max_length=3)

    class Meta:
        abstract = True

class Order(Base):
    owner = None
"""
    order = model_of(source, "Order")
    assert "owner" not in order.relations
    assert "name" in order.columns


def test_receivers_are_those_of_the_model_or_of_all():
    source = f"""from django.db.models.signals import post_save
from django.dispatch import receiver
{HEAD}
class Order(models.Model):
    pass

class Line(models.Model):
    pass

@receiver(post_save, sender=Order)
def heard(**kwargs):
    pass
"""
    index = index_of(source)
    order, line = index.models["shop/models.py", "Order"], index.models["shop/models.py", "Line"]
    assert index.has_receivers(order)
    assert not index.has_receivers(line)


def test_collects_what_is_loaded_eagerly():
    index = index_of('rows = Order.objects.select_related("a__b").filter(name="x")\n')
    assert index.eager == {"a__b"}


def test_looks_each_field_class_up_once_in_a_file_however_long_the_line_of_models(monkeypatch):
    asked: list[tuple[str, str]] = []
    look_up = ModelIndex._find_kind

    def counted(self: ModelIndex, asking: str, callee: str) -> tuple[str, bool]:
        asked.append((asking, callee))
        return look_up(self, asking, callee)

    monkeypatch.setattr(ModelIndex, "_find_kind", counted)
    count = 600
    models = "".join(
        f"class Link{number}(Link{number - 1}):\n"
        f"    value_{number} = models.CharField(max_length=9)\n"
        f"    other_{number} = models.ForeignKey(Link0, {CASCADE}, related_name='+')\n\n"
        for number in range(1, count)
    )
    first = "class Link0(models.Model):\n    value_0 = models.CharField(max_length=9)\n\n"
    last = model_of(f"{HEAD}{first}{models}", f"Link{count - 1}")
    assert len(last.columns) == 2 * count - 1
    assert last.relations[f"other_{count - 1}"].target == ("shop/models.py", "Link0")
    assert sorted(place for place in asked if place[0] == "shop/models.py") == [
        ("shop/models.py", "django.db.models.CharField"),
        ("shop/models.py", "django.db.models.ForeignKey"),
    ]


def test_a_field_of_a_base_is_looked_up_in_the_file_of_the_base():
    source = f"""# file: shop/base.py
from django.db import models
from shop.other import Target
class Field(models.CharField):
    def pre_save(self, instance, add):
        return ""
class Base(models.Model):
    code = Field(max_length=9)
    to = models.ForeignKey(Target, {CASCADE})
    class Meta:
        abstract = True
# file: shop/other.py
from django.db import models
class Target(models.Model):
    pass
# file: shop/models.py
from shop.base import Base
class Thing(Base):
    pass
"""
    model = model_of(source, "Thing")
    assert model.columns["code"].kind == "CharField"
    assert model.columns["code"].sets_itself
    assert model.relations["to"].target == ("shop/other.py", "Target")
