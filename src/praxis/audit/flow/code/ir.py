"""
A file's code in the compact form that flow works on.

It is made once from the tree (`praxis.audit.flow.code.lowering`), kept encoded, and decoded when
the file is interpreted. Offsets count characters. What no rule looks into is `Other`: its parts
are still interpreted, its value is unknown.
"""

from collections.abc import Iterator
from typing import Any, Union, get_args

from msgspec import Struct
from msgspec.structs import fields


class Name(Struct, frozen=True, array_like=True, tag=1, gc=False):
    start: int
    id: str

    @property
    def end(self) -> int:
        return self.start + len(self.id)


class Attr(Struct, frozen=True, array_like=True, tag=2, gc=False):
    start: int
    end: int
    value: "Expr"
    attr: str


class Call(Struct, frozen=True, array_like=True, tag=3, gc=False):
    start: int
    end: int
    function: "Expr"
    args: tuple["Expr", ...] = ()
    keywords: tuple[tuple[str, "Expr"], ...] = ()  #: "" for ``**mapping``


class Const(Struct, frozen=True, array_like=True, tag=4, gc=False):
    start: int
    end: int
    value: str | int | float | bool | None


class Item(Struct, frozen=True, array_like=True, tag=5, gc=False):
    start: int
    end: int
    value: "Expr"
    index: "Expr"


class Slice(Struct, frozen=True, array_like=True, tag=6, gc=False):
    """``value[lower:upper:step]``."""

    start: int
    end: int
    value: "Expr"
    lower: Union["Expr", None]
    upper: Union["Expr", None]
    step: Union["Expr", None]


class Seq(Struct, frozen=True, array_like=True, tag=7, gc=False):
    """A tuple, list or set display; *kind* is the type's name."""

    start: int
    end: int
    kind: str
    items: tuple["Expr", ...]


class Mapping(Struct, frozen=True, array_like=True, tag=8, gc=False):
    """A dict display; a key is None for ``**mapping``."""

    start: int
    end: int
    keys: tuple[Union["Expr", None], ...]
    values: tuple["Expr", ...]


class Clause(Struct, frozen=True, array_like=True, gc=False):
    """``for target in iterable if …`` of a comprehension."""

    target: "Expr"
    iterable: "Expr"
    conditions: tuple["Expr", ...]


class Comp(Struct, frozen=True, array_like=True, tag=9, gc=False):
    """A comprehension; *kind* is ``list``, ``set``, ``dict`` or ``generator``."""

    start: int
    end: int
    kind: str
    clauses: tuple[Clause, ...]
    elements: tuple["Expr", ...]


class Parameter(Struct, frozen=True, array_like=True, gc=False):
    """*kind* is ``""``, ``"*"`` or ``"**"``."""

    name: str
    kind: str = ""
    annotation: Union["Expr", None] = None
    default: Union["Expr", None] = None


class Lambda(Struct, frozen=True, array_like=True, tag=10, gc=False):
    start: int
    end: int
    parameters: tuple[Parameter, ...]
    body: "Expr"


class Await(Struct, frozen=True, array_like=True, tag=11, gc=False):
    start: int
    end: int
    value: "Expr"


class IfExp(Struct, frozen=True, array_like=True, tag=12, gc=False):
    start: int
    end: int
    test: "Expr"
    body: "Expr"
    orelse: "Expr"


class BoolOp(Struct, frozen=True, array_like=True, tag=13, gc=False):
    """``and`` or ``or``."""

    start: int
    end: int
    operator: str
    values: tuple["Expr", ...]


class Compare(Struct, frozen=True, array_like=True, tag=14, gc=False):
    start: int
    end: int
    left: "Expr"
    operators: tuple[str, ...]
    comparators: tuple["Expr", ...]


class Not(Struct, frozen=True, array_like=True, tag=15, gc=False):
    start: int
    end: int
    value: "Expr"


class Star(Struct, frozen=True, array_like=True, tag=16, gc=False):
    start: int
    end: int
    value: "Expr"


class Named(Struct, frozen=True, array_like=True, tag=17, gc=False):
    """``target := value``."""

    start: int
    end: int
    target: str
    value: "Expr"


class Binary(Struct, frozen=True, array_like=True, tag=18, gc=False):
    start: int
    end: int
    operator: str
    left: "Expr"
    right: "Expr"


class Format(Struct, frozen=True, array_like=True, tag=19, gc=False):
    """An f-string: the expressions that it prints."""

    start: int
    end: int
    values: tuple["Expr", ...]


class Yield(Struct, frozen=True, array_like=True, tag=20, gc=False):
    start: int
    end: int
    value: Union["Expr", None]
    delegates: bool = False


