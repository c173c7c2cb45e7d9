"""What was read of which row: told of the loop that goes over it, or left to the caller."""

from msgspec import structs
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model, Relation
from praxis.audit.flow.events import (
    Read,
    RelationsRead,
    Site,
    Span,
    Spot,
)
from praxis.audit.flow.interpreter.amounts import HANDFUL, few_meet, flags_of
from praxis.audit.flow.interpreter.loaded_relations import loads
from praxis.audit.flow.interpreter.states import Nested, ParameterRead
from praxis.audit.flow.interpreter.surroundings import Surroundings
from praxis.audit.flow.interpreter.values import (
    Instance,
    QuerySet,
    Row,
)

#: What lies behind more calls than these depends on too much to be told of every row.
MAX_CALLS = 5


class NotedReads(Surroundings):
    """Notes what is read of rows, as far as their queries have not loaded it."""

    # Who tells of it.

    def is_handed(self, owner: Instance) -> bool:
        """Whether other code fetched the row, or the one that it hangs on as ``all()`` gives it."""
        row = owner.row
        if row is None:
            return owner.state == "given"
        parent = row.queryset.parent
        return parent is not None and row.queryset.plain and self.is_handed(parent)

    def handed_relation(self, queryset: QuerySet) -> str:
        """The relation that is asked for as it is, where a caller may have fetched its rows."""
        parent = queryset.parent
        if parent is None or not queryset.plain or not self.is_handed(parent):
            return ""
        return queryset.relation

    def _note_parameter(
        self,
        owner: Instance,
        path: tuple[str, ...],
        read: ParameterRead,
        nested: Nested | None = None,
    ) -> None:
        if owner.parameter >= 0 and not self.quiet and self.passed_over < 0:
            noted = replace(
                read,
                parameter=owner.parameter,
                path=path,
                via=self.via + read.via,
                nested=nested or read.nested,
                served=read.served or bool(self.unless_loaded),
                asked=read.asked or bool(self.where_asked),
            )
            if self.unless_given:
                mine = [given for given in self.unless_given if given.parameter == owner.parameter]
                noted = replace(noted, unless=read.unless + tuple([each.lookup for each in mine]))
            self.parameter_reads.append(noted)

    def forget_read(self, saved: Instance) -> None:
        """
        The row was saved: where many rows share it, each has to fetch it as the last one left it.

        A join would give each row a copy of its own, as it was before the loop.
        """
        path, row = saved.prefix, saved.row
        if saved.token not in self.shared:
            return
        if row is None:
            self.parameter_reads = [
                read
                for read in self.parameter_reads
                if (read.parameter, read.path) != (saved.parameter, path)
            ]
        for event, reads in self._reads.values():
            if row is not None and (event.path, *event.loop) == (row.path, row.start, row.end):
                reads[:] = [read for read in reads if read.path != path]

    # What is loaded.

    def is_loaded(self, owner: Instance, name: str) -> bool:
        """Whether the relation is there already, or may be for all that is known."""
        if (owner.token, name) in self.loaded:
            return True
        relation = self.model(owner.model).relations.get(name)
        if relation is not None and relation.parent_link:
            return True  # Django makes it of the columns that the row has
        return owner.row is not None and self._has(owner.row, (*owner.prefix, name))

    def _has(self, row: Row, path: tuple[str, ...]) -> bool:
        """Whether the queries that the row comes from have loaded *path*."""
        queryset = row.queryset
        if loads(self.index, queryset, path):
            return True
        parent = queryset.parent
        if parent is None or not queryset.plain or parent.row is None:
            return False
        return self._has(parent.row, (*parent.prefix, queryset.relation, *path))

    def _is_kept(self, row: Row, path: tuple[str, ...], kept: int) -> bool:
        """
        Whether a row that many rows share keeps what is read.

        So do those that were prefetched: there is one object for all rows that lead to it.
        """
        if kept <= 0:
            return False
        queryset = row.queryset
        joined = replace(queryset, prefetched=())
        prefetched = replace(queryset, joined=frozenset(), joins_all=False)
        return queryset.opaque or any(
            loads(self.index, prefetched, path[:end]) and not loads(self.index, joined, path[:end])
            for end in range(1, kept + 1)
        )

    def _root_of(self, row: Row, lookup: tuple[str, ...]) -> tuple[Row, tuple[str, ...]]:
        """The outermost rows that these hang on, and the lookup from there."""
        root = row
        while True:
            parent = root.queryset.parent
            if parent is None or not root.queryset.plain or parent.row is None:
                return root, lookup
            if parent.row.single and not self.kind:
                return root, lookup  # the inner query stands in code, and can be changed there
            root, lookup = parent.row, (*parent.prefix, root.queryset.relation, *lookup)

    # What is told.

    def _note_read(
        self,
        row: Row,
        path: tuple[str, ...],
        relation: Relation,
        read: ParameterRead,
        owner: Key,
    ) -> None:
        """*path* is read of every row of *row*; *owner* is what the last relation belongs to."""
        served = read.served or not read.how or self.unless_loaded
        if (served and self._has(row, path)) or self._is_kept(row, path, read.kept):
            return
        root, lookup = self._root_of(row, path)
        queryset = root.queryset
        parent = queryset.parent
        if parent is not None and parent.token in self.refreshed:
            return
        given = ""
        if parent is not None and queryset.plain and parent.state == "given":
            given = queryset.relation
            nested = Nested(
                row.path,
                (row.start, row.end),
                row.at,
                self.kind,
                told=not self.kind,
                walked=row.queryset.model[1],
            )
            above = (*parent.prefix, queryset.relation, *lookup)
            kept = read.kept if read.kept < 0 else read.kept + len(above) - len(path)
            self._note_parameter(parent, above, replace(read, kept=kept), nested)
            if parent.parameter >= 0 and not nested.told:
                return  # whoever renders it knows more of its rows
        walked = row.queryset.model[1]
        loop = row.path, (row.start, row.end), row.at, self.kind, row.queryset.limit, walked
        self._add_read(loop, queryset, self._told(read, path, lookup, relation, owner), given, root)

    def _told(
        self,
        read: ParameterRead,
        path: tuple[str, ...],
        lookup: tuple[str, ...],
        relation: Relation,
        owner: Key,
    ) -> Read:
        via = self.via + read.via
        return Read(
            read.spot,
            path,
            "__".join(lookup),
            relation.to_one,
            False,
            False,
            owner,
            via,
            read.how,
            read.asked or bool(self.where_asked),
        )

    def _note_nested(
        self, row: Row, path: tuple[str, ...], relation: Relation, read: ParameterRead, owner: Key
    ) -> None:
        """Rows that hang on a single one are walked elsewhere, and a relation of each is read."""
        nested = read.nested
        served = read.served or not read.how or self.unless_loaded
        if nested is None or (served and self._has(row, path)):
            return
        root, lookup = self._root_of(row, path)
        made = self._told(read, path, lookup, relation, owner)
        loop = nested.path, nested.loop, nested.iterated, nested.kind, None, nested.walked
        self._add_read(loop, root.queryset, made, "", root)

    def _add_read(
        self,
        loop: tuple[str, Span, Span, str, int | None, str],
        queryset: QuerySet,
        read: Read,
        given: str,
        root: Row,
    ) -> None:
        path, span, iterated, kind, limit, walked = loop
        called = sum(hop.is_call for hop in read.via)
        if called > MAX_CALLS or (called and _lies_in(read.spot, (path, *iterated))):
            return  # a function that calls itself walks a tree: it has no certain depth
        joinable, null = self._judge(queryset.model, tuple(read.lookup.split("__")))
        read = structs.replace(read, joinable=joinable, null=null)
        key = (path, span, iterated, queryset.origins, queryset.model)
        if key not in self._reads:
            event = RelationsRead(
                path,
                span,
                iterated,
                queryset.model,
                (),
                tuple(
                    Site(origin.path, origin.start, origin.end, origin.kind, origin.also)
                    for origin in queryset.origins
                    if origin.path
                ),
                limit,
                queryset.restricted,
                queryset.streamed,
                given,
                kind,
                walked,
                root.since,
                bool(queryset.annotated),
                self.are_few(queryset, span, single=root.single),
                flags_of(queryset),
            )
            self._reads[key] = event, []
        self._reads[key][1].append(read)

    def are_few(self, queryset: QuerySet, loop: Span, *, single: bool = False) -> bool:
        """
        Whether there may be a handful: the rows of one other row, those that keys ask for, the
        first ten. *single* says that the query gives that one row, and the loop is over its rows.

        Not where the loop over them stands in one over many: then it is the rows of all those.
        """
        if any(
            outer.many and outer.start < loop[0] and loop[1] <= outer.end for outer in self.loops
        ):
            return False
        if single:
            return True
        if queryset.limit is not None:
            return queryset.limit <= HANDFUL  # what is cut to more is longer, or it would not be
        parent = queryset.parent
        if parent is not None:
            row = parent.row
            return row is None or row.single or self.are_few(row.queryset, (row.start, row.end))
        return few_meet(self.index, queryset)

    def _judge(self, key: Key, lookup: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether all of the lookup can be joined, and whether a part may lead nowhere."""
        null = False
        model: Model | None = self.model(key)
        for name in lookup:
            relation = model.relations.get(name) if model is not None else None
            if relation is None or relation.kind not in model_index.JOINABLE:
                return False, null
            null = null or relation.null
            model = self.index.model(relation.target)
            if model is not None and model.opaque:
                return False, null  # a join gives the row of the base, and not what it really is
        return True, null


def _lies_in(spot: Spot, other: Spot) -> bool:
    return spot[0] == other[0] and other[1] <= spot[1] and spot[2] <= other[2]
