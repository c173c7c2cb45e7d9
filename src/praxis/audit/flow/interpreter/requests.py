"""
What a request carries: the user, and what the project's own code stores on it.

Half of a project asks for ``request.shop``, and few functions store it. So what depends on it
depends on the model that it is of, and not on the files of these functions.
"""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.views.request_attributes import REQUEST_ATTRIBUTES
from praxis.audit.flow.interpreter.frame import Frame
from praxis.audit.flow.interpreter.program import Program, Record
from praxis.audit.flow.interpreter.summaries import recorded, run
from praxis.audit.flow.interpreter.values import UNKNOWN, Const, Instance
from praxis.audit.project import Project

#: What marks an attribute of requests among what a result depends on: the others are files.
PREFIX = "request:"


class OnRequest(Struct, frozen=True, array_like=True):
    """The model of what a request holds by some name, and what that was found out from."""

    model: Key | None = None
    used: frozenset[str] = frozenset()


def request_model(program: Program, name: str) -> Key | None:
    """The model of the row that ``request.name`` holds; None where that is not known."""
    if name == "user":
        return program.index.user.key if program.index.user is not None else None
    program.use(PREFIX + name)
    return on_request(program, name).model


def on_request(program: Program, name: str) -> OnRequest:
    """What ``request.name`` holds; found out once."""
    kept = program.keep("request")
    if name not in kept:
        kept[name] = OnRequest()  # what is made from itself is not known
        storing = places_of(program, name)
        if storing:
            program.records.append(Record())  # nothing of it happens where it is asked for
            try:
                kept[name] = _find(program, name, storing)
            finally:
                program.records.pop()
    found = kept[name]
    return found if isinstance(found, OnRequest) else OnRequest()


def places_of(program: Program, name: str) -> list[tuple[str, str]]:
    """The functions that store something as ``request.name``, with their files."""
    return program.project.derive(_Storing).places.get(name, [])


class _Storing:
    """By the name of an attribute: the functions that store it, with their files."""

    def __init__(self, project: Project) -> None:
        self.places: dict[str, list[tuple[str, str]]] = {}
        for path, fact in project.facts(REQUEST_ATTRIBUTES).items():
            for name, function in fact.stored:
                self.places.setdefault(name, []).append((path, function))


def _find(program: Program, name: str, storing: list[tuple[str, str]]) -> OnRequest:
    """The model, if all that store the attribute agree."""
    models: set[Key | None] = set()
    for path, function in storing:
        models |= _stored_by(program, path, function, name)
    models.discard(None)
    paths, _ = program.records[-1].whole()
    return OnRequest(models.pop() if len(models) == 1 else None, frozenset(paths))


def _stored_by(program: Program, path: str, function: str, name: str) -> set[Key | None]:
    definition, scope = program.function(path, function), program.scope(path)
    if definition is None or scope is None:
        return {None}
    frame = Frame(scope)
    for parameter in definition.parameters:
        frame.bind(parameter.name, UNKNOWN)
    recorded(program, lambda: run(frame, definition))
    return {
        value.model if isinstance(value, Instance) else None
        for value in frame.on_request.get(name, [])
        if not (isinstance(value, Const) and value.value is None)
    }