class Other(Struct, frozen=True, array_like=True, tag=21, gc=False):
    start: int
    end: int
    parts: tuple["Expr", ...] = ()


class Lookup(Struct, frozen=True, array_like=True, tag=22, gc=False):
    """
    ``value.name`` of a Django template: a key, an attribute or an index, called if it can be.

    Jinja has no such thing: its expressions are those of Python.
    """

    start: int
    end: int
    value: "Expr"
    name: str


class Filter(Struct, frozen=True, array_like=True, tag=23, gc=False):
    """``value|name:argument`` of a template; Jinja's filters may have several arguments."""

    start: int
    end: int
    name: str
    value: "Expr"
    arguments: tuple["Expr", ...] = ()


Expr = Union[  # noqa: UP007 - `|` does not take the forward references of a recursive type
    Name, Attr, Call, Const, Item, Slice, Seq, Mapping, Comp, Lambda, Await, IfExp, BoolOp,
    Compare, Not, Star, Named, Binary, Format, Yield, Other, Lookup, Filter,
]  # fmt: skip


class Import(Struct, frozen=True, array_like=True, tag=1, gc=False):
    """Names bound by an import statement, each with the dotted name it stands for."""

    start: int
    end: int
    names: tuple[tuple[str, str], ...]


class Assign(Struct, frozen=True, array_like=True, tag=2, gc=False):
    """Also an annotated one; *value* is None for a bare annotation."""

    start: int
    end: int
    targets: tuple[Expr, ...]
    value: Expr | None
    annotation: Expr | None = None


class AugAssign(Struct, frozen=True, array_like=True, tag=3, gc=False):
    start: int
    end: int
    target: Expr
    operator: str
    value: Expr


class For(Struct, frozen=True, array_like=True, tag=4, gc=False):
    start: int
    end: int
    target: Expr
    iterable: Expr
    body: tuple["Stmt", ...]
    orelse: tuple["Stmt", ...] = ()
    is_async: bool = False


class While(Struct, frozen=True, array_like=True, tag=5, gc=False):
    start: int
    end: int
    test: Expr
    body: tuple["Stmt", ...]
    orelse: tuple["Stmt", ...] = ()


class If(Struct, frozen=True, array_like=True, tag=6, gc=False):
    start: int
    end: int
    test: Expr
    body: tuple["Stmt", ...]
    orelse: tuple["Stmt", ...] = ()


class With(Struct, frozen=True, array_like=True, tag=7, gc=False):
    """Each item is a context and what it is bound to."""

    start: int
    end: int
    items: tuple[tuple[Expr, Expr | None], ...]
    body: tuple["Stmt", ...]


class Handler(Struct, frozen=True, array_like=True, gc=False):
    """``except kind as name``."""

    kind: Expr | None
    name: str
    body: tuple["Stmt", ...]


class Try(Struct, frozen=True, array_like=True, tag=8, gc=False):
    start: int
    end: int
    body: tuple["Stmt", ...]
    handlers: tuple[Handler, ...]
    orelse: tuple["Stmt", ...]
    final: tuple["Stmt", ...]


class Return(Struct, frozen=True, array_like=True, tag=9, gc=False):
    start: int
    end: int
    value: Expr | None


class Evaluate(Struct, frozen=True, array_like=True, tag=10, gc=False):
    """An expression as a statement."""

    start: int
    end: int
    value: Expr


class Raise(Struct, frozen=True, array_like=True, tag=11, gc=False):
    start: int
    end: int
    value: Expr | None


class Delete(Struct, frozen=True, array_like=True, tag=12, gc=False):
    start: int
    end: int
    targets: tuple[Expr, ...]


class Jump(Struct, frozen=True, array_like=True, tag=13, gc=False):
    """``break`` or ``continue``."""

    start: int
    end: int
    kind: str


class Assert(Struct, frozen=True, array_like=True, tag=14, gc=False):
    start: int
    end: int
    test: Expr


class Outer(Struct, frozen=True, array_like=True, tag=15, gc=False):
    """``global`` or ``nonlocal`` names."""

    start: int
    end: int
    names: tuple[str, ...]


class Case(Struct, frozen=True, array_like=True, gc=False):
    """A ``case``: the names it binds, its guard and its body."""

    bound: tuple[str, ...]
    guard: Expr | None
    body: tuple["Stmt", ...]


class Match(Struct, frozen=True, array_like=True, tag=16, gc=False):
    start: int
    end: int
    subject: Expr
    cases: tuple[Case, ...]


