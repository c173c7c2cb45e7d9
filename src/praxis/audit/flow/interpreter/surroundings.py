"""What is around the current place: names, loops, branches, and the rows that were met."""

from collections.abc import Iterator
from contextlib import contextmanager

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models import model_index
from praxis.audit.facts.models.model_index import Model
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import (
    Event,
    Hop,
    KeyRead,
    Read,
    RelationsRead,
    RowsLookedUp,
    Span,
    Spot,
    Write,
)
from praxis.audit.flow.interpreter.scope import Scope
from praxis.audit.flow.interpreter.states import (
    RARELY,
    UNLESS_LOADED,
    WHERE_ASKED,
    Ask,
    Loop,
    Mode,
    Modes,
    ParameterRead,
    PendingCreation,
    State,
    UnlessGiven,
)
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Instance,
    QuerySet,
    Row,
    Value,
)


class Surroundings:
    """The surroundings of whatever a function does.

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

    def spot(self, span: Span) -> Spot:
        """The span, in the file that is interpreted."""
        return self.path, span[0], span[1]

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
