"""
What is kept of a function that was interpreted for one sort of arguments.

Also how one is run, and how what it looked at and told is recorded meanwhile.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.flow.code import ir
from praxis.audit.flow.events import Event, Hop, RowSaved, RowsSaved
from praxis.audit.flow.interpreter.arguments import Arguments
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.program import Program, Record
from praxis.audit.flow.interpreter.replaced_rows import tokens_in
from praxis.audit.flow.interpreter.states import ParameterRead
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Function,
    Instance,
    Object,
    ProjectClass,
    QuerySet,
    Rows,
    Value,
    join,
)

#: Calls within calls are followed so deep.
MAX_DEPTH = 14


#: A function is interpreted for so many sorts of arguments; more of them are not known.
MAX_SORTS = 60


class Summary(Struct, eq=False):
    """What a function returns, and what it reads of what it is given."""

    result: Value = UNKNOWN
    reads: tuple[ParameterRead, ...] = ()
    #: None while it is worked out.
    record: Record | None = None
    attributes: tuple[tuple[str, Value], ...] = ()
    #: Relations that were loaded by the time of its return, by the tokens of the rows.
    loaded: tuple[tuple[int, str], ...] = ()
    #: Relations that were set, by the numbers of the arguments.
    stores: tuple[tuple[int, str], ...] = ()
    #: The numbers of the parameters whose rows it fetches anew.
    refreshed: frozenset[int] = frozenset()
    #: What is said of its queries, where nothing is known of its arguments; else None.
    alone: tuple[Event, ...] | None = None


def apply(
    frame: Frame,
    summary: Summary,
    arguments: Arguments,
    via: tuple[Hop, ...] = (),
    keeper: Value | None = None,
) -> Value:
    """
    Replay for *frame* what the summary says, and give what it returns.

    *keeper* is the row that keeps what its cached property has worked out.
    """
    for read in summary.reads:
        actual = arguments.actual[read.parameter]
        if read.kept < 0 and isinstance(keeper, Instance) and actual.token == keeper.token:
            frame.replay(actual, replace(read, kept=0), via)
        else:
            frame.replay(actual, read, via)
    for number in summary.refreshed:
        frame.refresh(arguments.actual[number])
    for number, name in summary.stores:
        frame.store(arguments.actual[number], name)
    return arguments.concrete(frame, summary.result, summary.loaded)


def summary_of(
    program: Program,
    function: Function,
    definition: ir.Def,
    sort: tuple[tuple[str, Value], ...],
) -> Summary | None:
    """The summary for arguments of this sort; None where it is not to be had."""
    summaries = program.keep("summaries")
    key = (function.path, function.name, function.owner, sort)
    found = recalled(program, summaries.get(key))
    if found is not None:
        return found
    counts = program.keep("sorts")
    place = function.path, function.name
    count = counts.get(place, 0)
    if not isinstance(count, int) or len(program.records) > MAX_DEPTH:
        return None
    if count >= MAX_SORTS and any(value is not UNKNOWN for _, value in sort):
        return summary_of(program, function, definition, tuple((name, UNKNOWN) for name, _ in sort))
    counts[place] = count + 1
    summary = Summary()  # what calls itself is not known while it is worked out
    summaries[key] = summary

    def interpret() -> None:
        frame = frame_of(program, function)
        if frame is None:
            return
        for name, value in sort:
            frame.bind(name, value)
        frame.given = tuple([value for _, value in sort])
        if function.owner is not None and sort:
            frame.receiver = sort[0][1]
        run(frame, definition)
        if _is_alone(function, sort):
            from praxis.audit.flow.reading.function import reading  # which reads frames

            told = program.records[-1].events
            summary.alone = tuple(reading(frame, definition.body, told))
        summary.result, summary.reads = result_of(frame), tuple(frame.parameter_reads)
        summary.stores = tuple(dict.fromkeys(frame.parameter_stores))
        tokens = tokens_in(summary.result)
        summary.loaded = tuple([place for place in frame.loaded if place[0] in tokens])
        summary.refreshed = frozenset(-1 - token for token in frame.refreshed if token < 0)
        summary.attributes = tuple(
            (name, value) for (_, name), value in frame.attributes.items() if value is not UNKNOWN
        )

    summary.record = recorded(program, interpret)
    return summary


def summary_alone(
    program: Program, function: Function, definition: ir.Def, receiver: Value
) -> Summary | None:
    """
    The summary of a function of which it is only known what it is a method of.

    Many a caller asks for the same later. None where one has done so before: then more was in the
    middle of being worked out, and so unknown, than has to be.
    """
    sort: list[tuple[str, Value]] = [
        (parameter.name, Dict() if parameter.kind == "**" else UNKNOWN)
        for parameter in definition.parameters
    ]
    if sort:
        sort[0] = sort[0][0], receiver
    if not _is_alone(function, sort):
        return None
    if program.function(function.path, function.name) is not definition:
        return None  # one of several of that name
    if (function.path, function.name, function.owner, tuple(sort)) in program.keep("summaries"):
        return None
    summary = summary_of(program, function, definition, tuple(sort))
    return None if summary is None or summary.alone is None else summary


def _is_alone(function: Function, sort: Sequence[tuple[str, Value]]) -> bool:
    for number, (_, value) in enumerate(sort):
        if value is UNKNOWN or (type(value) is Dict and not value.items):
            continue
        if number:
            return False
        is_owner = type(value) is ProjectClass or (type(value) is Object and not value.attributes)
        if not is_owner or value.key != function.owner:  # type: ignore[attr-defined]  # told above
            return False
    return True


def recalled(program: Program, found: object) -> Summary | None:
    """A summary that was made before; what is worked out now depends on the same as it does."""
    if not isinstance(found, Summary):
        return None
    if found.record is not None:
        program.records[-1].parts.append(found.record)
    return found


def recorded(program: Program, work: Callable[[], None]) -> Record:
    """Do *work*; what it looks at and tells is recorded, as a part of what goes on already."""
    record = Record()
    program.records[-1].parts.append(record)
    program.records.append(record)
    try:
        work()
    except RecursionError:
        pass  # nested deeper than can be followed: nothing is known of it
    finally:
        program.records.pop()
    return record


def frame_of(program: Program, function: Function) -> Frame | None:
    """A frame for the function; None where its file is not followed."""
    scope = program.scope(function.path)
    if scope is None:
        return None
    frame = Frame(scope)
    frame.owner = function.owner
    return frame


def run(frame: Frame, definition: ir.Def) -> None:
    """Interpret the body; what happens goes to the record that is kept."""
    from praxis.audit.flow.code.uses import only_tested
    from praxis.audit.flow.interpreter.statements import execute  # they call functions in turn
    from praxis.audit.flow.notes.written import confirmed_writes

    if execute(frame, definition.body) and frame.returned:
        frame.returned.append(Const(None))
    writes = tuple(confirmed_writes(frame))
    told = {event.span for event in writes if isinstance(event, RowsSaved)}
    events = frame.finish()
    if told:  # a row that is to be saved with others is not to be saved by itself
        events = [e for e in events if not (isinstance(e, RowSaved) and e.span in told)]
    events += writes
    events += [event for name, span, event in frame.tests if only_tested(definition, name, span)]
    frame.program.records[-1].events += events


def result_of(frame: Frame) -> Value:
    """What is returned on every way, or what is yielded."""
    if frame.yielded:
        return _stream_of(frame.yielded)
    if not frame.returned:
        return UNKNOWN
    result = frame.returned[0]
    for value in frame.returned[1:]:
        result = join(result, value)
    return result


def _stream_of(yielded: Sequence[Value]) -> Value:
    """What a generator hands out, where it is the rows of one queryset."""
    first = yielded[0]
    for value in yielded[1:]:
        first = join(first, value)
    if isinstance(first, QuerySet):
        return Rows(first)
    if isinstance(first, Instance) and first.row is not None and not first.prefix:
        return UNKNOWN if first.row.single else Rows(first.row.queryset)
    return UNKNOWN


def evaluate_alone(program: Program, path: str, expr: ir.Expr) -> Value:
    """The value of an expression at a file's top level or in a class body."""
    from praxis.audit.flow.interpreter.expressions import evaluate  # it calls functions in turn

    scope = program.scope(path)
    if scope is None or len(program.records) > MAX_DEPTH:
        return UNKNOWN
    frame = Frame(scope)
    found: list[Value] = []
    recorded(program, lambda: found.append(evaluate(frame, expr)))
    return found[0] if found and not isinstance(found[0], Instance) else UNKNOWN
