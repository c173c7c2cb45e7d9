"""Feeds, sitemaps and search indexes: methods of one class that are called for each row."""

from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.code import ir
from praxis.audit.flow.interpreter.calling import call
from praxis.audit.flow.interpreter.calls import render_named
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.inherited import ask
from praxis.audit.flow.interpreter.iteration import iterate
from praxis.audit.flow.interpreter.objects import function_of, of_object
from praxis.audit.flow.interpreter.program import Program
from praxis.audit.flow.interpreter.querysets import rows_of
from praxis.audit.flow.interpreter.template_code import look_up_in
from praxis.audit.flow.interpreter.texts import printed
from praxis.audit.flow.interpreter.values import UNKNOWN, Dict, Instance, Object, Value

#: Bases, with the method that gives the rows and how the methods for each row are called.
_KINDS = {
    ("Feed",): ("items", ("item_",)),
    ("Sitemap", "GenericSitemap"): ("items", ("location", "lastmod", "priority", "changefreq")),
    ("SearchIndex", "BasicSearchIndex"): ("index_queryset", ("prepare",)),
}


def walk(program: Program, key: Key, place: ir.Call) -> None:
    """What the class reads of each of its rows."""
    for bases, (source, prefixes) in _KINDS.items():
        if program.is_a(key, *bases):
            _walk(program, key, place, source, prefixes)
            return


def _walk(
    program: Program, key: Key, place: ir.Call, source: str, prefixes: tuple[str, ...]
) -> None:
    scope = program.scope(key[0])
    if scope is None or program.member(key, source) is None:
        return
    frame, receiver = Frame(scope), Object(key)
    found = ask(frame, receiver, source, place, (UNKNOWN,))
    rows = rows_of(found)
    if rows is None:
        return
    span = place.start, place.end
    with frame.loop(*span, "call"):
        item = iterate(frame, found, place, span)
        _read_each(frame, receiver, item, place, prefixes)
    program.records[-1].events += frame.finish()


def _read_each(
    frame: Frame, receiver: Object, item: Value, place: ir.Call, prefixes: tuple[str, ...]
) -> None:
    program = frame.program
    names = {
        name
        for base in program.line(receiver.key)
        if isinstance(base, tuple)
        for name in program.index.names.classes[base].members
        if name.startswith(prefixes)
    }
    for name in sorted(names):
        member = program.member(receiver.key, name)
        if member is not None and isinstance(member.node, ir.Def):
            found = replace(function_of(member), receiver=receiver)
            at = member.node.start, member.node.start + len(f"def {name}")
            call(frame, found, (item,), {}, (member.owner[0], *at))
    if not isinstance(item, Instance):
        return
    for attribute in ("title_template", "description_template"):
        named = of_object(frame, receiver, attribute, frame.spot((place.start, place.end)))
        render_named(frame, named, Dict((("obj", item),)), (place.start, place.end))
    if "item_" in prefixes and "item_title" not in names:
        printed(frame, item, (place.start, place.end))
    if ("item_" in prefixes and "item_link" not in names) or (
        "location" in prefixes and "location" not in names
    ):
        look_up_in(frame, item, "get_absolute_url", place)
