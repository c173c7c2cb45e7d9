"""By which columns a queryset asks for its rows, and in what order."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

_RANGES = frozenset({"gt", "gte", "lt", "lte", "range"})
_EQUALITIES = frozenset({"exact", "in"})
#: Lookups that no b-tree over the column helps with, or that narrow nothing.
_OTHERS = frozenset({
    "contains", "date", "day", "endswith", "hour", "icontains", "iendswith", "iexact", "iregex",
    "isnull", "istartswith", "month", "quarter", "regex", "search", "startswith", "time",
    "trigram_similar", "unaccent", "week", "week_day", "year",
})  # fmt: skip


class Conditions(Struct, frozen=True, gc=False):
    """
    What is known of a queryset's ``WHERE`` and ``ORDER BY``.

    Attributes:
        equal: Lookups of columns that are compared for equality.
        ranged: Lookups of columns that are compared with ``<`` or ``>``.
        ordered: As in ``order_by``.
        vague: Whether there are, or may be, conditions that are not known.
    """

    equal: frozenset[str] = frozenset()
    ranged: frozenset[str] = frozenset()
    ordered: tuple[str, ...] = ()
    vague: bool = False

    def filtered(self, lookups: Iterable[str]) -> "Conditions":
        """With the keywords of ``filter()``."""
        equal, ranged = set(self.equal), set(self.ranged)
        vague = self.vague
        for lookup in lookups:
            column, _, kind = lookup.rpartition("__")
            if not lookup or any(part in _OTHERS for part in column.split("__")):
                vague = True  # ** or a transform
            elif kind in _RANGES:
                ranged.add(column)
            elif kind in _OTHERS and column:
                continue
            else:
                equal.add(column if kind in _EQUALITIES and column else lookup)
        return Conditions(frozenset(equal), frozenset(ranged), self.ordered, vague)

    def joined(self, other: "Conditions") -> "Conditions":
        """
        What holds on both of two ways.

        Where one only adds to the other, the query is also made without what it adds.
        """
        if self == other:
            return self
        for less, more in ((self, other), (other, self)):
            if less.equal <= more.equal and less.ranged <= more.ranged:
                ordered = less.ordered if less.ordered == more.ordered else ()
                return replace(less, ordered=ordered, vague=self.vague or other.vague)
        return replace(self, vague=True)


NO_CONDITIONS = Conditions()
VAGUE = Conditions(vague=True)
