"""
Flag a row that is looked up and, if it is not there, created: two requests at once create two.

## Why

Between the question and the answer another request may create the same row. Then there are two
of them, and each later `get()` raises `MultipleObjectsReturned`; or, with a unique constraint, the
second request fails. `get_or_create` copes with the second case: it catches the error of the
constraint and fetches the row of the other. So it takes both: the constraint and the method.

## Bad

```python
from shop.models import Vote


def vote(review, user):
    if not Vote.objects.filter(review=review, user=user).exists():
        Vote.objects.create(review=review, user=user)
```

```python
from shop.models import Tag


def find_tag(name):
    try:
        return Tag.objects.get(name=name)
    except Tag.DoesNotExist:
        return Tag.objects.create(name=name)
```

## Good

```python
from shop.models import Vote


def vote(review, user):
    Vote.objects.get_or_create(review=review, user=user)
```

## Fix

None: which of the values are looked up and which are defaults is easy to rewrite by hand, and the
unique constraint wants a migration, and rows that break it to be merged first.

## Misses

Conditions by other lookups than equality, or by values that the new row does not get; `exists()`
on fields of which none is unique by itself, if the new row gets others as well; rows that are found
and created by different functions; what is locked (`select_for_update`, a lock of any
kind), or catches `IntegrityError`.

## When to ignore it

Where only one process ever runs the code.

## Source

https://docs.djangoproject.com/en/stable/ref/models/querysets/#get-or-create
"""

import ast
import re
from collections.abc import Iterator

from praxis.audit import Confidence, File, Finding, Project, Step, rule
from praxis.audit.facts.models.model_index import ONE, Model, ModelIndex

MESSAGE = (
    "Two requests at once both find no {name}, and both create one: where a constraint forbids "
    "that, the second fails. Use get_or_create({lookups}{more}) and a unique constraint on "
    "{fields}, if there is none."
)
_TOLD = re.compile(r"find no ([\w.]+), .*get_or_create\((.*?)\) and")
_FETCHED, _LOOKED_FOR = "fetches it", "looks whether it is there"
_GUARDED = re.compile(r"IntegrityError|select_for_update|[lL]ock|mutex|semaphore|LOCK")
_ABSENT = frozenset({"DoesNotExist", "ObjectDoesNotExist"})

Lookups = dict[str, str]


def _may_be_several(project: Project, finding: Finding) -> bool:
    """
    Whether several rows may rightly have what is looked for.

    ``get()`` says that there is one at most. With ``exists()`` it has to be told by the model,
    unless the new row has nothing but what is looked for.
    """
    told = _TOLD.search(finding.message)
    if told is None or finding.steps[0].note == _FETCHED or "defaults=" not in told[2]:
        return False
    index = project.derive(ModelIndex)
    model = _named(index, told[1], finding.place.path)
    if model is None:
        return True
    fields = set(re.findall(r"(\w+)=…", told[2]))
    if fields & {"pk", "id", model.primary_key}:
        return False
    if any(model.relations[field].kind == ONE for field in fields & model.relations.keys()):
        return False
    return not any(
        declared.name in fields and declared.options.get("unique") is True
        for key in (model.key, *model.ancestors)
        for declared in index.names.classes[key].declared
    )


def _named(index: ModelIndex, written: str, path: str) -> Model | None:
    """The model that is written so in the file at *path*."""
    head, dot, rest = written.partition(".")
    fact = index.names.facts.get(path)
    target = fact.names.get(head, head) if fact is not None else head
    return index.named(f"{target}.{rest}" if dot else target, path)


@rule(code="ORM208", visits=(ast.Try, ast.If, ast.BoolOp), unless=_may_be_several)
def check(file: File, node: ast.Try | ast.If | ast.BoolOp) -> Iterator[Finding]:
    if isinstance(node, ast.Try):
        found = _tried(file, node)
    elif isinstance(node, ast.If):
        found = _tested(file, node)
    else:
        found = _either(file, node)
    if found is None:
        return
    asked, created, lookups = found
    function = file.function()
    around = file.source(function) if function is not None else file.source(node)
    if _GUARDED.search(around) or "get_or_create" in file.source(node):
        return  # locked, or the comment says why not
    given = {word.arg for word in created.keywords}
    model = _model_of(created)
    fields = ", ".join(lookups)
    was_fetched = isinstance(asked.func, ast.Attribute) and asked.func.attr == "get"
    yield Finding(
        file.place(created),
        MESSAGE.format(
            name=model or "such row",
            lookups=", ".join(f"{field}=…" for field in lookups),
            more=", defaults={…}" if given - lookups.keys() else "",
            fields=fields if model else f"{fields} and what the row belongs to",
        ),
        None,
        (Step(file.place(asked), _FETCHED if was_fetched else _LOOKED_FOR),),
        Confidence.LIKELY,
    )


Found = tuple[ast.Call, ast.Call, Lookups]


def _tried(file: File, node: ast.Try) -> Found | None:
    """``try: …get(…)``, ``except X.DoesNotExist: …create(…)``."""
    for handler in node.handlers:
        if isinstance(handler.type, ast.Attribute) and handler.type.attr in _ABSENT:
            pass
        elif not (isinstance(handler.type, ast.Name) and handler.type.id in _ABSENT):
            continue
        for asked in _calls_of(node.body, "get"):
            found = _creation(file, asked, handler.body)
            if found is not None:
                return found
    return None


