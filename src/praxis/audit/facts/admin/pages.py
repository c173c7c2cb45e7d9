"""
Where the admin prints rows one after the other: lists, select boxes, inlines.

What a class of the project does by itself, or takes from a base that is not known, counts as
loading what it needs: nothing is said of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from praxis.audit.facts.admin.registrations import ADMIN, AdminClass
from praxis.audit.facts.imports.class_names import Key
from praxis.audit.facts.models.indexes import Tables
from praxis.audit.facts.models.model_index import FORWARD, MANY, ONE, Model, ModelIndex
from praxis.audit.findings import Step
from praxis.audit.project import Project

Span = tuple[int, int]

_KNOWN_BASES = frozenset({
    "BaseModelAdmin", "GenericStackedInline", "GenericTabularInline", "ModelAdmin",
    "StackedInline", "TabularInline", "object",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """A registration: the model, what its admin class says, and where it stands."""

    model: Key
    admin: AdminClass
    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Printing:
    """
    A place where many rows are printed.

    *loaded* are relations of theirs that are there without a query; *joins* says that those which
    are not null are as well.
    """

    note: str
    page: Page
    loaded: frozenset[str] = frozenset()
    joins: bool = False

    def step(self, project: Project) -> Step:
        return Step(project.place(self.page.path, *self.page.span), self.note)


class AdminPages:
    """The registered models of a project."""

    def __init__(self, project: Project) -> None:
        self._index = project.derive(ModelIndex)
        self._tables = project.derive(Tables)
        self._facts = project.facts(ADMIN)
        self._classes = {
            (path, found.name): found
            for path, fact in self._facts.items()
            for found in fact.classes
        }
        self.pages: list[Page] = []
        self.inlines: list[tuple[Page, Key, AdminClass]] = []
        for path, fact in self._facts.items():
            for model_name, admin_name, span in fact.registered:
                model = self._index.named(model_name, path)
                if model is not None:
                    self._add(
                        Page(model.key, self._admin(admin_name, path), path, span), admin_name
                    )
        self.registered = frozenset(page.model for page in self.pages)

    def _add(self, page: Page, admin_name: str) -> None:
        self.pages.append(page)
        for asking, inline_name in self._inline_names(page, admin_name):
            found = self._index.names.resolve(inline_name, asking)
            if not isinstance(found, tuple):
                continue
            inline = self._merged(found)
            model = self._index.named(inline.model, self._model_path(found))
            if model is not None:
                self.inlines.append((page, model.key, inline))

    def _inline_names(self, page: Page, admin_name: str) -> Iterator[tuple[str, str]]:
        key = self._index.names.resolve(admin_name, page.path) if admin_name else None
        for base in self._index.names.line(key) if isinstance(key, tuple) else ():
            own = self._classes.get(base) if isinstance(base, tuple) else None
            if own is not None and own.inlines:
                for name in own.inlines:
                    yield base[0], name
                return

    def _model_path(self, key: Key) -> str:
        for base in self._index.names.line(key):
            own = self._classes.get(base) if isinstance(base, tuple) else None
            if own is not None and own.model:
                return base[0]
        return key[0]

    def _admin(self, name: str, path: str) -> AdminClass:
        if not name:
            return AdminClass("ModelAdmin", ())
        found = self._index.names.resolve(name, path)
        if isinstance(found, tuple):
            return self._merged(found)
        own = not isinstance(found, str) or found.rpartition(".")[2] not in _KNOWN_BASES
        return AdminClass(name, (), loads=own, own_boxes=own, own_deletion=own)

    def _merged(self, key: Key) -> AdminClass:
        """The class with what it inherits."""
        model, shown, fields = "", None, None
        unboxed: list[str] = []
        loads = own_boxes = own_deletion = False
        for base in self._index.names.line(key):
            if isinstance(base, str):
                unknown = base.rpartition(".")[2] not in _KNOWN_BASES
                loads, own_boxes = loads or unknown, own_boxes or unknown
                own_deletion = own_deletion or unknown
                continue
            own = self._classes.get(base)
            if own is None:
                loads = own_boxes = own_deletion = True
                continue
            model = model or own.model
            shown = own.shown if shown is None else shown
            fields = own.fields if fields is None else fields
            unboxed += own.unboxed
            loads, own_boxes = loads or own.loads, own_boxes or own.own_boxes
            own_deletion = own_deletion or own.own_deletion
        return AdminClass(
            key[1],
            (),
            model,
            (),
            shown,
            tuple(unboxed),
            fields,
            loads,
            own_boxes,
            own_deletion,
        )

    # Where rows are printed.

    def printings(self, model: Model) -> Iterator[Printing]:
        """Every place where the admin prints rows of *model* by their ``__str__``."""
        yield from self._lists(model)
        for page in self.pages:
            yield from self._boxes(page, page.model, page.admin, model)
        for page, key, inline in self.inlines:
            if key == model.key:
                back = frozenset(
                    relation.name
                    for relation in model.relations.values()
                    if relation.target == page.model
                )
                note = f"each {model.name} of the inline is printed here"
                kinds = {model.relations[name].kind for name in back}
                if not inline.loads and kinds != {ONE}:
                    yield Printing(note, page, back)
            yield from self._boxes(page, key, inline, model)
        yield from self._deletions(model)

    def _deletions(self, model: Model) -> Iterator[Printing]:
        """Pages that ask before a row is deleted, with all *model* rows that go with it."""
        if model.key not in self.registered:
            return
        for relation in self._tables.cascades(model.key):
            for page in self.pages:
                if page.admin.own_deletion:
                    continue
                if relation.kind == FORWARD and page.model == relation.target != model.key:
                    note = (
                        f"before a {page.model[1]} is deleted, the admin prints each "
                        f"{model.name} that goes with it"
                    )
                    yield Printing(note, page, frozenset({relation.name}))

    def _lists(self, model: Model) -> Iterator[Printing]:
        for page in self.pages:
            shown = page.admin.shown
            if page.model != model.key or page.admin.loads:
                continue
            if shown is None or "__str__" in shown:
                joins = any(
                    name in model.relations and model.relations[name].has_column
                    for name in shown or ()
                )
                yield Printing("the list of the admin prints each row", page, joins=joins)

    def _boxes(self, page: Page, owner: Key, admin: AdminClass, model: Model) -> Iterator[Printing]:
        """Select boxes of *owner*'s form with all rows of *model*."""
        form_of = self._index.model(owner)
        if form_of is None or admin.own_boxes:
            return
        for relation in form_of.relations.values():
            if relation.target != model.key or relation.kind not in {FORWARD, ONE, MANY}:
                continue
            if relation.name not in form_of.members or relation.name in admin.unboxed:
                continue
            if admin.fields is not None and relation.name not in admin.fields:
                continue
            if owner != page.model and relation.target == page.model:
                continue  # the inline's own link to what it hangs on has no box
            yield Printing(
                f"the admin's form of {form_of.name} has all {model.name} rows in the select "
                f"box of {relation.name}",
                page,
            )
