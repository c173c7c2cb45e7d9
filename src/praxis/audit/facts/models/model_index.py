"""
The models of the whole project: relations, columns and managers of each, inherited ones included.

A model is known by the file that defines it and its name there, never by its bare name. What
cannot be resolved stays unknown: a relation without a target, a class that is no model.
"""

from collections.abc import Iterator
from functools import cached_property
from posixpath import basename, dirname

from msgspec import Struct

from praxis.audit.facts.imports.class_names import UNKNOWN_BASE, ClassNames, Key
from praxis.audit.facts.models import known_models as known
from praxis.audit.facts.models.classes import UNKNOWN_OPTION, Declared
from praxis.audit.facts.models.managers import Manager, find_managers
from praxis.audit.project import Project

FORWARD, ONE, REVERSE_ONE = "forward", "one", "reverse_one"
REVERSE, MANY, GENERIC, GENERIC_MANY = "reverse", "many", "generic", "generic_many"
#: What the receivers of a saved row hear; ``history`` stands for packages that log changes.
_SAVE_SIGNALS = frozenset({"pre_save", "post_save", "history"})
#: Kinds that lead to one row each, and can be joined.
JOINABLE = frozenset({FORWARD, ONE, REVERSE_ONE})


class Relation(Struct, frozen=True, array_like=True):
    """
    An attribute of a model that leads to rows of another one.

    Attributes:
        name: The attribute, which is also what eager loading calls it.
        kind: One of the constants above.
        target: The other model; None where it is not known.
        null: Whether it may lead nowhere.
        back: The attribute of the other side that leads back; empty where there is none.
        key_is_pk: Whether the column holds the other row's primary key.
        parent_link: Whether it leads to the row's own part in the table of what it extends:
            Django makes that of the row itself.
        own_access: Whether a field class of the project decides how it is read, perhaps from a
            cache.
    """

    name: str
    kind: str
    target: Key | None
    null: bool = False
    back: str = ""
    key_is_pk: bool = True
    parent_link: bool = False
    own_access: bool = False

    @property
    def to_one(self) -> bool:
        return self.kind in JOINABLE or self.kind == GENERIC

    @property
    def has_column(self) -> bool:
        """Whether the model's own table holds the key, as ``<name>_id``."""
        return self.kind in {FORWARD, ONE}


class Column(Struct, frozen=True, array_like=True):
    """
    A field with a column of its own.

    *kind* is the last part of the field class's name. *auto_now* and *sets_itself* say that
    saving may change the value: by Django's rule, or by one that is not known. *unique* says that
    no two rows have the same value, apart from NULL.
    """

    name: str
    kind: str
    null: bool = False
    primary_key: bool = False
    auto_now: bool = False
    sets_itself: bool = False
    unique: bool = False


class Model(Struct, frozen=True, array_like=True):
    """
    A model with all that it inherits.

    Attributes:
        key: Where it is defined.
        label: Of its application.
        relations: By attribute, reverse ones included.
        columns: By field name.
        managers: By attribute.
        default_manager: The attribute of the first one; empty where it is not known.
        members: Names that the project's classes bind in its body or a base's.
        parents: Concrete models that it extends (multi-table inheritance).
        ancestors: All classes of the project that it extends.
        primary_key: The field's name.
        saves: Whether ``save()`` may do more than Django's.
        complete: Whether every base is known.
        opaque: Whether its rows do not behave as Django's (polymorphic ones).
        abstract: Whether it has no table.
        proxy: Whether it shares the table of what it extends.
        may_be_ordered: Whether ``Meta.ordering``, or what it extends, may order its rows.
    """

    key: Key
    label: str
    relations: dict[str, Relation]
    columns: dict[str, Column]
    managers: dict[str, Manager]
    default_manager: str
    members: frozenset[str]
    parents: tuple[Key, ...]
    ancestors: tuple[Key, ...]
    primary_key: str
    saves: bool
    complete: bool
    opaque: bool
    abstract: bool
    proxy: bool
    may_be_ordered: bool = True

    @property
    def name(self) -> str:
        return self.key[1]