def _tested(file: File, node: ast.If) -> Found | None:
    """``if not ….exists():``, ``if ….count() == 0:``, ``if row is None:`` before the creation."""
    test, body = node.test, node.body
    if isinstance(test, ast.Call) and node.orelse:  # if ….exists(): … else: create
        asked = _query_of(test, "exists")
        return _creation(file, asked, node.orelse) if asked is not None else None
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call):
            asked = (
                _query_of(call, "exists") or _query_of(call, "count") or _query_of(call, "first")
            )
        case ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[ast.Constant(0)]):
            asked = _query_of(call, "count")
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(name)) | ast.Compare(
            ast.Name(name), [ast.Is()], [ast.Constant(None)]
        ):
            asked = _asked_before(file, node, name)
        case _:
            return None
    return _creation(file, asked, body) if asked is not None else None


def _either(file: File, node: ast.BoolOp) -> Found | None:
    """``….first() or ….create(…)``."""
    if not (isinstance(node.op, ast.Or) and len(node.values) == 2):
        return None
    first, second = node.values
    if not (isinstance(first, ast.Call) and isinstance(second, ast.Call)):
        return None
    asked = _query_of(first, "first")
    return _creation(file, asked, [ast.Expr(second)]) if asked is not None else None


def _query_of(call: ast.Call, method: str) -> ast.Call | None:
    """The ``filter(…)`` whose result the last call of the chain looks at."""
    function = call.func
    if not (isinstance(function, ast.Attribute) and function.attr == method and not call.args):
        return None
    inner = function.value
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        if inner.func.attr == "filter":
            return inner
        if inner.func.attr not in {"order_by", "select_related", "only"}:
            return None
        inner = inner.func.value
    return None


def _asked_before(file: File, node: ast.If, name: str) -> ast.Call | None:
    """The ``filter(…)`` of ``name = ….filter(…).first()`` in the statement just before."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(file.parent, field, None)
        if isinstance(block, list) and node in block:
            at = block.index(node)
            before = block[at - 1] if at else None
            match before:
                case ast.Assign([ast.Name(bound)], ast.Call() as call) if bound == name:
                    return _query_of(call, "first") or _query_of(call, "last")
    return None


def _calls_of(body: list[ast.stmt], method: str) -> Iterator[ast.Call]:
    """The calls of the method in the statements of the block itself."""
    for statement in body:
        value = getattr(statement, "value", None)
        while isinstance(value, ast.Call):
            function = value.func
            if isinstance(function, ast.Attribute) and function.attr == method:
                yield value
            value = function.value if isinstance(function, ast.Attribute) else None


def _creation(file: File, asked: ast.Call, body: list[ast.stmt]) -> Found | None:
    """The call in *body* that creates a row by all that was asked for."""
    lookups = _lookups(asked)
    if not lookups or not isinstance(asked.func, ast.Attribute):
        return None
    manager = _source(asked.func.value)
    if manager.endswith(".objects") and not _names_a_class(manager):
        return None  # whatever model a variable holds
    for statement in body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return | ast.With):
            return None  # more is decided before the creation
        if isinstance(statement, ast.With):
            found = _creation(file, asked, statement.body)
            if found is not None:
                return found
        for created in _calls_of([statement], "create"):
            if not isinstance(created.func, ast.Attribute):
                continue
            if _source(created.func.value) == manager and _covers(created, lookups):
                return asked, created, lookups
        value = getattr(statement, "value", None)
        if (
            isinstance(value, ast.Call)
            and f"{_source(value.func)}.objects" == manager
            and _covers(value, lookups)
            and _is_saved(statement, body)
        ):
            return asked, value, lookups
    return None


def _source(node: ast.AST) -> str:
    """The expression, in one writing for all layouts."""
    return ast.unparse(node)


def _names_a_class(manager: str) -> bool:
    names = manager.split(".")
    return names[0] in {"self", "cls"} or any(name[:1].isupper() for name in names)


def _is_saved(statement: ast.stmt, body: list[ast.stmt]) -> bool:
    """Whether a row that was built is saved in the same block."""
    if not (isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)):
        return False
    name = statement.targets[0].id
    for other in body[body.index(statement) + 1 :]:
        match other:
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(row), "save"), [], [])) if row == name:
                return True
            case ast.Expr(ast.Call(ast.Attribute(ast.Name(row), "full_clean" | "clean"))):
                continue
            case ast.Assign([ast.Attribute(ast.Name(row), field)]) if field[:1] != "_":
                continue
        return False
    return False


def _lookups(asked: ast.Call) -> Lookups | None:
    """What is looked up, by field; None unless all of it is equality."""
    if asked.args or not asked.keywords:
        return None
    found: Lookups = {}
    for word in asked.keywords:
        if word.arg is None:
            return None
        field, _, lookup = word.arg.partition("__")
        if lookup not in {"", "exact"}:
            return None
        found[field] = _source(word.value)
    return found


def _covers(created: ast.Call, lookups: Lookups) -> bool:
    """Whether the new row has all the values that were looked for."""
    given = {word.arg: _source(word.value) for word in created.keywords if word.arg}
    return not created.args and all(given.get(field) == text for field, text in lookups.items())


def _model_of(created: ast.Call) -> str:
    """The model as it is written: of ``shop.Vote.objects.create`` it is ``shop.Vote``."""
    node: ast.AST = created.func
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    names = [node.id, *reversed(names)]
    upper = [position for position, name in enumerate(names) if name[:1].isupper()]
    return ".".join(names[: upper[-1] + 1]) if upper else ""
