"""What a request carries: the user, and what the project's own code stores on it."""

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.views.request_attributes import REQUEST_ATTRIBUTES
from praxis.audit.flow.calling import recorded, run
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.program import Program
from praxis.audit.flow.values import UNKNOWN, Const, Instance


def request_model(program: Program, name: str) -> Key | None:
    """The model of the row that ``request.name`` holds; None where that is not known."""
    if name == "user":
        return program.index.user.key if program.index.user is not None else None
    for path, fact in program.project.facts(REQUEST_ATTRIBUTES).items():
        if any(stored == name for stored, _ in fact.stored):
            program.use(path)
    kept = program.keep("request")
    if name not in kept:
        kept[name] = None  # what is made from itself is not known
        kept[name] = _find(program, name)
    model = kept[name]
    return model if isinstance(model, tuple) else None


def _find(program: Program, name: str) -> Key | None:
    """The model, if all that store the attribute agree."""
    models: set[Key | None] = set()
    for path, fact in program.project.facts(REQUEST_ATTRIBUTES).items():
        for stored, function in fact.stored:
            if stored == name:
                models |= _stored_by(program, path, function, name)
    models.discard(None)
    return models.pop() if len(models) == 1 else None


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
