"""A query whose text is known is what it would have been compiled to."""

import contextlib
import random

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import EmptyResultSet, FieldError, ObjectDoesNotExist
from django.db import NotSupportedError, connections
from django.db.backends.postgresql.base import DatabaseWrapper as PostgreSQL
from django.db.models import Avg, CharField, Count, F, FloatField, Max, Q, Sum, Value
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.constants import MULTI

from praxis.cache.catalog import catalog
from praxis.cache.hooks.texts import MAX_REMEMBERED, Texts
from praxis.cache.outlines import outline as outlines
from tests.unit.cache.hooks.querysets import Querysets, described

ACTS = 2000


class Held:
    """Compiles each query that is asked both ways, and counts how often the text was known."""

    def __init__(self, monkeypatch, connection):
        self.texts = Texts(connection.vendor, catalog(connection.vendor), {}, b"")
        self.vendor = connection.vendor
        self.known = self.asked = 0
        self.differences = []
        held = self

        def execute_sql(compiler, result_type=MULTI, *args, **options):
            return held._compare(compiler, result_type)

        monkeypatch.setattr(SQLCompiler, "execute_sql", execute_sql)

    def _compare(self, compiler, result_type):
        again = compiler.query.clone().get_compiler("default", elide_empty=compiler.elide_empty)
        expected = _compiled(again, again.as_sql)
        original, compiled = compiler.as_sql, []
        compiler.as_sql = lambda: compiled.append(1) or original()
        found = _compiled(compiler, lambda: self.texts.compiled(compiler, verify_share=0.0))
        self.asked += 1
        self.known += not compiled
        if found != expected:
            self.differences.append((expected, found))
        if compiler.select is None:  # it could not be compiled
            raise ObjectDoesNotExist
        return iter([]) if result_type is MULTI else None

    def ask(self, act):
        with contextlib.suppress(ObjectDoesNotExist):
            act()


def _compiled(compiler, act):
    try:
        sql, params = act()
    except (EmptyResultSet, FieldError, NotSupportedError) as error:
        return type(error), str(error)
    return sql, [(type(one), one) for one in params], list(described(compiler))


@pytest.fixture(params=["sqlite", "postgresql"])
def held(request, monkeypatch):
    original = connections["default"]
    if request.param == "postgresql":
        connections["default"] = PostgreSQL({**original.settings_dict, "NAME": "none"}, "default")
    # SQLite is asked for it in newer versions of Django
    monkeypatch.setattr(type(connections["default"].features), "max_query_params", 999)
    yield Held(monkeypatch, connections["default"])
    connections["default"] = original


def test_a_known_text_is_what_compiling_gives(held):
    for act in Querysets(random.Random(20261128)).acts(ACTS):
        held.ask(act)
    assert not held.differences, held.differences[0]
    assert held.known > held.asked / 7


def counted(queryset):
    """How many rows there are of several: selected from another query."""
    return Asked(queryset, queryset.count)


def summed(queryset, what):
    return Asked(queryset, lambda: queryset.aggregate(n=what))


class Asked:
    """Asks for something else than rows."""

    def __init__(self, queryset, act):
        self.queryset, self._act = queryset, act

    def all(self):
        return self

    def __iter__(self):
        self._act()
        return iter(())


