"""
What a file says of its models' tables: options of columns, indexes, constraints, `__str__`.

It holds the places that findings point at and the options that `praxis.audit.facts.models.classes`
has no use for. Names are as the file's imports have them; `praxis.audit.facts.models.indexes` puts
what a model declares together with what it inherits.
"""

import ast
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.models.class_bodies import chain_of, dotted_name, statements
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

Span = tuple[int, int]
Option = str | bool | int | None

#: Stands for an option that is there, but whose value is not a constant.
UNKNOWN_OPTION = "?"
#: Stands for what ``**options`` may hold.
ANY_OPTION = "**"

_OPTIONS = frozenset({
    "auto_now", "auto_now_add", "blank", "choices", "db_constraint", "db_index", "default", "null",
    "on_delete", "primary_key", "unique",
})  # fmt: skip


class TableField(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    ``name = callee(…)`` in the body of a class.

    *span* is the statement's, *call* that of its value. An option that is a name stands as
    ``"@django.db.models.CASCADE"``.
    """

    name: str
    callee: str
    span: Span
    call: Span
    options: dict[str, Option] = {}


class IndexEntry(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    One entry of ``Meta.indexes``, ``constraints``, ``unique_together`` or ``index_together``.

    Attributes:
        kind: The class as imported, or the name of the option for the last two.
        fields: As written, ``-`` for descending ones; None where they are not constants.
        span: Of the entry.
        name: Its ``name=``, where that is a string.
        more: The other arguments that it has (``condition``, ``opclasses``, …).
        expressions: Whether it has positional arguments.
    """

    kind: str
    fields: tuple[str, ...] | None
    span: Span
    name: str = ""
    more: tuple[str, ...] = ()
    expressions: bool = False


class SelfRead(Struct, frozen=True, array_like=True, omit_defaults=True):
    """``self.path`` in a method; *called* where the last part is."""

    path: tuple[str, ...]
    span: Span
    called: bool = False


class Table(Struct, frozen=True, array_like=True, omit_defaults=True):
    """
    A class at a module's top level that may be a model.

    Attributes:
        name: Of the class.
        header: The words ``class Name``.
        fields: What is assigned from calls.
        meta: The names that its ``Meta`` binds; None without one.
        meta_bases: What ``Meta`` extends.
        entries: Of the options above.
        open: Names of ``Meta`` with a value that is not, or not only, written out.
        ordering: Of ``Meta``; empty where it is not written out.
        str_reads: What ``__str__`` reads of ``self``; None without a method of its own.
        str_span: Its ``def``.
    """

    name: str
    header: Span
    fields: tuple[TableField, ...] = ()
    meta: tuple[str, ...] | None = None
    meta_bases: tuple[str, ...] = ()
    entries: tuple[IndexEntry, ...] = ()
    open: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    str_reads: tuple[SelfRead, ...] | None = None
    str_span: Span = (0, 0)


class TablesFact(Struct, frozen=True, array_like=True):
    """The tables of a file."""

    tables: tuple[Table, ...]


def extract(file: File) -> TablesFact | None:
    """Sum up the file; None where no class may be a model."""
    if "models" not in file.text and "Model" not in file.text:
        return None
    tables = tuple(
        table
        for node in statements(file.tree.body)
        if isinstance(node, ast.ClassDef) and node.bases
        for table in [_table(file, node)]
        if _says_something(table) or any("Model" in dotted_name(file, base) for base in node.bases)
    )
    return TablesFact(tables) if tables else None


def _says_something(table: Table) -> bool:
    return bool(
        table.fields or table.entries or table.meta is not None or table.str_reads is not None
    )


def _table(file: File, node: ast.ClassDef) -> Table:
    fields: list[TableField] = []
    meta: ast.ClassDef | None = None
    text: ast.FunctionDef | None = None
    for item in statements(node.body):
        if isinstance(item, ast.Assign | ast.AnnAssign):
            field = _field(file, item)
            if field is not None:
                fields.append(field)
        elif isinstance(item, ast.ClassDef) and item.name == "Meta":
            meta = item
        elif isinstance(item, ast.FunctionDef) and item.name == "__str__":
            text = item
    start = file.span(node)[0]
    header = (start, start + len(f"class {node.name}"))
    entries: list[IndexEntry] = []
    opened: list[str] = []
    ordering: tuple[str, ...] = ()
    bound: list[str] = []
    for name, value in _assigned(meta):
        bound.append(name)
        if name in _ENTRIES:
            found = _entries(file, name, value)
            entries += [entry for entry in found if entry is not None]
            if None in found:
                opened.append(name)
        elif name == "ordering":
            ordering = _strings(value) or ()
    return Table(
        node.name,
        header,
        tuple(fields),
        None if meta is None else tuple(bound),
        () if meta is None else tuple(dotted_name(file, base) for base in meta.bases),
        tuple(entries),
        tuple(opened),
        ordering,
        None if text is None else tuple(_self_reads(file, text)),
        (0, 0) if text is None else (file.span(text)[0], file.span(text)[0] + len("def __str__")),
    )


def _field(file: File, item: ast.Assign | ast.AnnAssign) -> TableField | None:
    target = item.targets[0] if isinstance(item, ast.Assign) else item.target
    call = item.value
    if not isinstance(target, ast.Name) or not isinstance(call, ast.Call):
        return None
    function = call.func.value if isinstance(call.func, ast.Subscript) else call.func
    callee = dotted_name(file, function)
    if not callee.endswith(("Field", "Key")) or callee.startswith(
        ("django.forms.", "rest_framework.")
    ):
        return None
    options: dict[str, Option] = {}
    for word in call.keywords:
        if word.arg is None:
            options[ANY_OPTION] = UNKNOWN_OPTION
        elif word.arg in _OPTIONS:
            options[word.arg] = _option(file, word.value)
    if len(call.args) > 1 and callee.endswith("Key"):
        options.setdefault("on_delete", _option(file, call.args[1]))
    return TableField(target.id, callee, file.span(item), file.span(call), options)


def _option(file: File, node: ast.expr) -> Option:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bool | int | None):
        return node.value
    name = dotted_name(file, node)
    return f"@{name}" if name else UNKNOWN_OPTION