class ModelIndex:
    """Every model of the project and of Django's own applications, and what names mean."""

    def __init__(self, project: Project) -> None:
        self.names = ClassNames(project)
        self._packages = _app_labels(self.names)
        keys = [key for key in self.names.classes if self._is_model(key)]
        self.models: dict[Key, Model] = {}
        #: Of each field class, by the file that names it.
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}
        self._by_label: dict[str, Key | None] = {}
        for key in keys:
            label = f"{self._label(key)}.{key[1]}".lower()
            self._by_label[label] = key if label not in self._by_label else None
        self._keys = frozenset(keys)
        for key in keys:
            self.models[key] = self._model(key)
        self._add_reverse_relations()

    def model(self, key: Key | str | None) -> Model | None:
        """The model of this key."""
        return self.models.get(key) if isinstance(key, tuple) else None

    def labelled(self, label: str) -> Model | None:
        """The model of ``"shop.Order"``, in any case; None where two have it."""
        return self.model(self._by_label.get(label.lower()))

    def named(self, dotted: str, asking: str) -> Model | None:
        """The model that a dotted name means in the file *asking*."""
        return self.model(self.names.resolve(dotted, asking))

    @cached_property
    def user(self) -> Model | None:
        """The user model, where it can be told."""
        return self.model(self._user_key)

    @cached_property
    def _owners(self) -> dict[str, set[Key]]:
        """The models that have a reverse relation of each default name, such as ``book_set``."""
        owners: dict[str, set[Key]] = {}
        for model in self.models.values():
            for relation in model.relations.values():
                if relation.kind == REVERSE and relation.name.endswith("_set"):
                    owners.setdefault(relation.name, set()).add(model.key)
        return owners

    def owner_of(self, relation: str) -> Model | None:
        """The model that alone has the reverse relation ``<model>_set``."""
        owners = self._owners.get(relation, set())
        return self.model(next(iter(owners))) if len(owners) == 1 else None

    def annotated_by(self, key: Key, lookup: str) -> tuple[str, str]:
        """
        What an annotation calls the relation that the attributes of *lookup* lead to.

        With the way to the rows that it belongs to, in front; empty where these are the query's
        own: what hangs on many rows is annotated to those.
        """
        model = self.model(key)
        parts = lookup.split("__")
        rows: list[str] = []
        names: list[str] = []
        for position, part in enumerate(parts, 1):
            relation = model.relations.get(part) if model is not None else None
            names.append(part if relation is None else self._query_name(relation))
            if relation is not None and not relation.to_one and position < len(parts):
                rows, names = parts[:position], []
            model = self.model(relation.target) if relation is not None else None
        return "__".join(rows), "__".join(names)

    def _query_name(self, relation: Relation) -> str:
        """``book`` for ``book_set``: what lookups call it; attributes and prefetches do not."""
        if relation.kind not in {REVERSE, REVERSE_ONE, MANY} or relation.target is None:
            return relation.name
        model = self.model(relation.target)
        for key in (relation.target, *(model.ancestors if model is not None else ())):
            for declared in self.names.classes[key].declared:
                if declared.name != relation.back:
                    continue
                named = declared.options.get("related_query_name")
                if isinstance(named, str) and named.isidentifier():
                    return named
                own = relation.target[1].lower()
                return own if relation.name == f"{own}_set" else relation.name
        return relation.name

    def heirs_of(self, key: Key) -> list[Model]:
        """The models that extend this one."""
        return self._heirs.get(key, [])

    @cached_property
    def _heirs(self) -> dict[Key, list[Model]]:
        heirs: dict[Key, list[Model]] = {}
        for model in self.models.values():
            for ancestor in dict.fromkeys(model.ancestors):
                heirs.setdefault(ancestor, []).append(model)
        return heirs

    def known_by_name(self) -> object:
        """Which models there are, and by which labels: what is known without looking at any."""
        return sorted(self.models), sorted(self._by_label.items()), self._user_key

    @cached_property
    def eager(self) -> frozenset[str]:
        """Every lookup that is loaded eagerly anywhere in the project."""
        return frozenset(lookup for fact in self.names.facts.values() for lookup in fact.eager)

    @cached_property
    def eager_relations(self) -> frozenset[str]:
        """The relations that are part of such a lookup."""
        return frozenset(part for lookup in self.eager for part in lookup.split("__"))

    def has_receivers(self, model: Model) -> bool:
        """Whether saving a row calls receivers: the project's, or those that keep its history."""
        return self._keeps_history(model) or self._is_heard(model, _SAVE_SIGNALS)

    def may_change_before_saving(self, model: Model) -> bool:
        """Whether a receiver may set further fields of a row that is about to be saved."""
        return self._is_heard(model, frozenset({"pre_save"}))

    def _is_heard(self, model: Model, signals: frozenset[str]) -> bool:
        """Whether the project has receivers of these signals of the model."""
        names = {"", model.name, *(name for _, name in model.ancestors)}
        if self._user_key in {model.key, *model.ancestors}:
            names |= {"AUTH_USER_MODEL", "get_user_model"}
        return any(signal in signals and sender in names for signal, sender in self._receivers)

    @cached_property
    def _receivers(self) -> frozenset[tuple[str, str]]:
        """``(signal, sender)`` of every receiver."""
        return frozenset(pair for fact in self.names.facts.values() for pair in fact.receivers)

    def _keeps_history(self, model: Model) -> bool:
        """Whether a field such as django-simple-history's ``HistoricalRecords`` follows saves."""
        return any(
            declared.callee.endswith(known.HISTORY_FIELDS)
            for key in (model.key, *model.ancestors)
            for declared in self.names.classes[key].declared
        )

    # What is a model, and of which application.

    def _is_model(self, key: Key) -> bool:
        outside = {base for base in self.names.line(key) if isinstance(base, str)}
        if any(_is_model_base(base) for base in outside):
            return True
        return UNKNOWN_BASE not in outside and any(
            declared.callee.startswith("django.db.models.")
            and declared.callee.endswith(("Field", "ForeignKey"))
            and outside
            for declared in self.names.classes[key].declared
        )

    def _label(self, key: Key) -> str:
        meta = self.names.classes[key].meta.get("app_label")
        if isinstance(meta, str) and meta[:1] not in {UNKNOWN_OPTION, "@"}:
            return meta
        for label, module in known.DJANGO_MODULES.items():
            if key[0] == module:
                return label
        folder = dirname(key[0])
        while folder:
            if folder in self._packages:
                return self._packages[folder]
            folder = dirname(folder)
        return basename(dirname(key[0]))

    @cached_property
    def _user_key(self) -> Key | None:
        labels = {fact.user_model for fact in self.names.facts.values() if fact.user_model}
        if len(labels) == 1:
            return self._by_label.get(labels.pop().lower())
        if labels:
            return None
        users = [
            key
            for key in self._keys
            if not key[0].startswith("django.")
            and self.names.outside(key) & {"AbstractUser", "AbstractBaseUser"}
            and not self.names.classes[key].meta.get("abstract")
            and not self.names.classes[key].meta.get("proxy")
        ]
        if users:
            return users[0] if len(users) == 1 else None
        return "django.contrib.auth.models", "User"

    # One model.

    def _model(self, key: Key) -> Model:
        line = self.names.line(key)
        own = self.names.classes[key]
        proxy = own.meta.get("proxy") is True
        ancestors = tuple(base for base in line[1:] if isinstance(base, tuple))
        concrete = tuple(
            base
            for base in ancestors
            if base in self._keys and self.names.classes[base].meta.get("abstract") is not True
        )
        relations: dict[str, Relation] = {}
        columns: dict[str, Column] = {}
        for owner, declared in self._declared(key):
            asking = owner[0] if isinstance(owner, tuple) else key[0]
            self._add_field(key, asking, declared, relations, columns)
        if concrete and not proxy:
            link = f"{concrete[0][1].lower()}_ptr"
            relations.setdefault(
                link, Relation(link, ONE, concrete[0], back=key[1].lower(), parent_link=True)
            )
        outside = [base for base in line if isinstance(base, str)]
        named = [base.rpartition(".")[2] for base in outside] + [name for _, name in ancestors]
        kinds = [known.KNOWN_BASES[name] for name in named if name in known.KNOWN_BASES]
        complete = all(_is_model_base(base) or base in _HARMLESS for base in outside)
        members: set[str] = set()
        for base in (key, *ancestors):
            members.update(self.names.classes[base].members)
        managers, default = find_managers(self.names, key, members)
        keys = [column.name for column in columns.values() if column.primary_key]
        return Model(
            key=key,
            label=self._label(key),
            relations=relations,
            columns=columns,
            managers=managers,
            default_manager=default,
            members=frozenset(members),
            parents=() if proxy else concrete,
            ancestors=ancestors,
            primary_key=keys[0] if keys else "id",
            saves="save" in members or any(base.saves for base in kinds) or not complete,
            complete=complete,
            opaque=any(base.opaque for base in kinds),
            abstract=own.meta.get("abstract") is True,
            proxy=proxy,
            may_be_ordered=not complete
            or any(base.saves for base in kinds)
            or any(
                {"ordering", "inherits"} & self.names.classes[base].meta.keys()
                for base in (key, *ancestors)
            ),
        )

    def _declared(self, key: Key) -> Iterator[tuple[Key | str, Declared]]:
        """The fields of the model and its bases, each with its owner; nearer ones hide others."""
        hidden: set[str] = set()
        for base in self.names.line(key):
            if isinstance(base, tuple):
                fact = self.names.classes[base]
                declared, bound = fact.declared, set(fact.members)
            else:
                declared = known.BASE_FIELDS.get(base.rpartition(".")[2], ())
                bound = {field.name for field in declared}
            for field in declared:
                if field.name not in hidden:
                    yield base, field
            hidden |= bound

    def _add_field(
        self,
        key: Key,
        asking: str,
        declared: Declared,
        relations: dict[str, Relation],
        columns: dict[str, Column],
    ) -> None:
        name, options = declared.name, declared.options
        kind, known_kind = self._kind(asking, declared.callee)
        null = options.get("null") not in {None, False}
        target = self._target(key, asking, declared, kind)
        if kind in known.FORWARD_FIELDS or kind in known.ONE_TO_ONE_FIELDS:
            relations[name] = Relation(
                name,
                ONE if kind in known.ONE_TO_ONE_FIELDS else FORWARD,
                target,
                null,
                self._back(key, declared, kind),
                "to_field" not in options,
                options.get("parent_link") is True,
                self._has_own_access(asking, declared.callee),
            )
            primary = options.get("primary_key") is True
            columns[name] = Column(name, kind, null, primary, sets_itself=not known_kind)
        elif kind in known.MANY_FIELDS:
            relations[name] = Relation(name, MANY, target, back=self._back(key, declared, kind))
        elif kind == "TaggableManager":
            relations[name] = Relation(name, MANY, None)
        elif kind == "GenericForeignKey":
            relations[name] = Relation(name, GENERIC, None, null=True)
        elif kind == "GenericRelation":
            relations[name] = Relation(name, GENERIC_MANY, target)
        elif kind.endswith("Field"):
            columns[name] = Column(
                name,
                kind,
                null,
                options.get("primary_key") is True,
                options.get("auto_now") not in {None, False},
                not known_kind,
                options.get("unique") is True,
            )

    def _has_own_access(self, asking: str, callee: str) -> bool:
        """Whether a field class of the project gives the attribute a descriptor of its own."""
        found = self.names.resolve(callee, asking)
        return isinstance(found, tuple) and any(
            not _DESCRIBES.isdisjoint(self.names.classes[base].members)
            for base in self.names.line(found)
            if isinstance(base, tuple)
        )

    def _kind(self, asking: str, callee: str) -> tuple[str, bool]:
        """The field class by its last part, and whether it is one whose behaviour is known."""
        place = (asking, callee)
        if place not in self._kinds:
            self._kinds[place] = self._find_kind(asking, callee)
        return self._kinds[place]

    def _find_kind(self, asking: str, callee: str) -> tuple[str, bool]:
        found = self.names.resolve(callee, asking)
        if isinstance(found, tuple):
            outside = self.names.outside(found)
            for kinds in (
                known.FORWARD_FIELDS, known.ONE_TO_ONE_FIELDS, known.MANY_FIELDS,
                known.DJANGO_FIELDS,
            ):  # fmt: skip
                if outside & kinds:
                    bound = {
                        member
                        for base in self.names.line(found)
                        if isinstance(base, tuple)
                        for member in self.names.classes[base].members
                    }
                    return min(outside & kinds), "pre_save" not in bound
            return found[1], False
        kind = callee.rpartition(".")[2]
        return kind, callee.startswith("django.") or kind in known.DJANGO_FIELDS

    def _target(self, key: Key, asking: str, declared: Declared, kind: str) -> Key | None:
        """The model that the field leads to; *asking* is the file that declares it."""
        written = known.FIXED_TARGETS.get(kind, declared.target)
        if not written:
            return None
        if not declared.named or kind in known.FIXED_TARGETS:
            if written == "self":
                return key
            label = written if "." in written else f"{self._label(key)}.{written}"
            return self._by_label.get(label.lower())
        if written.endswith(("AUTH_USER_MODEL", "get_user_model()")):
            return self._user_key
        found = self.names.resolve(written, asking)
        return found if isinstance(found, tuple) and found in self._keys else None

    def _back(self, key: Key, declared: Declared, kind: str) -> str:
        """The attribute of the other side; empty where there is none or it is not known."""
        named = declared.options.get("related_name")
        if named is None:
            named = self.names.classes[key].meta.get("default_related_name")
        if named is None:
            if kind in known.MANY_FIELDS and declared.target == "self":
                return ""
            lower = key[1].lower()
            return lower if kind in known.ONE_TO_ONE_FIELDS else f"{lower}_set"
        if not isinstance(named, str) or named.endswith("+") or named[:1] in {"?", "@"}:
            return ""
        values = {"class": key[1].lower(), "app_label": self._label(key)}
        values["model_name"] = values["class"]
        try:
            return (named % values).lower() if "%(class)s" in named else named % values
        except (KeyError, TypeError, ValueError):
            return ""

    # The other side.

    def _add_reverse_relations(self) -> None:
        kinds = {FORWARD: REVERSE, ONE: REVERSE_ONE, MANY: MANY}
        declared = {key: frozenset(model.relations) for key, model in self.models.items()}
        # what heirs do not declare themselves: links to parents, and the other sides
        further: dict[Key, list[Relation]] = {}
        for model in self.models.values():
            if model.abstract or model.proxy:
                continue
            if model.parents:
                link = model.relations.get(f"{model.parents[0][1].lower()}_ptr")
                further.setdefault(model.key, []).extend([link] if link is not None else [])
            inherited = [declared[parent] for parent in self._nearest_parents(model)]
            for relation in list(model.relations.values()):
                target = self.model(relation.target)
                if not relation.back or target is None:
                    continue
                if any(relation.name in names for names in inherited):
                    continue
                kind = kinds.get(relation.kind)
                if kind is not None:
                    back = Relation(relation.back, kind, model.key, True, relation.name)
                    if target.relations.setdefault(back.name, back) is back:
                        further.setdefault(target.key, []).append(back)
        for model in self.models.values():
            for ancestor in model.ancestors:
                for relation in further.get(ancestor, ()):
                    if relation.name not in model.columns:
                        model.relations.setdefault(relation.name, relation)

    def _nearest_parents(self, model: Model) -> list[Key]:
        """Its concrete parents without those that another one of them has already."""
        nearest: list[Key] = []
        covered: set[Key] = set()
        for parent in model.parents:
            if parent not in covered:
                nearest.append(parent)
                covered.update(self.models[parent].ancestors)
        return nearest


#: What a field class defines that wants another descriptor than Django's.
_DESCRIBES = frozenset({"__get__", "contribute_to_class", "forward_related_accessor_class"})
#: Bases without an effect on rows.
_HARMLESS = frozenset({"object", "abc.ABC", "typing.Generic"})


def _is_model_base(base: str) -> bool:
    module, _, name = base.rpartition(".")
    if name in known.MODEL_BASES:
        return module.startswith("django.") and "models" in module
    return name in known.KNOWN_BASES


def _app_labels(names: ClassNames) -> dict[str, str]:
    """The folder of each application with its label."""
    labels: dict[str, str] = {}
    for path in names.facts:
        name = basename(path)
        if name == "models.py":
            labels.setdefault(dirname(path), basename(dirname(path)))
        elif path.endswith("/models/__init__.py"):
            folder = dirname(dirname(path))
            labels.setdefault(folder, basename(folder))
    for path, fact in names.facts.items():
        found = [label for _, label in fact.app_configs if label]
        if len(set(found)) == 1 and basename(path) in {"apps.py", "__init__.py", "app.py"}:
            labels[dirname(path)] = found[0]
    return labels
