"""
Where the rows of a query go, by the names that hold them: what may look at them at all.

Nothing is interpreted. Each use of the rows has to be of a kind that is known; one other use, and
it is no longer known who reads them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.ir import nodes as everything
from praxis.audit.flow.code.places import Places, nodes

#: Methods that return a queryset of the same rows, or of some of them.
_SAME_ROWS = frozenset({
    "alias", "all", "annotate", "complex_filter", "defer", "distinct", "exclude", "extra",
    "filter", "iterator", "aiterator", "only", "order_by", "prefetch_related", "reverse",
    "select_for_update", "select_related", "using",
    "get_page", "page",  # a paginator's
})  # fmt: skip
_ONE_ROW = frozenset({
    "get", "first", "last", "earliest", "latest", "aget", "afirst", "alast", "aearliest", "alatest",
})  # fmt: skip
#: Methods that make no row.
_NO_ROWS = frozenset({
    "aggregate", "count", "exists", "update", "aaggregate", "acount", "aexists", "aupdate",
    "num_pages", "per_page", "paginator", "has_next", "has_previous", "number",
    "values", "values_list",
})  # fmt: skip
#: Functions that give the rows that they are given.
_GIVE_ALL = frozenset({"Paginator", "enumerate", "iter", "list", "reversed", "set", "tuple"})
_GIVE_ONE = frozenset({"next", "get_object_or_404", "aget_object_or_404"})
#: Functions that ask nothing of a row but what is its own, or how it is printed.
_ASK_LITTLE = frozenset({
    "bool", "hash", "id", "isinstance", "len", "print", "repr", "str", "type", "any", "all",
})  # fmt: skip
_CONDITIONS = frozenset({"exclude", "filter", "get", "aget", "get_object_or_404"})
#: Where the template's name and the context stand among the arguments.
_RENDERERS = {"render": (1, 2), "render_to_string": (0, 1), "TemplateResponse": (1, 2)}


@dataclass(slots=True)
class Reach:
    """
    What the rows of a query come to.

    Attributes:
        escaped: Whether other code gets hold of them, which may be any.
        templates: Names of templates that are rendered with them.
        returned: Whether the function returns the queryset.
        shown: Whether something walks the rows, or takes one.
        attributes: What the function itself asks the rows for.
    """

    escaped: bool = False
    templates: set[str] = field(default_factory=set)
    returned: bool = False
    shown: bool = False
    attributes: set[str] = field(default_factory=set)


def reach_of(function: ir.Def, chain: ir.Expr, places: Places) -> Reach:
    """Where the rows of the query *chain* (a part of *function*) go."""
    return _Following(function, places).follow(chain)


class _Following:
    def __init__(self, function: ir.Def, places: Places) -> None:
        self._function, self._places = function, places
        self._reach = Reach()
        self._seen: set[tuple[str, str]] = set()
        self._uses: dict[str, list[ir.Name]] | None = None
        self._inner = {
            node.id
            for statement in nodes(function.body)
            if isinstance(statement, ir.Def | ir.Class)
            for node in everything(statement)
            if isinstance(node, ir.Name)
        }
        self._inner |= {
            name
            for node in nodes(function.body)
            if isinstance(node, ir.Outer)
            for name in node.names
        }

    def follow(self, chain: ir.Expr) -> Reach:
        self._reach.escaped = any(
            isinstance(node, ir.Call) and _called(node) in {"locals", "vars"}
            for node in nodes(self._function.body)
        )
        self._rows(chain)
        return self._reach

    def _lose(self) -> None:
        self._reach.escaped = True

    # Querysets and lists of rows.

    def _rows(self, expr: ir.Expr) -> None:
        parent = self._places.parent(expr)
        match parent:
            case _ if self._reach.escaped:
                return
            case ir.Attr(attr=name):
                self._method(parent, name)
            case ir.For() if parent.iterable is expr:
                self._walked(parent.target)
            case ir.Clause() if parent.iterable is expr:
                self._walked(parent.target)
            case ir.Slice() | ir.Await() | ir.IfExp():
                if not (isinstance(parent, ir.IfExp) and parent.test is expr):
                    self._rows(parent)
            case ir.BoolOp():
                self._rows(parent)
            case ir.Item():
                self._row(parent)
            case ir.Call():
                self._given(parent, expr, whole=True)
            case ir.Return():
                self._reach.returned = True
            case _:
                self._kept(expr, parent, "rows")

    def _method(self, attribute: ir.Attr, name: str) -> None:
        call = self._places.parent(attribute)
        is_called = isinstance(call, ir.Call) and call.function is attribute
        if name in _NO_ROWS:
            return
        if not is_called or not isinstance(call, ir.Call):
            self._lose()
        elif name in _SAME_ROWS:
            self._rows(call)
        elif name in _ONE_ROW:
            self._reach.shown = True
            self._row(call)
        else:
            self._lose()

    def _walked(self, target: ir.Expr) -> None:
        self._reach.shown = True
        for node in nodes(target):
            if isinstance(node, ir.Name):
                self._name(node.id, "row")
            elif not isinstance(node, ir.Seq):
                self._lose()

    # Single rows.

    def _row(self, expr: ir.Expr) -> None:
        parent = self._places.parent(expr)
        match parent:
            case _ if self._reach.escaped:
                return
            case ir.Attr(attr=name):
                self._reach.attributes.add(name)
            case ir.Compare() | ir.Format() | ir.Not() | ir.Await():
                if isinstance(parent, ir.Await):
                    self._row(parent)
            case ir.BoolOp():
                self._row(parent)
            case ir.IfExp():
                if parent.test is not expr:
                    self._row(parent)
            case ir.Call():
                self._given(parent, expr, whole=False)
            case _:
                self._kept(expr, parent, "row")

    def _kept(self, expr: ir.Expr, parent: Struct | None, kind: str) -> None:
        """What rows and lists of them have in common."""
        match parent:
            case ir.Evaluate() | ir.If() | ir.While() | ir.Not() | ir.Compare() | ir.Assert():
                return
            case ir.Binary(operator="%", right=right) if right is expr and kind == "row":
                return
            case ir.Assign(targets=targets):
                for target in targets:
                    if isinstance(target, ir.Name):
                        self._name(target.id, kind)
                    elif isinstance(target, ir.Item) and isinstance(target.value, ir.Name):
                        self._context(target.value.id)
                    else:
                        self._lose()
            case ir.Mapping():
                self._mapping(parent)
            case _:
                self._lose()

    # Names.

    def _name(self, name: str, kind: str) -> None:
        if (name, kind) in self._seen:
            return
        self._seen.add((name, kind))
        if name in self._inner:
            self._lose()
        for use in self._uses_of(name):
            if kind == "rows":
                self._rows(use)
            elif kind == "row":
                self._row(use)
            else:
                self._context_use(use)

    def _uses_of(self, name: str) -> Iterator[ir.Name]:
        """Where the function reads the name."""
        if self._uses is None:
            self._uses = {}
            for node in nodes(self._function.body):
                if isinstance(node, ir.Name):
                    self._uses.setdefault(node.id, []).append(node)
        for node in self._uses.get(name, ()):
            if not self._is_bound(node):
                yield node

    def _is_bound(self, node: ir.Name) -> bool:
        inner: Struct = node
        outer = self._places.parent(node)
        while isinstance(outer, ir.Seq | ir.Star):
            inner, outer = outer, self._places.parent(outer)
        if isinstance(outer, ir.Assign):
            return any(target is inner for target in outer.targets)
        return isinstance(outer, ir.For | ir.Clause) and outer.target is inner

    # Calls and contexts.

    def _given(self, call: ir.Call, expr: ir.Expr, *, whole: bool) -> None:
        name = _called(call)
        if call.args and call.args[0] is expr and isinstance(call.function, ir.Name):
            if name in _ASK_LITTLE:
                return
            if whole and name in _GIVE_ALL | _GIVE_ONE:
                if name in _GIVE_ONE:
                    self._reach.shown = True
                    self._row(call)
                elif name == "enumerate":
                    self._enumerated(call)
                else:
                    self._rows(call)
                return
        if name in _CONDITIONS and any(value is expr for _, value in call.keywords):
            return  # a condition asks for its key
        self._lose()

    def _enumerated(self, call: ir.Call) -> None:
        loop = self._places.parent(call)
        if (
            isinstance(loop, ir.For | ir.Clause)
            and loop.iterable is call
            and isinstance(loop.target, ir.Seq)
        ):
            self._walked(loop.target)
        else:
            self._lose()

    def _mapping(self, mapping: ir.Mapping) -> None:
        parent = self._places.parent(mapping)
        if isinstance(parent, ir.Call):
            self._rendered(parent, mapping)
        elif isinstance(parent, ir.Assign) and all(
            isinstance(target, ir.Name) for target in parent.targets
        ):
            for target in parent.targets:
                self._context(target.id if isinstance(target, ir.Name) else "")
        else:
            self._lose()

    def _context(self, name: str) -> None:
        self._name(name, "context")

    def _context_use(self, use: ir.Name) -> None:
        """A use of a dict that holds rows: it may go to a template, or get more items."""
        parent = self._places.parent(use)
        if isinstance(parent, ir.Item):
            around = self._places.parent(parent)
            if isinstance(around, ir.Assign) and any(t is parent for t in around.targets):
                return
        if isinstance(parent, ir.Attr) and parent.attr == "update":
            return
        if isinstance(parent, ir.Call):
            self._rendered(parent, use)
        elif not self._reach.escaped:
            self._lose()

    def _rendered(self, call: ir.Call, context: ir.Expr) -> None:
        name = _called(call)
        if name not in _RENDERERS:
            self._lose()
            return
        at, behind = _RENDERERS[name]
        words = dict(call.keywords)
        template = call.args[at] if len(call.args) > at else words.get("template_name")
        given = call.args[behind] if len(call.args) > behind else words.get("context")
        if given is context and isinstance(template, ir.Const) and isinstance(template.value, str):
            self._reach.templates.add(template.value)
            self._reach.shown = True
        else:
            self._lose()


def _called(call: ir.Call) -> str:
    if isinstance(call.function, ir.Name):
        return call.function.id
    return call.function.attr if isinstance(call.function, ir.Attr) else ""
