"""From one file to its `Summary`: read, parse, walk once, extract the facts, drop the tree."""

import ast
import gc
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from praxis.audit.extraction import FILE_FACTS
from praxis.audit.facts.parsing import decode, parse
from praxis.audit.facts.sources import Kind, Source, digest_of, read_bytes
from praxis.audit.file import File
from praxis.audit.findings import Finding, Problem
from praxis.audit.registry import rules
from praxis.audit.summary import Summary, Symbol
from praxis.audit.suppression import find_suppressions
from praxis.audit.template import Template
from praxis.audit.walk import Walk

_encoder = msgspec.msgpack.Encoder()


def scan_batch(root: Path, batch: Iterable[Source]) -> list[bytes]:
    """
    Sum up each file, encoded; runs in a worker process.

    The collector stays off meanwhile: trees hold no cycles and are dropped one by one, and
    scanning them for garbage would cost several times the parsing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [_encoder.encode(scan(root, source)) for source in batch]
    finally:
        if was_enabled:
            gc.enable()


def scan(root: Path, source: Source) -> Summary:
    """Read and sum up one file; whatever is wrong with it becomes its `problem`."""
    data = read_bytes(root, source.path)
    if isinstance(data, Problem):
        return _unread(source, "", data)
    return summarise(source, data)


def summarise(source: Source, data: bytes) -> Summary:
    """Sum up the content *data* of *source*."""
    digest = digest_of(data)
    decoded = decode(source.path, data)
    if isinstance(decoded, Problem):
        return _unread(source, digest, decoded)
    text = decoded.text
    if source.kind is Kind.TEMPLATE:
        return _sum_up(source, digest, text, Template(source.path, source.role, text))
    tree = parse(source.path, text)
    if isinstance(tree, Problem):
        return _unread(source, digest, tree)
    return _sum_up(source, digest, text, File(source.path, source.role, text, tree))


def _unread(source: Source, digest: str, problem: Problem) -> Summary:
    return Summary(source.path, source.kind, source.role, digest, 0, problem)


def _sum_up(source: Source, digest: str, text: str, subject: File | Template) -> Summary:
    summary = Summary(source.path, source.kind, source.role, digest, text.count("\n") + 1)
    summary.suppressions = find_suppressions(text, source.kind)
    failures: list[Problem] = []
    for fact in FILE_FACTS:
        if fact.kind is source.kind and source.role not in fact.skips:
            try:
                value = fact.extract(subject)
            except Exception as error:  # noqa: BLE001 - a bug, or a tree too deep for recursion
                failures.append(_fact_failure(fact.name, source.path, error))
                continue
            if value is not None:
                summary.facts[fact.name] = msgspec.Raw(_encoder.encode(value))
    if isinstance(subject, File):
        summary.symbols = _symbols(subject.tree)
        summary.findings = tuple(_findings(subject, failures))
    summary.failures = tuple(failures)
    return summary


def _fact_failure(name: str, path: str, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem.at_file(path, f"read only in part ({name}): nested too deeply")
    return Problem.at_file(
        path,
        f"the facts {name!r} could not be taken ({type(error).__name__}: {error}). "
        "This is a bug in Praxis: please report it with this line",
    )


@cache
def _walk() -> Walk:
    return Walk(rules())


def _findings(file: File, failures: list[Problem]) -> Iterable[Finding]:
    for rule, finding in _walk().over(file, failures):
        yield msgspec.structs.replace(
            finding, code=rule.code, rule=rule.name, snippet=_snippet(file, finding)
        )


def _snippet(file: File, finding: Finding) -> str:
    return snippet_of(file.text, finding.place.start, finding.place.end)


def snippet_of(text: str, start: int, end: int) -> str:
    """The found code with its white space folded: what a baseline recognises it by."""
    return " ".join(text[start : min(end, start + 400)].split())


def _symbols(tree: ast.Module) -> tuple[Symbol, ...]:
    found: list[Symbol] = []
    stack: list[tuple[Any, str]] = [(node, "") for node in reversed(tree.body)]
    while stack:
        node, prefix = stack.pop()
        kind = node.__class__
        if kind in _NAMED:
            name = f"{prefix}{node.name}"
            first = min([node.lineno, *[decorator.lineno for decorator in node.decorator_list]])
            found.append(Symbol(name, first, node.end_lineno or node.lineno))
            prefix = f"{name}."
        elif kind not in _TRANSPARENT:
            continue
        stack += [
            (inner, prefix)
            for inner in reversed(node.body)
            if inner.__class__ in _NAMED or inner.__class__ in _TRANSPARENT
        ]
    return tuple(found)


_NAMED = frozenset({ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef})
#: Statements whose classes and functions go by their names alone.
_TRANSPARENT = frozenset({ast.If, ast.Try, ast.With})
