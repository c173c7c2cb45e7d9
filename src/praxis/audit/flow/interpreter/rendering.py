"""
Templates rendered: their code runs with the context that a view hands in.

A template is interpreted much like a function (`praxis.audit.flow.interpreter.calling`): rows of
the caller are stood for by numbers, and what the template reads of them is replayed for the
caller. Parts of it that bind or read nothing which is known are passed over.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from praxis.audit.facts.templates.given_names import GivenNames
from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Hop, Spot
from praxis.audit.flow.interpreter.arguments import Arguments, is_followed
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.scope import TemplateScope
from praxis.audit.flow.interpreter.summaries import MAX_DEPTH, Summary, apply, recalled, recorded
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, Macro, Value

#: Includes within includes are followed so deep.
MAX_INCLUDES = 10
#: A template is interpreted for so many contexts.
MAX_CONTEXTS = 200


def render(frame: Frame, path: str, context: Mapping[str, Value], spot: Spot) -> None:
    """What the template at *path* reads of *context*, rendered at *spot* of *frame*."""
    program = frame.program
    names = names_in(program, path)
    arguments = Arguments()
    bound = tuple(
        (name, arguments.abstract(value))
        for name, value in context.items()
        if name and (names is None or name in names)
    )
    if not any(is_followed(value) for _, value in bound):
        return
    hop = Hop(spot, f"renders {program.templates.name_of(path) or path}")
    summary = _summary_of(program, path, bound, hop)
    if summary is not None:
        apply(frame, summary, arguments)


def _summary_of(
    program: Program, path: str, bound: tuple[tuple[str, Value], ...], hop: Hop
) -> Summary | None:
    summaries = program.keep("renderings")
    key = path, bound, hop
    found = recalled(program, summaries.get(key))
    if found is not None:
        return found
    counts = program.keep("contexts")
    count = counts.get(path, 0)
    if not isinstance(count, int) or count >= MAX_CONTEXTS or len(program.records) > MAX_DEPTH:
        return None
    counts[path] = count + 1
    summary = Summary()
    summaries[key] = summary

    def interpret() -> None:
        inner = Frame(TemplateScope(path, program), kind="template")
        inner.via = (hop,)
        for name, value in bound:
            inner.bind(name, value)
        execute_template(inner, path)
        program.records[-1].events += inner.finish()
        summary.reads = tuple(inner.parameter_reads)

    summary.record = recorded(program, interpret)
    return summary


# Inheritance.


def execute_template(frame: Frame, path: str) -> None:
    """Run the template, with all that it extends, in *frame*."""
    line = list(_line(frame.program, path))
    if not line:
        return
    outer = frame.blocks
    frame.blocks = {}
    for each, code in line:
        for block in _blocks_in(code.body):
            frame.blocks.setdefault(block.name, []).append((each, block))
    root, code = line[-1]
    try:
        for each, lower in line[:-1]:  # what binds names for the blocks
            with _at(frame, each):
                _run(frame, tuple(node for node in lower.body if isinstance(node, _BINDING)))
        with _at(frame, root):
            if code.extends is None:
                _run(frame, code.body)
            else:  # what it extends is not of this project: all blocks count as shown
                for name, found in frame.blocks.items():
                    run_block(frame, name, found[0])
    finally:
        frame.blocks = outer


_BINDING = (ir.Assign, ir.TemplateImport, ir.Def)


def _line(program: Program, path: str) -> Iterator[tuple[str, ir.TemplateCode]]:
    """The template and those that it extends, itself first."""
    seen: set[str] = set()
    wanted: str | None = path
    while wanted is not None and wanted not in seen:
        seen.add(wanted)
        code = program.template(wanted)
        if code is None:
            return
        yield wanted, code
        extends = code.extends
        wanted = (
            program.template_path(extends.value, wanted, extending=True)
            if isinstance(extends, ir.Const) and isinstance(extends.value, str)
            else None
        )


def _blocks_in(body: tuple[ir.Stmt, ...]) -> Iterator[ir.Block]:
    for statement in body:
        if isinstance(statement, ir.Block):
            yield statement
        for inner in _bodies(statement):
            yield from _blocks_in(inner)


def _bodies(statement: ir.Stmt) -> Iterator[tuple[ir.Stmt, ...]]:
    match statement:
        case ir.If(body=body, orelse=orelse) | ir.For(body=body, orelse=orelse):
            yield from (body, orelse)
        case ir.Block(body=body) | ir.Scope(body=body) | ir.Tag(body=body) | ir.With(body=body):
            yield body


def run_block(frame: Frame, name: str, chosen: tuple[str, ir.Block] | None = None) -> bool:
    """Run the body that the block has in the template that is rendered."""
    found = frame.blocks.get(name, [])
    if chosen is None:
        chosen = found[0] if found else None
    if chosen is None:
        return False
    path, block = chosen
    if chosen in frame.running:
        return True
    frame.running.append(chosen)
    try:
        with _at(frame, path):
            _run(frame, block.body)
    finally:
        frame.running.pop()
    return True


def run_super(frame: Frame) -> None:
    """``{{ block.super }}``: the body that the current one takes the place of."""
    if not frame.running:
        return
    current = frame.running[-1]
    found = frame.blocks.get(current[1].name, [])
    if current in found:
        below = found[found.index(current) + 1 :]
        if below:
            run_block(frame, current[1].name, below[0])


# Includes.

#: What nobody hands to an included template is nothing there.
_NOTHING = Const(None)
_NONE: frozenset[str] = frozenset()
#: What context processors and views of every kind hand to all templates.
_EVERYWHERE = frozenset({"form", "messages", "object", "perms", "request", "user", "view"})


def include(
    frame: Frame, path: str, bindings: Mapping[str, Value], spot: Spot, *, only: bool = False
) -> None:
    """Run another template where *spot* includes it."""
    if len(frame.including) >= MAX_INCLUDES or path in frame.including:
        return
    names = names_in(frame.program, path)
    outside = frame.state
    frame.state = outside.copy()
    if only:
        frame.state.names.clear()
    for name, value in bindings.items():
        frame.bind(name, value)
    for name in frame.program.project.derive(GivenNames).by_path.get(path, _NONE):
        if name not in _EVERYWHERE and frame.look_up(name) == UNKNOWN:
            frame.state.names.setdefault(name, _NOTHING)
    bound = frame.state.names
    worth = any(
        is_followed(value) and (names is None or name in names) for name, value in bound.items()
    )
    via = frame.via
    frame.via = (*via, Hop(spot, f"includes {frame.program.templates.name_of(path) or path}"))
    frame.including.append(path)
    try:
        if worth:
            execute_template(frame, path)
    finally:
        frame.including.pop()
        frame.via = via
        frame.state = outside


def call_macro(frame: Frame, macro: Macro, args: list[Value], keywords: dict[str, Value]) -> None:
    """Run a macro of Jinja."""
    from praxis.audit.flow.interpreter.arguments import bind

    definition = macros_of(frame.program, macro.path).get(macro.name)
    place = f"{macro.path}:{macro.name}"
    if definition is None or place in frame.including or len(frame.including) >= MAX_INCLUDES:
        return
    outside = frame.state
    frame.state = outside.copy()
    frame.state.names.clear()
    for name in macros_of(frame.program, macro.path):
        frame.bind(name, Macro(macro.path, name))
    for name, value in bind(definition, args, keywords).items():
        frame.bind(name, value)
    frame.including.append(place)
    try:
        with _at(frame, macro.path):
            _run(frame, definition.body)
    finally:
        frame.including.pop()
        frame.state = outside


def macros_of(program: Program, path: str) -> dict[str, ir.Def]:
    """The macros that a template of Jinja defines."""
    code = program.template(path)
    if code is None:
        return {}
    return {node.name: node for node in code.body if isinstance(node, ir.Def)}


@contextmanager
def _at(frame: Frame, path: str) -> Iterator[None]:
    """What happens stands in the file *path*."""
    outside = frame.path
    frame.path = path
    try:
        yield
    finally:
        frame.path = outside


def _run(frame: Frame, body: tuple[ir.Stmt, ...]) -> None:
    from praxis.audit.flow.interpreter.statements import execute  # which runs includes and blocks

    execute(frame, body)


# What a template may read.


def names_in(program: Program, path: str) -> frozenset[str] | None:
    """The names that the template, and what it includes or extends, reads; None for any."""

    def find() -> frozenset[str]:
        found: set[str] = set()
        code = program.template(path)
        if code is not None:
            for node in ir.nodes((code.body, code.extends)):
                if type(node) is ir.Name:
                    found.add(node.id)
                elif isinstance(node, _OTHERS):
                    found |= _names_of_other(program, node.name, path)
            if code.extends is not None:
                found |= _names_of_other(program, code.extends, path)
        return frozenset(found)

    # what includes itself reads no more than it does
    names = program.once("template names", path, frozenset[str](), find)
    return None if _ANYTHING in names else names


_OTHERS = ir.Include, ir.TemplateImport


#: Stands for names that cannot be told.
_ANYTHING = "*"


def _names_of_other(program: Program, name: ir.Expr, path: str) -> frozenset[str]:
    if not (isinstance(name, ir.Const) and isinstance(name.value, str)):
        return frozenset({_ANYTHING})
    other = program.template_path(name.value, path, extending=True)
    if other is None:
        return frozenset()
    names = names_in(program, other)
    return frozenset({_ANYTHING}) if names is None else names
