"""The state of one function while it is interpreted, and the events that it gathers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from msgspec import structs

from praxis.audit.facts import model_index
from praxis.audit.facts.class_names import Key
from praxis.audit.facts.model_index import Model, ModelIndex, Relation
from praxis.audit.flow import ir
from praxis.audit.flow.events import (
    Event,
    KeyRead,
    Read,
    RelationsRead,
    RowsCreated,
    RowsLookedUp,
    Span,
)
from praxis.audit.flow.scope import ModuleScope
from praxis.audit.flow.values import (
    UNKNOWN,
    Instance,
    Manager,
    QuerySet,
    Row,
    Value,
    join,
)


@dataclass(slots=True)
class Loop:
    """A loop around the current place; *rounds* where the code tells how many."""

    start: int
    end: int
    kind: str
    rounds: int | None = None
    #: Models asked for inside it so far.
    queried: set[Key] = field(default_factory=set)
    #: The same without what it runs over: asked for once a round.
    queried_again: set[Key] = field(default_factory=set)
    #: Whether a round has begun: what it runs over is known.
    begun: bool = False
    #: Its statement or comprehension, where it is one.
    source: ir.For | ir.Comp | None = None
    #: ``try`` blocks around the current place, inside of the loop.
    tries: int = 0


@dataclass(slots=True)
class State:
    """What differs between branches."""

    names: dict[str, Value] = field(default_factory=dict)
    #: Fields set on a fetched row since it was fetched or saved, by token.
    changed: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def copy(self) -> "State":
        return State(dict(self.names), dict(self.changed))

    def joined(self, other: "State") -> "State":
        """What holds where two branches meet."""
        # few names differ, and generated functions have thousands: those alone are looked at
        names = dict(self.names)
        theirs = other.names.get
        for name in [name for name, value in names.items() if theirs(name) is not value]:
            names[name] = join(names[name], other.names.get(name, UNKNOWN))
        for name in other.names.keys() - names.keys():
            names[name] = UNKNOWN
        changed = dict(self.changed)
        for token, fields in other.changed.items():
            changed[token] = tuple(dict.fromkeys(changed.get(token, ()) + fields))
        return State(names, changed)


@dataclass(frozen=True, slots=True)
class PendingCreation:
    """
    A new row saved once a round, told if the loop's end confirms it.

    *token* is the row's, which must not escape; *writes* are all calls of the loop's body that
    save a row: every one has to be told with it.
    """

    token: int
    event: RowsCreated
    loop: Loop
    writes: frozenset[Span]


class Frame:
    """One function (or the module's own level): names, loops, what was read of which instance."""

    def __init__(self, scope: ModuleScope, hidden: frozenset[str] = frozenset()) -> None:
        self.scope, self.index, self.path = scope, scope.index, scope.path
        self._hidden = hidden
        self.state = State()
        self.loops: list[Loop] = []
        #: Loops of which the current block sees at most one round.
        self.left: set[int] = set()
        #: Above zero where what happens is an exception: nothing is told of it.
        self.quiet = 0
        #: Relations of instances that are loaded by now, with their values.
        self.loaded: dict[tuple[int, str], Value] = {}
        #: Instances that other code has got hold of.
        self.escaped: set[int] = set()
        #: Instances that ``get_or_create`` has found or made.
        self.perhaps_new: set[int] = set()
        self.events: list[Event] = []
        #: By where the query is made and its conditions: what it asks for.
        self.lookups: dict[tuple[int, object], RowsLookedUp] = {}
        self.pending: list[PendingCreation] = []
        #: ``row.relation.id``, which is nothing if the relation is read otherwise as well.
        self.keys_read: list[tuple[int, str, KeyRead]] = []
        #: Tests of a name's queryset, which are nothing if its rows are used elsewhere.
        self.tests: list[tuple[str, Span, Event]] = []
        self._reads: dict[tuple[object, ...], tuple[RelationsRead, list[Read]]] = {}
        self._tokens = 0

    # Names.

    def look_up(self, name: str) -> Value:
        value = self.state.names.get(name)
        if value is not None:
            return value
        return UNKNOWN if name in self._hidden else self.scope.look_up(name)

    def bind(self, name: str, value: Value) -> None:
        self.state.names[name] = value

    def model(self, key: Key) -> Model:
        return self.index.models[key]

    # Loops.

    @contextmanager
    def loop(
        self,
        start: int,
        end: int,
        kind: str,
        rounds: int | None = None,
        source: ir.For | ir.Comp | None = None,
    ) -> Iterator[Loop]:
        """Everything inside happens once a round."""
        entered = Loop(start, end, kind, rounds, source=source)
        self.loops.append(entered)
        try:
            yield entered
        finally:
            self.loops.pop()
            self.left.discard(start)

    def queries(self, key: Key) -> None:
        """Note that rows of the model are asked for."""
        for loop in self.loops:
            loop.queried.add(key)
            if loop.begun:
                loop.queried_again.add(key)

    def repeats(self, row: Row | None) -> bool:
        """Whether the current place sees one row of *row* after the other."""
        return (
            row is not None
            and not row.single
            and not self.quiet
            and row.start not in self.left
            and any(loop.start == row.start and loop.end == row.end for loop in self.loops)
        )

    # Instances.

    def instance(
        self,
        model: Key,
        row: Row | None = None,
        prefix: tuple[str, ...] = (),
        state: str = "given",
    ) -> Instance:
        self._tokens += 1
        made_in = self.loops[-1].start if self.loops else -1
        return Instance(model, self._tokens, row, prefix, state, made_in)

    def row_of(self, queryset: QuerySet, span: Span, at: Span, *, single: bool) -> Value:
        """The instance that a loop's variable, or ``get()``, holds."""
        if queryset.values or self.model(queryset.model).opaque:
            return UNKNOWN
        row = Row(queryset, *span, at, single or queryset.limit == 1)
        made = self.instance(queryset.model, row, state="fetched")
        if queryset.parent is not None:
            back = self.back_of(queryset.parent, queryset.relation)
            if back:
                self.loaded[made.token, back] = queryset.parent
        return made

    def back_of(self, parent: Instance, relation: str) -> str:
        """The attribute of a related row that already holds *parent*."""
        found = self.model(parent.model).relations.get(relation)
        if found is None or found.kind not in {model_index.REVERSE, model_index.REVERSE_ONE}:
            return ""
        return found.back

    def escape(self, value: Value) -> None:
        """Other code has got hold of *value*: it may set fields, or keep it."""
        if isinstance(value, Instance):
            self.escaped.add(value.token)
            self.state.changed.pop(value.token, None)

    # Relations.

    def read(self, owner: Instance, relation: Relation, span: Span) -> Value:
        """The value of ``owner.relation``; a query where nothing has loaded it."""
        known = self.loaded.get((owner.token, relation.name))
        if known is not None:
            return known
        if not relation.to_one:
            return self._related_manager(owner, relation, span)
        path = (*owner.prefix, relation.name)
        if self.repeats(owner.row) and owner.row is not None:
            self._note_read(owner.row, path, relation, span, owner.model)
        value: Value = UNKNOWN
        if relation.target is not None and relation.target in self.index.models:
            state = "given" if owner.row is None else "fetched"
            reached = self.instance(relation.target, owner.row, path, state)
            if relation.kind in {model_index.ONE, model_index.REVERSE_ONE} and relation.back:
                self.loaded[reached.token, relation.back] = owner
            value = reached
        self.loaded[owner.token, relation.name] = value
        return value

    def _related_manager(self, owner: Instance, relation: Relation, span: Span) -> Value:
        if relation.target is None or relation.target not in self.index.models:
            return UNKNOWN
        target = self.model(relation.target)
        return Manager(target.key, target.default_manager, span[0], span[1], owner, relation.name)

    def evaluated(self, queryset: QuerySet, span: Span) -> None:
        """The rows of *queryset* are fetched at *span*: a relation's rows, per row of a loop."""
        self.queries(queryset.model)
        parent = queryset.parent
        if parent is None or not queryset.plain or queryset.opaque:
            return
        if not self.repeats(parent.row) or parent.row is None:
            return
        relation = self.model(parent.model).relations.get(queryset.relation)
        if relation is None or (parent.token, relation.name) in self.loaded:
            return
        path = (*parent.prefix, relation.name)
        self._note_read(parent.row, path, relation, span, parent.model)
        self.loaded[parent.token, relation.name] = UNKNOWN

    def is_handed(self, owner: Instance) -> bool:
        """Whether other code fetched the row, or the one that it hangs on as ``all()`` gives it."""
        row = owner.row
        if row is None:
            return owner.state == "given"
        parent = row.queryset.parent
        return parent is not None and row.queryset.plain and self.is_handed(parent)

    def is_loaded(self, owner: Instance, name: str) -> bool:
        """Whether the relation is there already, or may be for all that is known."""
        if (owner.token, name) in self.loaded:
            return True
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

    def _note_read(
        self, row: Row, path: tuple[str, ...], relation: Relation, span: Span, owner: Key
    ) -> None:
        if self._has(row, path):
            return
        root, lookup = row, path
        while True:
            parent = root.queryset.parent
            if (
                parent is None
                or not root.queryset.plain
                or parent.row is None
                or (parent.row.single)
            ):
                break
            root, lookup = parent.row, (*parent.prefix, root.queryset.relation, *lookup)
        queryset = root.queryset
        given = ""
        if queryset.parent is not None and queryset.plain and queryset.parent.state == "given":
            given = queryset.relation
        joinable, null = self._judge(queryset.model, lookup)
        read = Read(span, path, "__".join(lookup), relation.to_one, joinable, null, owner)
        key = (row.start, row.end, row.at, queryset.origins, queryset.model)
        if key not in self._reads:
            event = RelationsRead(
                self.path,
                (row.start, row.end),
                row.at,
                queryset.model,
                (),
                tuple((origin.start, origin.end) for origin in queryset.origins),
                row.queryset.limit,
                queryset.restricted,
                queryset.streamed,
                given,
            )
            self._reads[key] = event, []
        self._reads[key][1].append(read)

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
        return True, null

    # The end.

    def finish(self) -> list[Event]:
        """All events of the function."""
        for event, reads in self._reads.values():
            self.events.append(
                RelationsRead(
                    event.path,
                    event.loop,
                    event.iterated,
                    event.model,
                    tuple(reads),
                    event.origins,
                    event.limit,
                    event.restricted,
                    event.streamed,
                    event.given,
                )
            )
        self.events += self._creations()
        self.events += self.lookups.values()
        keys: dict[tuple[int, str], KeyRead] = {}
        for token, name, read in self.keys_read:
            if (token, name) not in self.loaded:
                first = keys.get((token, name))
                keys[token, name] = read if first is None else with_read(first, read)
        self.events += keys.values()
        return self.events

    def _creations(self) -> Iterator[RowsCreated]:
        """The new rows of loops that do nothing else, and whose rounds do not see each other's."""
        held = [pending for pending in self.pending if pending.token not in self.escaped]
        for pending in held:
            event, loop = pending.event, pending.loop
            together = {
                other.event.span
                for other in held
                if other.loop is loop and other.event.model == event.model
            }
            related = {relation.target for relation in self.model(event.model).relations.values()}
            if (
                pending.writes <= together
                and event.model not in loop.queried
                and not loop.queried_again & related
            ):
                yield event


def with_read(first: KeyRead, other: KeyRead) -> KeyRead:
    """Two reads of one key told as one."""
    return structs.replace(
        first, reads=first.reads + other.reads, in_loop=first.in_loop or other.in_loop
    )


def loads(index: ModelIndex, queryset: QuerySet, path: tuple[str, ...]) -> bool:
    """Whether *queryset* loads the relations of *path*, or may do so."""
    if queryset.opaque:
        return True
    lookup = "__".join(path)
    below = f"{lookup}__"
    if any(joined == lookup or joined.startswith(below) for joined in queryset.joined):
        return True
    if queryset.joins_all and _all_required(index, queryset.model, path):
        return True
    for prefetch in queryset.prefetched:
        if prefetch.lookup == lookup or prefetch.lookup.startswith(below):
            return True
        if lookup.startswith(f"{prefetch.lookup}__") and prefetch.queryset is not None:
            rest = lookup[len(prefetch.lookup) + 2 :].split("__")
            if loads(index, prefetch.queryset, tuple(rest)):
                return True
    # joined first, then prefetched from there: "author" joined and "author__books" prefetched
    # are covered above, as both are spelt from the queryset's own rows
    return False


def _all_required(index: ModelIndex, key: Key, path: tuple[str, ...]) -> bool:
    model = index.model(key)
    for name in path:
        relation = model.relations.get(name) if model is not None else None
        if relation is None or relation.null or not relation.has_column:
            return False
        model = index.model(relation.target)
    return True
