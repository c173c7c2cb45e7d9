"""The managers of a model, and what their own methods return."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import ClassNames, Key
from praxis.audit.facts.models.classes import Declared, Method

#: What a method of a manager returns: the queryset with more conditions, one that may load
#: relations besides, or something that is not known.
SAME, OPAQUE, ANYTHING = "same", "opaque", "anything"

#: Methods of `QuerySet` after which its rows are what they were.
SAME_ROWS = frozenset({
    "alias", "all", "annotate", "complex_filter", "distinct", "exclude", "extra", "filter",
    "order_by", "reverse", "select_for_update", "using",
})  # fmt: skip


class Manager(Struct, frozen=True, array_like=True):
    """
    A manager, with what each of the project's own methods of it returns.

    *loads* says whether every queryset of it may load relations or be something unusual;
    *classes* are those of the project that its methods come from, the nearest first.
    """

    name: str
    methods: dict[str, str] = {}
    loads: bool = False
    classes: tuple[Key, ...] = ()


def find_managers(names: ClassNames, key: Key, members: set[str]) -> tuple[dict[str, Manager], str]:
    """The managers of the model *key* by attribute, and the default one's attribute."""
    found: dict[str, Manager] = {}
    default = ""
    for base in names.line(key):
        if not isinstance(base, tuple):
            continue
        for declared in names.classes[base].declared:
            if declared.name in found or not _is_manager(names, declared, base[0]):
                continue
            found[declared.name] = _manager(names, declared, base[0])
            default = default or declared.name
    named = names.classes[key].meta.get("default_manager_name")
    if isinstance(named, str) and named in found:
        default = named
    if not found and "objects" not in members:
        found["objects"] = Manager("objects")
        default = "objects"
    return found, default


def _is_manager(names: ClassNames, declared: Declared, path: str) -> bool:
    if declared.queryset:
        return True
    found = names.resolve(declared.callee, path)
    if isinstance(found, tuple):
        return any(base.endswith("Manager") for base in names.outside(found))
    name = declared.callee.rpartition(".")[2]
    return name.endswith("Manager") and name != "TaggableManager"


def _manager(names: ClassNames, declared: Declared, path: str) -> Manager:
    methods: dict[str, Method] = {}
    classes: list[Key] = []
    for written in (declared.callee, declared.queryset):
        found = names.resolve(written, path) if written else None
        if isinstance(found, tuple):
            _collect(names, found, methods, classes)
    return Manager(declared.name, *_judge(methods), tuple(dict.fromkeys(classes)))


def _collect(names: ClassNames, key: Key, methods: dict[str, Method], classes: list[Key]) -> None:
    for base in names.line(key):
        if not isinstance(base, tuple):
            continue
        classes.append(base)
        fact = names.classes[base]
        for method in fact.methods:
            methods.setdefault(method.name, method)
        if fact.queryset:
            queryset = names.resolve(fact.queryset, base[0])
            if isinstance(queryset, tuple) and queryset != key:
                _collect(names, queryset, methods, classes)


def _judge(methods: dict[str, Method]) -> tuple[dict[str, str], bool]:
    verdicts: dict[str, str] = {}

    def judge(name: str) -> str:
        if name in verdicts:
            return verdicts[name]
        method = methods.get(name)
        if method is None:
            return SAME if name in SAME_ROWS or name == "get_queryset" else ANYTHING
        verdicts[name] = SAME  # a method that leads to itself is judged by its other steps
        verdict = SAME
        if method.steps is None:
            verdict = ANYTHING
        else:
            for step in method.steps:
                if step in {"select_related", "prefetch_related"}:
                    verdict = OPAQUE
                    continue
                found = judge(step) if step != name else SAME
                if found == ANYTHING:
                    verdict = ANYTHING
                    break
                if found == OPAQUE:
                    verdict = OPAQUE
            if method.loads and verdict == SAME:
                verdict = OPAQUE
        verdicts[name] = verdict
        return verdict

    for name in methods:
        judge(name)
    loads = "get_queryset" in methods and verdicts["get_queryset"] != SAME
    loads = loads or any(name.startswith("__") and name != "__init__" for name in methods)
    return verdicts, loads
