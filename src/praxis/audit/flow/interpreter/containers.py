"""Items and slices, sequences and mappings, comprehensions, and lambdas."""

from collections.abc import Callable
from typing import Any

from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.evaluation import evaluate
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.iteration import bind_target, iterate, rounds_of
from praxis.audit.flow.interpreter.querysets import rows_of, sliced
from praxis.audit.flow.interpreter.tests_of_values import test
from praxis.audit.flow.interpreter.values import (
    UNKNOWN,
    Const,
    Dict,
    Each,
    Instance,
    Listing,
    QuerySet,
    Rows,
    Value,
)
from praxis.audit.flow.notes.lookups import note_limit


def _item(frame: Frame, expr: ir.Item) -> Value:
    value, index = evaluate(frame, expr.value), evaluate(frame, expr.index)
    if isinstance(value, Listing) and isinstance(index, Const) and type(index.value) is int:
        position = index.value
        if -len(value.items) <= position < len(value.items):
            return value.items[position]
    if isinstance(value, Dict):
        return value.get(str(index.value)) if isinstance(index, Const) else UNKNOWN
    queryset = rows_of(value)
    if queryset is not None and isinstance(index, Const) and type(index.value) is int:
        span = (expr.start, expr.end)
        if isinstance(value, QuerySet):
            frame.ask("item", queryset, expr)
        return frame.row_of(queryset, span, span, single=True)
    return UNKNOWN


def _slice(frame: Frame, expr: ir.Slice) -> Value:
    value = evaluate(frame, expr.value)
    lower, upper, step = (
        None if part is None else evaluate(frame, part)
        for part in (expr.lower, expr.upper, expr.step)
    )
    if step is not None:
        return UNKNOWN
    if isinstance(value, QuerySet):
        note_limit(frame, value, expr)
        return sliced(value, lower, upper)
    if isinstance(value, Rows):
        return Rows(sliced(value.queryset, lower, upper))
    return UNKNOWN


def _sequence(frame: Frame, expr: ir.Seq) -> Value:
    items = tuple([evaluate(frame, item) for item in expr.items])
    for item in items:
        frame.escape(item)
    if any(isinstance(item, ir.Star) for item in expr.items):
        return UNKNOWN
    return Listing(items)


def _mapping(frame: Frame, expr: ir.Mapping) -> Value:
    made = Dict()
    for key, value in zip(expr.keys, expr.values, strict=True):
        named = None if key is None else evaluate(frame, key)
        held = evaluate(frame, value)
        frame.escape(held)
        if key is None and isinstance(held, Dict):
            for inner, item in held.items:
                made = made.with_item(inner, item)
        elif isinstance(named, Const):
            made = made.with_item(str(named.value), held)
    return made


def _comprehension(frame: Frame, expr: ir.Comp) -> Value:
    outside = frame.state
    frame.state = outside.copy()
    first = expr.clauses[0]
    source = evaluate(frame, first.iterable)
    result: Value = UNKNOWN
    try:
        rounds = rounds_of(source, first.iterable)
        with frame.loop(expr.start, expr.end, "comprehension", rounds, expr) as entered:
            for clause in expr.clauses:
                walked = source if clause is first else evaluate(frame, clause.iterable)
                item = iterate(frame, walked, clause.iterable, (expr.start, expr.end))
                bind_target(frame, clause.target, item)
                entered.begun = True
                for condition in clause.conditions:
                    test(frame, condition)
            for element in expr.elements:
                result = evaluate(frame, element)
                created = isinstance(result, Instance) and result.state == "created"
                if expr.kind != "generator" and not created:
                    frame.escape(result)
    finally:
        frame.state = outside
    if expr.kind == "dict" or len(expr.clauses) != 1:
        return UNKNOWN
    if isinstance(result, Instance):
        if (
            result.row is not None
            and not result.prefix
            and (result.row.start, result.row.end) == (expr.start, expr.end)
        ):
            since = result.row.since or (frame.path, expr.start, expr.end)
            return Rows(result.row.queryset, since)
        return UNKNOWN
    return Each(result) if isinstance(result, Dict | Listing) else UNKNOWN


def walk_lambda(
    frame: Frame, function: ir.Lambda, source: Value, iterable: ir.Expr, call: ir.Call
) -> None:
    """Interpret a function that is called for each of the rows of *source*."""
    span = (call.start, call.end)
    outside = frame.state
    frame.state = outside.copy()
    try:
        with frame.loop(*span, "call", rounds_of(source, iterable)):
            for parameter in function.parameters:
                frame.bind(parameter.name, UNKNOWN)
            if function.parameters:
                item = iterate(frame, source, iterable, span)
                frame.bind(function.parameters[0].name, item)
            evaluate(frame, function.body)
    finally:
        frame.state = outside


def _lambda(frame: Frame, expr: ir.Lambda) -> Value:
    """Nobody knows when it is called, and with what."""
    outside = frame.state
    frame.state = outside.copy()
    frame.quiet += 1
    try:
        for parameter in expr.parameters:
            frame.bind(parameter.name, UNKNOWN)
        evaluate(frame, expr.body)
    finally:
        frame.quiet -= 1
        frame.state = outside
    return UNKNOWN


EXPRESSIONS: dict[type, Callable[[Frame, Any], Value]] = {
    ir.Item: _item,
    ir.Slice: _slice,
    ir.Seq: _sequence,
    ir.Mapping: _mapping,
    ir.Comp: _comprehension,
    ir.Lambda: _lambda,
}