# Meta.

_ENTRIES = frozenset({"constraints", "index_together", "indexes", "unique_together"})


def _assigned(meta: ast.ClassDef | None) -> Iterator[tuple[str, ast.expr]]:
    for item in meta.body if meta is not None else ():
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            yield item.targets[0].id, item.value
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value:
            yield item.target.id, item.value


def _entries(file: File, name: str, value: ast.expr) -> list[IndexEntry | None]:
    """The entries of an option; None stands for what is not written out."""
    if not isinstance(value, ast.List | ast.Tuple | ast.Set):
        return [None]
    if not name.endswith("_together"):
        return [_index(file, item) for item in value.elts]
    flat = _strings(value)
    if flat:
        return [IndexEntry(name, flat, file.span(value))]
    return [
        None if fields is None else IndexEntry(name, fields, file.span(item))
        for item in value.elts
        for fields in [_strings(item)]
    ]


def _index(file: File, item: ast.expr) -> IndexEntry | None:
    if not isinstance(item, ast.Call) or any(word.arg is None for word in item.keywords):
        return None
    fields: tuple[str, ...] | None = ()
    name = ""
    more: list[str] = []
    for word in item.keywords:
        if word.arg == "fields":
            fields = _strings(word.value)
        elif word.arg == "name":
            if isinstance(word.value, ast.Constant):
                name = str(word.value.value)
        elif word.arg is not None:
            more.append(word.arg)
    kind = dotted_name(file, item.func)
    return IndexEntry(kind, fields, file.span(item), name, tuple(more), bool(item.args))


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    """The strings of a list or tuple of strings; None for anything else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    found = [
        item.value
        for item in node.elts
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]
    return tuple(found) if len(found) == len(node.elts) else None


# __str__.


def _self_reads(file: File, method: ast.FunctionDef) -> Iterator[SelfRead]:
    """The chains of attributes that begin with ``self``, the longest ones, in source order."""
    if not method.args.args:
        return
    own = method.args.args[0].arg
    # with each node: whether it is called, and the f-string around it, in which older versions of
    # Python give no positions that can be trusted
    stack: list[tuple[ast.AST, bool, Span | None]] = [
        (node, False, None) for node in reversed(method.body)
    ]
    while stack:
        node, called, around = stack.pop()
        if isinstance(node, ast.JoinedStr):
            around = around or file.span(node)
        if isinstance(node, ast.Attribute):
            path, root = chain_of(node)
            if isinstance(root, ast.Name) and root.id == own:
                yield SelfRead(path, around or file.span(node), called)
            else:
                stack.append((root, False, around))
        elif isinstance(node, ast.Call):
            inner: list[ast.AST] = [*node.args, *node.keywords]
            stack += [(child, False, around) for child in reversed(inner)]
            stack.append((node.func, True, around))
        else:
            children = list(ast.iter_child_nodes(node))
            stack += [(child, False, around) for child in reversed(children)]


TABLES = Fact("tables", TablesFact, extract, skips=(Role.TEST, Role.MIGRATION))