USERS, PERMISSIONS = User.objects.order_by(), Permission.objects.order_by()
#: Each pair differs in one thing.
PAIRS = {
    "values": (USERS.filter(pk=1), USERS.filter(pk=2), True),
    "words": (USERS.filter(username="a"), USERS.filter(username="b"), True),
    "patterns": (USERS.filter(email__contains="a%"), USERS.filter(email__contains="b_"), True),
    "lists": (USERS.filter(pk__in=[1, 2]), USERS.filter(pk__in=(2, 3)), True),
    "twice the same": (USERS.filter(pk__in=[1, 2]), USERS.filter(pk__in=[2, 2, 3]), True),
    "longer lists": (USERS.filter(pk__in=[1, 2]), USERS.filter(pk__in=[1, 2, 3]), False),
    "no list": (USERS.filter(pk__in=[1]), USERS.filter(pk__in=[]), False),
    "too large": (USERS.filter(pk__lt=1), USERS.filter(pk__lt=2**70), False),
    "truth": (USERS.filter(is_active=True), USERS.filter(is_active=False), False),
    "none": (USERS.filter(last_login=None), USERS.exclude(last_login=None), False),
    "comparison": (USERS.filter(pk__lt=1), USERS.filter(pk__lte=1), False),
    "column": (USERS.filter(first_name="a"), USERS.filter(last_name="a"), False),
    "negation": (USERS.filter(pk=1), USERS.exclude(pk=1), False),
    "or": (USERS.filter(Q(pk=1) | Q(pk=2)), USERS.filter(Q(pk=1) & Q(pk=2)), False),
    "negation of several": (
        USERS.filter(Q(pk=1) | Q(pk=2), username="a"),
        USERS.filter(~(Q(pk=1) | Q(pk=2)), username="a"),
        False,
    ),
    "and within not": (
        USERS.filter(~(Q(pk=1) | Q(pk=2))), USERS.filter(~(Q(pk=1) & Q(pk=2))), False,
    ),
    "null or not": (
        USERS.filter(last_login__isnull=True), USERS.filter(last_login__isnull=False), False,
    ),
    "brackets": (
        USERS.filter(Q(pk=1) | (Q(pk=2) & Q(pk=3))), USERS.filter((Q(pk=1) | Q(pk=2)) & Q(pk=3)),
        False,
    ),
    "an expression": (USERS.filter(pk=1), USERS.filter(pk=F("id")), False),
    "a subquery": (USERS.filter(pk=1), USERS.filter(pk__in=USERS.values("pk")), False),
    "order": (USERS.order_by("pk"), USERS.order_by("-pk"), False),
    "no order": (PERMISSIONS, Permission.objects.all(), False),
    "reverse": (Permission.objects.all(), Permission.objects.reverse(), False),
    "limit": (USERS[:1], USERS[:2], False),
    "offset": (USERS[1:3], USERS[2:3], False),
    "distinct": (USERS, USERS.distinct(), False),
    "columns": (USERS.only("username"), USERS.defer("username"), False),
    "values of columns": (USERS.values("pk"), USERS.values("username"), False),
    "names of columns": (USERS.values(a=F("pk")), USERS.values(b=F("pk")), False),
    "no join": (
        PERMISSIONS.select_related("content_type"), PERMISSIONS.select_related(None), False,
    ),
    "twice reversed": (
        Permission.objects.reverse(), Permission.objects.reverse().reverse(), False,
    ),
    "distinct columns": (USERS.distinct("username"), USERS.distinct("email"), False),
    "shown and hidden": (
        USERS.annotate(a=Value(1), b=Value("b")).values("a"),
        USERS.annotate(a=Value(1), b=Value("b")).values("b"),
        False,
    ),
    "aggregates": (USERS.annotate(a=Value(1)), USERS.annotate(a=F("pk")), False),
    "join": (PERMISSIONS, PERMISSIONS.select_related("content_type"), False),
    "kind of join": (
        User.objects.filter(groups__name="a"), User.objects.filter(groups__isnull=True), False,
    ),
    "constant": (USERS.annotate(a=Value(1)), USERS.annotate(a=Value(2)), False),
    "type of constant": (USERS.annotate(a=Value(1)), USERS.annotate(a=Value(True)), False),
    "field of constant": (
        USERS.annotate(a=Value(1, FloatField())), USERS.annotate(a=Value(1, CharField())), None,
    ),
    "hidden": (USERS.annotate(a=F("pk")), USERS.alias(a=F("pk")), False),
    "aggregate": (USERS.annotate(a=Value(1)), USERS.annotate(a=Count("pk")), False),
    "groups": (
        USERS.values("is_active").annotate(n=Count("pk")),
        USERS.values("is_staff").annotate(n=Count("pk")),
        False,
    ),
    "constants of groups": (
        USERS.values("is_active").annotate(n=Count("pk"), a=Value(1)),
        USERS.values("is_active").annotate(n=Count("pk"), a=Value("1")),
        False,
    ),
    "grouped and not": (
        USERS.values("is_active").annotate(n=Count("pk")), USERS.values("is_active", n=F("pk")),
        False,
    ),
    "values of groups": (
        USERS.filter(pk=1).values("is_active").annotate(n=Count("pk")),
        USERS.filter(pk=2).values("is_active").annotate(n=Count("pk")),
        True,
    ),
    "counted": (counted(USERS[:2]), counted(USERS[:3]), False),
    "counted of values": (
        counted(USERS.filter(pk=1).distinct()), counted(USERS.filter(pk=2).distinct()), True,
    ),
    "counted of what is said twice": (
        counted(USERS.filter(groups=1).distinct()), counted(USERS.filter(groups__gt=1).distinct()),
        False,
    ),
    "counted of columns": (
        counted(USERS.values("email").distinct()), counted(USERS.values("username").distinct()),
        False,
    ),
    "counted of groups": (
        counted(USERS.values("is_active").annotate(n=Count("pk"))),
        counted(USERS.values("is_staff").annotate(n=Count("pk"))),
        False,
    ),
    "counted of a constant": (
        counted(USERS.annotate(a=Value(1)).distinct()),
        counted(USERS.annotate(a=Value(2)).distinct()),
        None,
    ),
    "summed": (
        summed(USERS.filter(pk=1)[:2], Sum("id")), summed(USERS.filter(pk=2)[:2], Sum("id")), True,
    ),
    "summed otherwise": (summed(USERS[:2], Sum("id")), summed(USERS[:2], Max("id")), False),
    "summed with a default": (
        summed(USERS, Sum("id", default=0)), summed(USERS, Sum("id", default=1)), False,
    ),
    "default of another type": (
        summed(USERS, Avg("id", default=1)), summed(USERS, Avg("id", default=True)), False,
    ),
    "summed where": (
        summed(USERS, Sum("id", filter=Q(pk=1))), summed(USERS, Sum("id", filter=Q(pk=2))), False,
    ),
    "summed where and of these": (
        summed(USERS.filter(pk=5), Sum("id", filter=Q(pk=1))),
        summed(USERS.filter(pk=6), Sum("id", filter=Q(pk=1))),
        True,
    ),
    "summed where and not": (
        summed(USERS, Sum("id", filter=Q(pk=1))), summed(USERS, Sum("id", filter=~Q(pk=1))), False,
    ),
    "summed of a product": (
        summed(USERS, Sum(F("id") * 2)), summed(USERS, Sum(F("id") * 3)), False,
    ),
    "summed of a sum": (summed(USERS, Sum(F("id") + 2)), summed(USERS, Sum(F("id") * 2)), False),
    "extra": (USERS, USERS.extra(where=["1 = 1"]), False),
    "model": (USERS.values("pk"), Group.objects.values("pk"), False),
    "lock": (USERS, USERS.union(USERS), False),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_what_makes_another_text_makes_another_outline(held, name):
    one, other, is_known = PAIRS[name]
    for queryset in (one.all(), one.all(), other.all()):
        held.ask(lambda queryset=queryset: list(queryset))
    assert not held.differences
    if is_known is None:  # neither is remembered
        assert not held.known
        return
    is_possible = name != "distinct columns" or held.vendor == "postgresql"
    assert held.known == is_possible + is_known


def test_a_model_that_changed_is_compiled_anew(held, monkeypatch):
    held.ask(lambda: list(Permission.objects.all()))
    monkeypatch.setattr(Permission._meta, "ordering", ["-codename"])
    held.ask(lambda: list(Permission.objects.all()))
    monkeypatch.setattr(Permission._meta, "db_table", "other")
    held.ask(lambda: list(Permission.objects.filter(pk=1)))
    assert (held.known, held.differences) == (0, [])


def test_a_query_of_a_known_text_names_its_table_as_one_that_was_compiled(held):
    queries = [USERS.all().query for _ in range(2)]
    for query in queries:
        held.texts.compiled(query.get_compiler("default"), verify_share=0.0)
    compiled, known = ((query.alias_map.keys(), query.alias_refcount) for query in queries)
    assert known == compiled


def test_an_order_that_is_none_is_left_to_django(held, monkeypatch):
    monkeypatch.setattr(Permission._meta, "ordering", None)
    for _ in range(2):
        held.ask(lambda: list(Permission.objects.all()))
    assert (held.known, held.differences) == (0, [])


def test_a_column_of_a_class_of_its_own_is_compiled(held):
    class Own(type(User._meta.get_field("id"))):
        def select_format(self, compiler, sql, params):
            return f"own({sql})", params

    field = User._meta.get_field("id")
    kind = field.__class__
    field.__class__ = Own
    try:
        for _ in range(2):
            held.ask(lambda: list(User.objects.all()))
    finally:
        field.__class__ = kind
    assert (held.known, held.differences) == (0, [])


def test_what_is_remembered_is_bounded(held):
    for limit in range(MAX_REMEMBERED + 10):
        held.ask(lambda limit=limit: list(USERS[: limit + 1]))
    assert len(held.texts._texts) == MAX_REMEMBERED


def test_a_wrong_outline_is_told_of_where_hits_are_verified(held, monkeypatch, caplog):
    texts, users = held.texts, [USERS[:1], USERS[:2]]
    monkeypatch.setattr(outlines, "_TELLING", outlines._TELLING - {"high_mark"})
    monkeypatch.setattr(outlines, "_SILENT", outlines._SILENT | {"high_mark"})
    for share, queryset in zip([0.0, 1.0], users, strict=True):
        sql, _ = texts.compiled(queryset.query.get_compiler("default"), verify_share=share)
    assert sql.endswith("LIMIT 2")
    assert "was taken for another one" in caplog.text
    assert not texts._texts
