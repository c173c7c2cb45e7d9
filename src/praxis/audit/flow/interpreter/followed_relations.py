"""Relations followed from row to row, here or on behalf of a function that was called."""

from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model, Relation
from praxis.audit.flow.events import (
    Hop,
    Span,
    Spot,
)
from praxis.audit.flow.interpreter.loaded_relations import annotated_names, gives
from praxis.audit.flow.interpreter.noted_reads import NotedReads
from praxis.audit.flow.interpreter.states import ParameterRead
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Instance,
    Manager,
    QuerySet,
    Value,
)

#: Answered from the rows that a prefetch has fetched.
_SERVED = frozenset({"count", "exists", "contains", "acount", "aexists", "acontains"})


class FollowedRelations(NotedReads):
    """Follows relations, and knows what queries that takes."""

    def store(self, owner: Instance, name: str, value: Value = UNKNOWN) -> None:
        """The relation of the row was set: it is there without a query."""
        self.loaded[owner.token, name] = value
        if owner.parameter >= 0 and not owner.prefix:
            self.parameter_stores.append((owner.parameter, name))

    def read(self, owner: Instance, relation: Relation, spot: Spot) -> Value:
        """The value of ``owner.relation``; a query where nothing has loaded it."""
        known = self.loaded.get((owner.token, relation.name))
        if known is not None:
            return known
        if not relation.to_one:
            return self._related_manager(owner, relation, spot)
        self._follow(owner, relation, ParameterRead(owner.parameter, (), spot))
        return self.reach(owner, relation)

    def _follow(self, owner: Instance, relation: Relation, read: ParameterRead) -> None:
        """*read*, whose last relation is one of *owner*, is done here."""
        path = (*owner.prefix, relation.name)
        if owner.token in self.refreshed or relation.parent_link or relation.own_access:
            return
        if relation.kind == model_index.REVERSE_ONE and self._is_sibling(owner, relation):
            return
        if owner.row is None:
            self._note_parameter(owner, path, read)
        elif self.repeats(owner.row):
            self._note_read(owner.row, path, relation, read, owner.model)

    def _is_sibling(self, owner: Instance, relation: Relation) -> bool:
        """Whether it leads from a model to another one that extends the same: to no row at all."""
        target = self.index.model(relation.target)
        link = target.relations.get(relation.back) if target is not None else None
        return link is not None and link.parent_link and link.target != owner.model

    def reach(self, owner: Instance, relation: Relation) -> Value:
        """The row that a relation leads to, without a word about how it is loaded."""
        known = self.loaded.get((owner.token, relation.name))
        if known is not None:
            return known
        value: Value = UNKNOWN
        if relation.target is not None and relation.target in self.index.models:
            state = "given" if owner.row is None else "fetched"
            path = (*owner.prefix, relation.name)
            reached = self.instance(relation.target, owner.row, path, state, owner.parameter)
            if relation.kind in {model_index.ONE, model_index.REVERSE_ONE} and relation.back:
                self.loaded[reached.token, relation.back] = owner
            if owner.token in self.refreshed:
                self.refreshed.add(reached.token)
            if relation.kind == model_index.FORWARD:
                self.shared.add(reached.token)
            value = reached
        self.loaded[owner.token, relation.name] = value
        return value

    def _related_manager(self, owner: Instance, relation: Relation, spot: Spot) -> Value:
        if relation.target is None or relation.target not in self.index.models:
            return UNKNOWN
        target = self.model(relation.target)
        return Manager(target.key, target.default_manager, *spot, owner, relation.name)

    # Queries.

    def evaluated(self, queryset: QuerySet, span: Span) -> None:
        """The rows of *queryset* are fetched at *span*: a relation's rows, per row of a loop."""
        self.ask("rows", queryset, self.giving.get(span))
        parent = queryset.parent
        if parent is None or queryset.opaque:
            return
        if not queryset.plain:
            self.asked(queryset, "", span)
            return
        relation = self.model(parent.model).relations.get(queryset.relation)
        if relation is None or (parent.token, relation.name) in self.loaded:
            return
        self._fetched(parent, relation, ParameterRead(parent.parameter, (), self.spot(span)))

    def asked(self, queryset: QuerySet, how: str, span: Span) -> None:
        """The database is asked by *how* about rows that hang on a row: anew for each of these."""
        parent = queryset.parent
        if parent is None or queryset.opaque or self.quiet:
            return
        relation = self.model(parent.model).relations.get(queryset.relation)
        if relation is None or relation.to_one:
            return
        served = queryset.plain and self._serves(relation, how) if how else queryset.served
        if not queryset.plain:
            how = f"{queryset.step or 'filter'}.{how}" if how else queryset.step or "filter"
        read = ParameterRead(parent.parameter, (), self.spot(span), how=how, served=served)
        self._ask(parent, relation, read)

    def _serves(self, relation: Relation, how: str) -> bool:
        """Whether rows that were prefetched answer what is asked by *how*."""
        if how in {"first", "afirst"}:
            target = self.index.model(relation.target)
            return target is not None and target.may_be_ordered
        return how in _SERVED

    def _ask(self, parent: Instance, relation: Relation, read: ParameterRead) -> None:
        """*read*, which asks the relation of *parent*, is done here."""
        if not (read.served and (parent.token, relation.name) in self.loaded):
            self._follow(parent, relation, read)

    def _fetched(self, parent: Instance, relation: Relation, read: ParameterRead) -> None:
        self._follow(parent, relation, read)
        known = parent.parameter >= 0 if parent.row is None else self.repeats(parent.row)
        if known and self.passed_over < 0:
            self.loaded[parent.token, relation.name] = UNKNOWN

    # What a function has read of rows that were handed in.

    def replay(self, owner: Instance, read: ParameterRead, via: tuple[Hop, ...]) -> None:
        """What a function that was called with *owner*, by way of *via*, has read of it."""
        read = replace(read, via=via + read.via)
        if self._is_annotated(owner, read.via):
            return
        if read.unless:
            unless = tuple([(*owner.prefix, *lookup) for lookup in read.unless])
            if owner.row is not None and any(gives(owner.row.queryset, each) for each in unless):
                return
            read = replace(read, unless=unless)
        if read.kept >= 0:
            read = replace(read, kept=len(owner.prefix) + read.kept)
        for position, name in enumerate(read.path):
            relation = self.model(owner.model).relations.get(name)
            if relation is None:
                return
            last = position == len(read.path) - 1
            known = self.loaded.get((owner.token, name))
            if isinstance(known, Instance):
                owner = known
            elif relation.to_one and last:
                if known is None:
                    self._follow(owner, relation, read)
                    self.reach(owner, relation)
            elif relation.to_one:
                reached = self.reach(owner, relation)
                if not isinstance(reached, Instance):
                    return
                owner = reached
            elif last and read.how:
                self._ask(owner, relation, read)
            elif last:
                if known is None:
                    self._fetched(owner, relation, read)
            else:
                self._replay_nested(owner, read, read.path[position:])
                return

    def _is_annotated(self, owner: Instance, via: tuple[Hop, ...]) -> bool:
        """Whether the query itself gives a value to a property that leads to what is read."""
        if owner.row is None or owner.prefix:
            return False
        names = annotated_names(owner.row.queryset)
        return bool(names) and any(hop.called in names for hop in via)

    def _replay_nested(self, owner: Instance, read: ParameterRead, rest: tuple[str, ...]) -> None:
        """A relation of rows that hang on *owner*, which the function walks."""
        nested = read.nested
        path = (*owner.prefix, *rest)
        if nested is None or self.quiet or owner.token in self.refreshed:
            return
        if owner.row is None:
            self._note_parameter(owner, path, read)
            return
        leaf = self._leaf(owner.model, rest)
        if leaf is None:
            return
        model, relation = leaf
        if self.repeats(owner.row):
            self._note_read(owner.row, path, relation, read, model)
        elif not nested.told and owner.row.single:
            self._note_nested(owner.row, path, relation, read, model)

    def _leaf(self, key: Key, path: tuple[str, ...]) -> tuple[Key, Relation] | None:
        """The last relation of the path, and the model that it is an attribute of."""
        model: Model | None = self.model(key)
        for name in path[:-1]:
            relation = model.relations.get(name) if model is not None else None
            model = self.index.model(relation.target) if relation is not None else None
        relation = model.relations.get(path[-1]) if model is not None else None
        return (model.key, relation) if model is not None and relation is not None else None
