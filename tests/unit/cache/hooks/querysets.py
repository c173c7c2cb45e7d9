"""Random querysets, of few forms and many values, so that forms come again."""

import datetime as dt
from collections.abc import Iterator

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Avg, CharField, Count, F, FloatField, Max, Min, Q, Sum, Value

from praxis.cache.outlines.instances import PlainModel

_WORDS = ["", "a", "b%", "c_d", "é", "x' OR 1"]
_TIMES = [dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3)]


class Querysets:
    """
    Makes querysets and what asks them.

    Args:
        random: Where chance comes from.
    """

    def __init__(self, random):
        self._one = random.choice
        self._random = random

    def acts(self, count):
        """So many functions without arguments, each of which asks something."""
        for _ in range(count):
            model, condition = self._one([
                (User, self._of_user), (Permission, self._of_permission), (Group, self._of_group),
            ])  # fmt: skip
            yield self._act(self._narrowed(model, condition))

    def _narrowed(self, model, condition):
        found = model._default_manager.all()
        for _ in range(self._one([0, 1, 1, 2])):
            found = getattr(found, self._one(["filter", "filter", "exclude"]))(condition())
        return found

    def _act(self, found):
        kind = self._one([
            "list", "list", "list", "get", "count", "exists", "first", "last", "values",
            "aggregate", "annotated", "in_bulk", "iterator", "earliest",
        ])  # fmt: skip
        if kind in {"list", "iterator"}:
            found = self._formed(found)
            return lambda: list(found.iterator() if kind == "iterator" else found)
        if kind == "get":
            return lambda: found.get(pk=self._number())
        if kind == "values":
            return self._values(found)
        if kind == "aggregate":
            found = self._one([
                lambda: found, lambda: self._formed(found), lambda: self._grouped(found),
                lambda: self._grouped(found).distinct(), lambda: self._grouped(found)[:3],
            ])()  # fmt: skip
            asked = {name: self._aggregate() for name in "nm"[: self._one([1, 1, 2])]}
            return lambda: found.aggregate(**asked)
        if kind == "annotated":
            name = self._one(["one", "other"])
            what = self._one([
                F("id"), Value(self._number()), Value(self._one(["x", True, 1.0])), F("id") + 1,
                F("id") + F("pk"), Count("pk"), Q(pk=self._number()), Value(1, FloatField()),
                Value(1, CharField()), self._aggregate(),
            ])  # fmt: skip
            found = self._grouped(found).annotate(**{name: what})
            return self._one([lambda: list(found), found.count, found.exists])
        if kind == "in_bulk":
            return lambda: found.in_bulk(self._numbers())
        if kind == "earliest":
            return lambda: found.earliest("pk")
        found = found.distinct() if self._one([False, False, True]) else found
        sliced = found[: self._one([1, 2])] if self._one([False, False, True]) else found
        return getattr(found if kind in {"first", "last"} else sliced, kind)

    def _grouped(self, found):
        """The same rows, or one for each value of a column."""
        name = self._one([self._name(found), "pk"])
        return self._one([
            lambda: found, lambda: found.annotate(all=Count("pk")),
            lambda: found.annotate(z=F("pk")), lambda: found.values(name),
            lambda: found.values(name).annotate(all=Count("pk")),
            lambda: found.order_by().values(name).annotate(all=Count("pk"), z=Value(1)),
            lambda: found.alias(all=Max("pk")).filter(all__gt=self._number()),
        ])()  # fmt: skip

    def _aggregate(self):
        of = self._one([
            "pk", "id", F("id") + 1, F("id") * 2.5, F("id") - F("pk"), -F("id"), F("id") % 2,
        ])  # fmt: skip
        more = {}
        if self._one([False, False, True]):
            more["filter"] = self._one([
                Q(pk=self._number()), Q(pk=1), Q(pk__in=[]), ~Q(id__in=self._numbers()),
                Q(id__lt=2.5),
            ])  # fmt: skip
        what = self._one([Count, Max, Min, Sum, Avg])
        if what in {Count, Avg} and self._one([True, False]):
            more["distinct"] = True
        if what is not Count and self._one([False, False, True]):
            more["default"] = self._one(
                [0, 1, 1.0, True, Value(0), Value(1, FloatField()), F("id")]
            )
        return what(of, **more)

    def _formed(self, found):
        """The same rows with other columns, in another order, or fewer of them."""
        for step in range(self._one([0, 1, 1, 2])):
            del step
            found = self._one([
                lambda q: q.order_by(*self._order(q.model)), lambda q: q.reverse(),
                lambda q: q.distinct(), lambda q: q.only("pk"), lambda q: q.defer(self._name(q)),
                self._related, lambda q: q.using("default"),
            ])(found)  # fmt: skip
        start = self._one([0, 0, 0, 1, 2])
        return found[start : self._one([None, None, start + 1, start + 5])]

    def _values(self, found):
        names = [self._name(found)] if self._one([True, False]) else []
        if self._one([True, False]):
            return lambda: list(found.values(*names))
        return lambda: list(found.values_list(*names, flat=bool(names)))

    def _related(self, found):
        if found.model is Permission:
            names = self._one([(), ("content_type",)])
            return found.select_related(*names) if names else found.select_related()
        return found

    def _name(self, found):
        return {User: "username", Permission: "codename", Group: "name"}[found.model]

    def _order(self, model):
        names = {
            User: ["pk", "-username", "is_active", "?", F("email").desc()],
            Permission: ["pk", "codename", "content_type", "-content_type__model"],
            Group: ["name", "-pk"],
        }[model]
        return self._random.sample(names, self._one([0, 1, 1, 2]))

    def _number(self):
        return self._one([-1, 0, 1, 2, 7, 2**40, 2**70])

    def _numbers(self):
        return [self._number() for _ in range(self._one([0, 1, 2, 2, 3]))]

    def _of_user(self, depth=2):
        return self._nested(depth, self._of_user, [
            {"pk": self._number()}, {"id__in": self._numbers()}, {"id__gt": self._number()},
            {"is_active": self._one([True, False])}, {"is_active__in": [self._one([True, False])]},
            {"username": self._one(_WORDS)}, {"username__in": [self._one(_WORDS), None]},
            {"email__" + self._one(["contains", "icontains", "startswith", "iexact", "iendswith"]):
             self._one(_WORDS)}, {"email__regex": "a"}, {"username__lt": F("email")},
            {"date_joined__gte": self._one(_TIMES)}, {"date_joined__year": 2026},
            {"date_joined__range": (self._one(_TIMES), self._one(_TIMES))},
            {"last_login": self._one([None, *_TIMES])},
            {"last_login__isnull": self._one([True, False])},
            {"groups": self._number()}, {"groups__name": self._one(_WORDS)},
            {"groups__isnull": self._one([True, False])},
            {"groups__in": Group.objects.filter(pk=self._number())},
            {"pk__in": []}, {"id__lte": 1.5},
        ])  # fmt: skip

    def _of_permission(self, depth=2):
        return self._nested(depth, self._of_permission, [
            {"pk": self._number()}, {"content_type": self._number()},
            {"content_type_id__in": self._numbers()}, {"content_type__model": self._one(_WORDS)},
            {"codename": self._one(_WORDS)}, {"content_type__lt": self._number()},
            {"group__user__username": self._one(_WORDS)}, {"user": self._one([None, 1, 2])},
        ])  # fmt: skip

    def _of_group(self, depth=2):
        return self._nested(depth, self._of_group, [
            {"pk": self._number()}, {"name__startswith": self._one(_WORDS)},
            {"permissions__content_type": self._number()}, {"user__is_active": True},
        ])  # fmt: skip

    def _nested(self, depth, again, choices):
        if depth and self._random.random() < 0.3:
            one, other = again(depth - 1), again(depth - 1)
            found = self._one([one & other, one | other, one ^ other, one])
            return ~found if self._one([True, False]) else found
        return Q(**self._one(choices))


def described(compiler) -> Iterator[object]:
    """What compiling leaves for those who make objects of rows."""
    yield getattr(compiler, "col_count", None)
    yield compiler.annotation_col_map
    yield [(repr(one), text, alias) for one, text, alias in compiler.select or ()]
    yield _klass(compiler.klass_info)


def _klass(info):
    if info is None:
        return None
    told = [info[name] for name in ("select_fields", "field", "reverse") if name in info]
    model = info["model"]
    return (
        model.model if isinstance(model, PlainModel) else model,
        told,
        [_klass(one) for one in info.get("related_klass_infos", [])],
    )