class Def(Struct, frozen=True, array_like=True, tag=17, gc=False):
    """A function; *start* is that of ``def``, after the decorators."""

    start: int
    end: int
    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expr, ...]
    returns: Expr | None
    body: tuple["Stmt", ...]
    is_async: bool = False


class Class(Struct, frozen=True, array_like=True, tag=18, gc=False):
    start: int
    end: int
    name: str
    bases: tuple[Expr, ...]
    decorators: tuple[Expr, ...]
    body: tuple["Stmt", ...]


# Statements of templates.


class Show(Struct, frozen=True, array_like=True, tag=19, gc=False):
    """``{{ value }}``: printed, so that a row's ``__str__`` runs."""

    start: int
    end: int
    value: Expr


class Include(Struct, frozen=True, array_like=True, tag=20, gc=False):
    """``{% include name with bound=value only %}``."""

    start: int
    end: int
    name: Expr
    bindings: tuple[tuple[str, Expr], ...] = ()
    only: bool = False


class Block(Struct, frozen=True, array_like=True, tag=21, gc=False):
    """``{% block name %}``; what extends the template may bring another body."""

    start: int
    end: int
    name: str
    body: tuple["Stmt", ...]


class Scope(Struct, frozen=True, array_like=True, tag=22, gc=False):
    """Names that hold inside *body* alone: ``{% with %}``, ``{% blocktranslate with %}``."""

    start: int
    end: int
    bindings: tuple[tuple[str, Expr], ...]
    body: tuple["Stmt", ...]


class Regroup(Struct, frozen=True, array_like=True, tag=23, gc=False):
    """``{% regroup value by path as target %}``: *path* is read of each item."""

    start: int
    end: int
    value: Expr
    path: tuple[str, ...]
    target: str


class Tag(Struct, frozen=True, array_like=True, tag=24, gc=False):
    """
    Any other tag, with what it is given; *target* is what ``as`` binds, or empty.

    *body* is what stands between it and its end tag, where it is known to have one.
    """

    start: int
    end: int
    name: str
    args: tuple[Expr, ...] = ()
    keywords: tuple[tuple[str, Expr], ...] = ()
    target: str = ""
    body: tuple["Stmt", ...] = ()


class TemplateImport(Struct, frozen=True, array_like=True, tag=25, gc=False):
    """
    Jinja's ``{% import name as target %}`` and ``{% from name import … %}``.

    *names* are pairs of a macro's name and what it is bound to.
    """

    start: int
    end: int
    name: Expr
    target: str = ""
    names: tuple[tuple[str, str], ...] = ()


Stmt = Union[  # noqa: UP007 - see above
    Import, Assign, AugAssign, For, While, If, With, Try, Return, Evaluate, Raise, Delete, Jump,
    Assert, Outer, Match, Def, Class, Show, Include, Block, Scope, Regroup, Tag, TemplateImport,
]  # fmt: skip


class Code(Struct, frozen=True, array_like=True):
    """A whole file."""

    body: tuple[Stmt, ...]


class TemplateCode(Struct, frozen=True, array_like=True):
    """
    A whole template.

    Attributes:
        extends: What it extends; None for a template of its own.
        body: In source order; of one that extends another only blocks (and imports) matter.
        libraries: The tag libraries that it loads.
        jinja: Whether it is written for Jinja.
    """

    extends: Expr | None
    body: tuple[Stmt, ...]
    libraries: tuple[str, ...] = ()
    jinja: bool = False


def _parts_of(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a node that may hold others; most hold positions, words and constants."""
    return tuple([field.name for field in fields(kind) if not _is_leaf(field.type)])


def _is_leaf(kind: Any) -> bool:
    if kind in {int, str, bool, float, type(None), ...}:
        return True
    inner = get_args(kind)
    return bool(inner) and all(_is_leaf(one) for one in inner)


#: The classes of all nodes, with the fields that may hold others.
PARTS: dict[type, tuple[str, ...]] = {}
for _kind in (*get_args(Expr), *get_args(Stmt), Parameter, Clause, Handler, Case):
    PARTS[_kind] = _parts_of(_kind)


def nodes(root: object) -> Iterator[Struct]:
    """Every node in *root*, a node or tuples of them; itself included."""
    return walk(root, frozenset())


def walk(root: object, closed: frozenset[type]) -> Iterator[Struct]:
    """The same, without what is within nodes of the classes *closed*."""
    stack = [root]
    while stack:
        node: Any = stack.pop()
        kind = node.__class__
        if kind is tuple:
            stack += node
            continue
        parts = PARTS.get(kind)
        if parts is None:
            continue
        yield node
        if kind not in closed:
            for name in parts:
                held = getattr(node, name)
                if held:  # no node is false; what is left out is None, or an empty block
                    stack.append(held)
