"""The state of one function while it is interpreted, and the events that it gathers."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import compress
from operator import is_not

from msgspec import Struct, structs
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model, ModelIndex, Relation
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import (
    Event,
    Hop,
    KeyRead,
    Read,
    RelationsRead,
    RowsCreated,
    RowsLookedUp,
    Site,
    Span,
    Spot,
    Write,
)
from praxis.audit.flow.interpreter.amounts import HANDFUL, few_meet
from praxis.audit.flow.interpreter.scope import Scope
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Instance,
    Manager,
    QuerySet,
    Row,
    Value,
    join,
)
from praxis.audit.flow.merging import one_query


class Loop(Struct, eq=False):
    """A loop around the current place; *rounds* where the code tells how many."""

    path: str
    start: int
    end: int
    kind: str
    rounds: int | None = None
    #: Models asked for inside it so far.
    queried: set[Key] = set()
    #: The same without what it runs over: asked for once a round.
    queried_again: set[Key] = set()
    #: Whether a round has begun: what it runs over is known.
    begun: bool = False
    #: Its statement or comprehension, where it is one.
    source: ir.For | ir.Comp | None = None
    #: ``try`` blocks around the current place, inside of the loop.
    tries: int = 0
    #: The model of the rows that it goes over, where the query tells that they may be many.
    many: Key | None = None


class Ask(Struct, frozen=True, eq=False):
    """
    A query, or a write, where it happens.

    Attributes:
        how: The method (``get``, ``count``), ``rows`` where the rows are fetched, ``item`` for one
            by its position; ``write`` for whatever changes rows of the model.
        queryset: What is asked.
        node: The call; for ``rows`` what gives the queryset.
        loops: The loops of which each round does so, the innermost last.
        left: Those of them that end here.
        repeats: Whether it asks one row after the other for its related rows.
        quiet: Whether it is an exception.
    """

    how: str
    queryset: QuerySet
    node: ir.Expr
    loops: tuple[Loop, ...]
    left: frozenset[int]
    repeats: bool
    quiet: bool


class State(Struct, eq=False):
    """What differs between branches."""

    names: dict[str, Value] = {}
    #: Fields set on a fetched row since it was fetched or saved, by token.
    changed: dict[int, tuple[str, ...]] = {}

    def copy(self) -> "State":
        return State(dict(self.names), dict(self.changed))

    def joined(self, other: "State") -> "State":
        """What holds where two branches meet."""
        # few names differ, and generated functions have thousands: those alone are looked at
        mine, theirs = self.names, other.names
        names = dict(mine)
        if list(mine) == list(theirs):  # as they mostly are
            for name in compress(mine, map(is_not, mine.values(), theirs.values())):
                names[name] = join(mine[name], theirs[name])
        else:
            get = theirs.get
            for name in [name for name, value in mine.items() if get(name) is not value]:
                names[name] = join(mine[name], theirs.get(name, UNKNOWN))
            for name in theirs.keys() - mine.keys():
                names[name] = UNKNOWN
        changed = dict(self.changed)
        for token, fields in other.changed.items():
            changed[token] = tuple(dict.fromkeys(changed.get(token, ()) + fields))
        return State(names, changed)


class PendingCreation(Struct, frozen=True):
    """
    A new row saved once a round, told if the loop's end confirms it.

    *token* is the row's, which must not escape; *writes* are all calls of the loop's body that
    save a row: every one has to be told with it.
    """

    token: int
    event: RowsCreated
    loop: Loop
    writes: frozenset[Span]


#: When a block runs: for few of the rows, or for those whose relations are not loaded yet.
RARELY, UNLESS_LOADED = "rarely", "unless loaded"
#: It runs for requests that ask for it, by a parameter.
WHERE_ASKED = "where asked"


class UnlessGiven(Struct, frozen=True, gc=False):
    """It runs for rows to which no query gives the attribute *lookup*, as seen from a parameter."""

    parameter: int
    lookup: tuple[str, ...]


#: When a block runs; empty where that is not known.
Mode = str | UnlessGiven
#: All that is known of when the current block runs.
Modes = tuple[int, int, int, tuple[UnlessGiven, ...], int]

#: Answered from the rows that a prefetch has fetched.
_SERVED = frozenset({"count", "exists", "contains", "acount", "aexists", "acontains"})

#: What lies behind more calls than these depends on too much to be told of every row.
MAX_CALLS = 5


class Nested(Struct, frozen=True, gc=False):
    """The loop in which a relation is read from rows that hang on a parameter."""

    path: str
    loop: Span
    iterated: Span
    kind: str
    told: bool
    walked: str


class ParameterRead(Struct, frozen=True, gc=False):
    """
    A relation read of what the caller handed in, or of rows that hang on it.

    *path* leads there from the parameter; *nested* is the loop where it leads through many rows,
    and then *told* is whether the function itself tells of it. *served* is whether a prefetch
    serves it, and *kept*, if not below 0, how much of the path leads to the row that keeps what
    comes of it (a cached property). It is not done where the query gives an attribute in *unless*;
    *asked* is whether it is done for requests alone that ask for it.
    """

    parameter: int
    path: tuple[str, ...]
    spot: Spot
    via: tuple[Hop, ...] = ()
    nested: Nested | None = None
    how: str = ""
    served: bool = False
    kept: int = -1
    unless: tuple[tuple[str, ...], ...] = ()
    asked: bool = False


class Frame:
    """
    One function (or the module's own level): names, loops, what was read of which instance.

    *kind* is what walks rows there: empty for Python, ``template``, ``serializer``, ``admin``.
    """

    def __init__(self, scope: Scope, hidden: frozenset[str] = frozenset(), kind: str = "") -> None:
        self.scope, self.index, self.path = scope, scope.index, scope.path
        self.program = scope.program
        self.kind = kind
        #: The class whose body defines the function, for ``super()``.
        self.owner: Key | None = None
        self.receiver: Value | None = None
        #: What the caller has handed in, and may use itself.
        self.given: tuple[Value, ...] = ()
        self._hidden = hidden
        #: The calls and includes that lead to the current place.
        self.via: tuple[Hop, ...] = ()
        #: What is returned, and what is yielded.
        self.returned: list[Value] = []
        self.yielded: list[Value] = []
        self.parameter_reads: list[ParameterRead] = []
        #: Relations of what the caller handed in, by its number, that were set.
        self.parameter_stores: list[tuple[int, str]] = []
        #: Of a template: the bodies of its blocks, the nearest first, and which run right now.
        self.blocks: dict[str, list[tuple[str, ir.Block]]] = {}
        self.running: list[tuple[str, ir.Block]] = []
        #: The templates and macros that run inside of each other.
        self.including: list[str] = []
        #: What was stored as attributes of a request.
        self.on_request: dict[str, list[Value]] = {}
        #: What was stored in attributes of objects, by their class.
        self.attributes: dict[tuple[Key, str], Value] = {}
        self.state = State()
        self.loops: list[Loop] = []
        #: Loops of which the current block sees at most one round.
        self.left: set[int] = set()
        #: Above zero where what happens is an exception: nothing is told of it.
        self.quiet = 0
        #: Above zero where what happens is for rows whose relations are not loaded yet.
        self.unless_loaded = 0
        #: The attributes that the rows do not have here, as their queries gave them none.
        self.unless_given: tuple[UnlessGiven, ...] = ()
        #: Above zero where what happens is for requests that ask for it.
        self.where_asked = 0
        #: So many of the loops go round without the current block, mostly; below 0 for none.
        self.passed_over = -1
        #: So many loops are around the innermost branch of a condition; below 0 for none.
        self.branched = -1
        #: Relations of instances that are loaded by now, with their values.
        self.loaded: dict[tuple[int, str], Value] = {}
        #: Instances that were fetched anew, and what was reached from these.
        self.refreshed: set[int] = set()
        #: Instances that several rows may hang on.
        self.shared: set[int] = set()
        #: Instances that other code has got hold of.
        self.escaped: set[int] = set()
        #: Instances that ``get_or_create`` has found or made.
        self.perhaps_new: set[int] = set()
        #: Fields set from their own values on rows that are not saved yet, by token: the place,
        #: and the start of the loop around it.
        self.changes: dict[int, dict[str, tuple[Span, int]]] = {}
        self.events: list[Event] = []
        #: By where the query is made and its conditions: what it asks for.
        self.lookups: dict[tuple[int, object], RowsLookedUp] = {}
        self.pending: list[PendingCreation] = []
        #: ``row.relation.id``, which is nothing if the relation is read otherwise as well.
        self.keys_read: list[tuple[int, str, KeyRead]] = []
        #: Tests of a name's queryset, which are nothing if its rows are used elsewhere.
        self.tests: list[tuple[str, Span, Event]] = []
        #: Every query and write, in the order of interpretation.
        self.asks: list[Ask] = []
        #: Expressions that give querysets, by their places.
        self.giving: dict[Span, ir.Expr] = {}
        #: Writes of one row a round, told if the loop's end confirms them: with their loops.
        self.written: list[tuple[Loop, Write, frozenset[Span]]] = []
        self._reads: dict[tuple[object, ...], tuple[RelationsRead, list[Read]]] = {}

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
        entered = Loop(self.path, start, end, kind, rounds, source=source)
        self.loops.append(entered)
        try:
            with self.block():
                yield entered
        finally:
            self.loops.pop()
            self.left.discard(start)

    @contextmanager
    def block(self, mode: Mode = "") -> Iterator[None]:
        """A block of which it is known when it runs; see `praxis.audit.flow.interpreter.guards`."""
        before = self.modes()
        self.keep(mode)
        try:
            yield
        finally:
            self.restore(before)

    def modes(self) -> Modes:
        """When the current block runs, to be restored after one in it."""
        return (
            self.quiet, self.unless_loaded, self.passed_over, self.unless_given, self.where_asked,
        )  # fmt: skip

    def restore(self, modes: Modes) -> None:
        """The opposite of `modes`."""
        self.quiet, self.unless_loaded, self.passed_over = modes[:3]
        self.unless_given, self.where_asked = modes[3:]

    def keep(self, mode: Mode) -> None:
        """The same for the rest of the current block."""
        if type(mode) is UnlessGiven:
            self.unless_given += (mode,)
        if mode == RARELY:
            self.passed_over = len(self.loops)
        self.unless_loaded += mode == UNLESS_LOADED
        self.where_asked += mode == WHERE_ASKED

    def queries(self, key: Key) -> None:
        """Note that rows of the model are asked for."""
        for loop in self.loops:
            loop.queried.add(key)
            if loop.begun:
                loop.queried_again.add(key)

    def ask(self, how: str, queryset: QuerySet, node: ir.Expr | None) -> None:
        """Note a query or a write; None where it is not known what asks for it."""
        if how != "write":
            self.queries(queryset.model)
        if node is None:
            return
        loops = tuple([loop for loop in self.loops if loop.begun])
        repeats = queryset.parent is not None and self.repeats(queryset.parent.row)
        left = frozenset(self.left)
        self.asks.append(Ask(how, queryset, node, loops, left, repeats, bool(self.quiet)))

    def repeats(self, row: Row | None) -> bool:
        """Whether the current place sees one row of *row* after the other."""
        return (
            row is not None
            and not row.single
            and not self.quiet
            and row.start not in self.left
            and any(
                loop.start == row.start and loop.end == row.end and loop.path == row.path
                for loop in self.loops[max(self.passed_over, 0) :]
            )
        )

    # Instances.

    def instance(
        self,
        model: Key,
        row: Row | None = None,
        prefix: tuple[str, ...] = (),
        state: str = "given",
        parameter: int = -1,
    ) -> Instance:
        token = self.program.new_token()
        made_in = self.loops[-1].start if self.loops else -1
        return Instance(model, token, row, prefix, state, made_in, parameter)

    def row_of(
        self, queryset: QuerySet, span: Span, at: Span, *, single: bool, since: Spot | None = None
    ) -> Value:
        """The instance that a loop's variable, or ``get()``, holds."""
        if queryset.values or self.model(queryset.model).opaque:
            return UNKNOWN
        row = Row(queryset, self.path, *span, at, single or queryset.limit == 1, since)
        made = self.instance(queryset.model, row, state="fetched")
        self.hold_parent(made, queryset)
        return made

    def hold_parent(self, row: Instance, queryset: QuerySet) -> None:
        """A row of a related manager holds the one that this was asked of."""
        if queryset.parent is not None:
            back = self.back_of(queryset.parent, queryset.relation)
            if back:
                self.loaded[row.token, back] = queryset.parent

    def back_of(self, parent: Instance, relation: str) -> str:
        """The attribute of a related row that already holds *parent*."""
        found = self.model(parent.model).relations.get(relation)
        if found is None or found.kind not in {model_index.REVERSE, model_index.REVERSE_ONE}:
            return ""
        return found.back

    def refresh(self, value: Instance) -> None:
        """The row is fetched anew: what its query has loaded is gone, and needs no word."""
        self.refreshed.add(value.token)

    def escape(self, value: Value) -> None:
        """Other code has got hold of *value*: it may set fields, or keep it."""
        if type(value) is Instance:
            self.escaped.add(value.token)
            self.state.changed.pop(value.token, None)

    # Relations.

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

    def spot(self, span: Span) -> Spot:
        """The span, in the file that is interpreted."""
        return self.path, span[0], span[1]

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
                self.are_few(queryset, span),
            )
            self._reads[key] = event, []
        self._reads[key][1].append(read)

    def are_few(self, queryset: QuerySet, loop: Span) -> bool:
        """
        Whether there may be a handful: the rows of one other row, those that keys ask for, the
        first ten.

        Not where the loop over them stands in one over many: then it is the rows of all those.
        """
        if any(
            outer.many and outer.start < loop[0] and loop[1] <= outer.end for outer in self.loops
        ):
            return False
        if queryset.limit is not None and queryset.limit <= HANDFUL:
            return True
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

    # The end.

    def finish(self) -> list[Event]:
        """All events of the function."""
        self.events += one_query(
            structs.replace(event, reads=tuple(_one_level(dict.fromkeys(reads))))
            for event, reads in self._reads.values()
            if reads
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


def _one_level(reads: Iterable[Read]) -> Iterator[Read]:
    """The reads, without the same relation read further down: who knows how far it goes."""
    seen: dict[tuple[Spot, str], list[tuple[str, ...]]] = {}
    for read in reads:
        above = seen.setdefault((read.spot, read.path[-1]), [])
        if not any(read.path != path and read.path[: len(path)] == path for path in above):
            above.append(read.path)
            yield read


def gives(queryset: QuerySet, lookup: tuple[str, ...]) -> bool:
    """Whether the query sets the attribute at *lookup*: by ``annotate``, or by ``to_attr``."""
    if len(lookup) == 1 and lookup[0] in queryset.annotated:
        return True
    named = "__".join(lookup)
    return queryset.opaque or any(
        prefetch.to_attr and prefetch.lookup == named for prefetch in queryset.prefetched
    )


def annotated_names(queryset: QuerySet) -> frozenset[str]:
    """The attributes that the query sets on its rows, besides fields."""
    given = {prefetch.to_attr for prefetch in queryset.prefetched if prefetch.to_attr}
    return queryset.annotated | given if given else queryset.annotated


def _lies_in(spot: Spot, other: Spot) -> bool:
    return spot[0] == other[0] and other[1] <= spot[1] and spot[2] <= other[2]


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
    if path[0] in queryset.nulls:
        return True  # there is nothing to fetch
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
