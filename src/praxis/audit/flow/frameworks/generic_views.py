"""The methods that class-based views get from Django and Django REST framework."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow import ir
from praxis.audit.flow.calls import render_named
from praxis.audit.flow.events import Spot
from praxis.audit.flow.frame import Frame
from praxis.audit.flow.mentions import mentions
from praxis.audit.flow.querysets import queryset_of, rows_of
from praxis.audit.flow.values import (
    UNKNOWN,
    Const,
    Dict,
    Instance,
    Listing,
    Manager,
    ModelClass,
    Object,
    Origin,
    ProjectClass,
    QuerySet,
    Rows,
    Value,
    options_of,
)

#: Names of views that show many rows, and of those that show one.
LIST_VIEWS = (
    "ListView", "BaseListView", "MultipleObjectMixin", "ArchiveIndexView", "YearArchiveView",
    "MonthArchiveView", "WeekArchiveView", "DayArchiveView", "TodayArchiveView", "FilterView",
    "SingleTableView", "SingleTableMixin",
)  # fmt: skip
DETAIL_VIEWS = (
    "DetailView", "BaseDetailView", "SingleObjectMixin", "UpdateView", "BaseUpdateView",
    "DeleteView", "BaseDeleteView", "DateDetailView",
)  # fmt: skip


_ADMIN = (
    "BaseModelAdmin", "ModelAdmin", "InlineModelAdmin", "TabularInline", "StackedInline",
    "GenericTabularInline", "GenericStackedInline",
)  # fmt: skip


class Asked(Struct, frozen=True, eq=False):
    """A call of such a method; *ask* calls another one of the same receiver."""

    frame: Frame
    receiver: Object
    args: tuple[Value, ...]
    keywords: dict[str, Value]
    expr: ir.Call
    ask: Callable[..., Value]

    def call(self, name: str, *args: Value) -> Value:
        return self.ask(self.frame, self.receiver, name, self.expr, args)

    def attribute(self, name: str) -> Value:
        from praxis.audit.flow.objects import of_object  # which asks for these attributes

        return of_object(self.frame, self.receiver, name, self.spot)

    def argument(self, position: int, name: str) -> Value:
        if position < len(self.args):
            return self.args[position]
        return self.keywords.get(name, UNKNOWN)

    @property
    def spot(self) -> Spot:
        return self.frame.spot((self.expr.start, self.expr.end))


def rows_of_view(asked: Asked) -> Value:
    """``get_queryset()``: the ``queryset`` of the class, else all rows of its ``model``."""
    frame = asked.frame
    of_admin = frame.program.is_a(asked.receiver.key, *_ADMIN)  # they know no ``queryset``
    held = UNKNOWN if of_admin else asked.attribute("queryset")
    if isinstance(held, Manager):
        return queryset_of(frame, held)
    if isinstance(held, QuerySet):
        return held
    model = asked.attribute("model")
    if not isinstance(model, ModelClass):
        return UNKNOWN
    manager = frame.model(model.model).default_manager
    if not manager:
        return UNKNOWN
    made = queryset_of(frame, Manager(model.model, manager, *asked.spot))
    member = frame.program.member(asked.receiver.key, "model")
    if (
        of_admin
        or member is None
        or not isinstance(member.node, ir.Name | ir.Attr)
        or manager != "objects"
    ):
        return replace(made, origins=())
    place = Origin(member.owner[0], member.node.start, member.node.end, "model")
    return replace(made, origins=(place,))


def row_of_view(asked: Asked) -> Value:
    """``get_object()``."""
    given = asked.argument(0, "queryset")
    rows = given if isinstance(given, QuerySet) else asked.call("get_queryset")
    if not isinstance(rows, QuerySet):
        return UNKNOWN
    span = asked.expr.start, asked.expr.end
    return asked.frame.row_of(replace(rows, plain=False), span, span, single=True)


def context_of_view(asked: Asked) -> Value:
    """``get_context_data(**kwargs)``: what is handed in, and the view's own rows."""
    frame, receiver = asked.frame, asked.receiver
    given = dict(asked.keywords)
    unpacked = given.pop("", UNKNOWN)
    if isinstance(unpacked, Dict):
        given = {**dict(unpacked.items), **given}
    context = Dict(tuple(given.items()))
    if frame.program.is_a(receiver.key, *LIST_VIEWS):
        rows = context.get("object_list")
        if rows is UNKNOWN:
            rows = _held_rows(asked)
        if rows_of(rows) is not None:
            shown = page_of(asked, rows)
            context = context.with_item("object_list", shown)
            for name in _list_names(asked, rows):
                context = context.with_item(name, shown)
            context = context.with_item("page_obj", shown)
            context = context.with_item("paginator", UNKNOWN)
    elif frame.program.is_a(receiver.key, *DETAIL_VIEWS):
        row = context.get("object")
        if row is UNKNOWN:
            row = asked.attribute("object")
        context = context.with_item("object", row)
        for name in _detail_names(asked, row):
            context = context.with_item(name, row)
    extra = asked.attribute("extra_context")
    if isinstance(extra, Dict):
        context = Dict((*context.items, *extra.items))
    return context.with_item("view", receiver)


def _held_row(asked: Asked) -> Value:
    """``self.object``: the row of a view that shows one, which its other methods have had, too."""
    if not asked.frame.program.is_a(asked.receiver.key, *DETAIL_VIEWS):
        return UNKNOWN
    row = asked.call("get_object")
    asked.frame.escape(row)
    return row


def _held_rows(asked: Asked) -> Value:
    held = asked.attribute("object_list")
    return held if rows_of(held) is not None else asked.call("get_queryset")


def page_of(asked: Asked, rows: Value) -> Value:
    """The rows of one page, where the view paginates."""
    size = asked.attribute("paginate_by")
    queryset = rows_of(rows)
    if queryset is None or not (isinstance(size, Const) and type(size.value) is int):
        return rows
    limit = size.value if queryset.limit is None else min(size.value, queryset.limit)
    return Rows(replace(queryset, limit=limit, plain=False))


def _list_names(asked: Asked, rows: Value) -> list[str]:
    named = asked.attribute("context_object_name")
    if isinstance(named, Const) and isinstance(named.value, str):
        return [named.value]
    queryset = rows_of(rows)
    return [f"{queryset.model[1].lower()}_list"] if queryset is not None else []


def _detail_names(asked: Asked, row: Value) -> list[str]:
    named = asked.attribute("context_object_name")
    if isinstance(named, Const) and isinstance(named.value, str):
        return [named.value]
    model = getattr(row, "model", None)
    return [model[1].lower()] if isinstance(model, tuple) else []


def _first_argument(asked: Asked) -> Value:
    return asked.argument(0, "queryset")


def _page_of_rows(asked: Asked) -> Value:
    """``paginate_queryset(queryset)``: the rows of one page (Django's returns a tuple)."""
    rows = rows_of(_first_argument(asked))
    if rows is None:
        return UNKNOWN
    return Rows(replace(rows, plain=False))


# The view as a whole.

#: Views that show a template, with what the default name of it ends in.
TEMPLATE_VIEWS = {
    "ListView": "_list", "DetailView": "_detail", "CreateView": "_form", "UpdateView": "_form",
    "DeleteView": "_confirm_delete", "FilterView": "_filter", "ArchiveIndexView": "_archive",
    "YearArchiveView": "_archive_year", "MonthArchiveView": "_archive_month",
    "WeekArchiveView": "_archive_week", "DayArchiveView": "_archive_day",
    "TodayArchiveView": "_archive_day", "DateDetailView": "_detail",
    "SingleTableView": "_list", "MultipleObjectTemplateResponseMixin": "_list",
    "SingleObjectTemplateResponseMixin": "_detail",
    "TemplateView": "", "FormView": "", "TemplateResponseMixin": "",
}  # fmt: skip


def is_template_view(frame: Frame, key: Key) -> bool:
    """Whether the class shows a template as Django's generic views do."""
    return frame.program.is_a(key, *TEMPLATE_VIEWS)


def show(asked: Asked) -> None:
    """What the view does with a GET request: its context goes to its template."""
    if not _answers_get(asked):
        return
    context = asked.call("get_context_data")
    if isinstance(context, Dict):
        asked.ask(asked.frame, asked.receiver, "render_to_response", asked.expr, (context,))


def _answers_get(asked: Asked) -> bool:
    """Whether Django's own ``get()`` runs; the project's is interpreted by itself."""
    program, key = asked.frame.program, asked.receiver.key
    own = program.member(key, "get")
    if own is not None and isinstance(own.node, ir.Def) and not mentions(own.node.body, "super"):
        return False
    methods = asked.attribute("http_method_names")
    if isinstance(methods, Listing) and Const("get") not in methods.items:
        return False
    for base in program.line(key):
        unit = program.unit(base[0]) if isinstance(base, tuple) else None
        node = unit.classes.get(base[1]) if unit is not None else None
        if node is not None and mentions(node.decorators, "require_POST"):
            return False
    return True


def _rendered(asked: Asked) -> Value:
    """``render_to_response(context)``."""
    context = asked.argument(0, "context")
    template = asked.call("get_template_names")
    if isinstance(template, Listing):
        template = template.items[0] if template.items else UNKNOWN
    if template is UNKNOWN:
        template = _template_of(asked, context)
    render_named(asked.frame, template, context, (asked.expr.start, asked.expr.end))
    return UNKNOWN


def _template_of(asked: Asked, context: Value) -> Value:
    """``template_name``, else the name that Django makes of the model's."""
    named = asked.attribute("template_name")
    if isinstance(named, Const) and isinstance(named.value, str):
        return named
    suffix = asked.attribute("template_name_suffix")
    program = asked.frame.program
    ending = (
        str(suffix.value)
        if isinstance(suffix, Const)
        else next(
            (end for name, end in TEMPLATE_VIEWS.items() if program.is_a(asked.receiver.key, name)),
            "",
        )
    )
    model = _model_of(asked, context)
    if model is None or not ending:
        return UNKNOWN
    return Const(f"{asked.frame.model(model).label}/{model[1].lower()}{ending}.html")


def _model_of(asked: Asked, context: Value) -> Key | None:
    held = asked.attribute("model")
    if isinstance(held, ModelClass):
        return held.model
    if isinstance(context, Dict):
        rows = rows_of(context.get("object_list"))
        if rows is not None:
            return rows.model
        row = context.get("object")
        if isinstance(row, Instance):
            return row.model
    return None


# Django REST framework.

_API_LISTS = (
    "ListAPIView", "ListCreateAPIView", "ModelViewSet", "ReadOnlyModelViewSet", "ListModelMixin",
)  # fmt: skip
_API_ROWS = ("RetrieveAPIView", "RetrieveUpdateAPIView", "RetrieveUpdateDestroyAPIView",
             "RetrieveDestroyAPIView", "RetrieveModelMixin")  # fmt: skip


#: Of so many serializers that a view chooses from, what they read is put together.
_MOST_OPTIONS = 4


def is_api_view(frame: Frame, key: Key) -> bool:
    """Whether the class sends rows through a serializer by itself."""
    return frame.program.is_a(key, *_API_LISTS, *_API_ROWS)


def serve(asked: Asked) -> None:
    """What the view does with a GET request: its rows go to its serializer."""
    many = asked.frame.program.is_a(asked.receiver.key, *_API_LISTS)
    own = "list" if many else "retrieve"
    if asked.frame.program.member(asked.receiver.key, own) is not None:
        return  # it is interpreted by itself
    rows = asked.call("get_queryset" if many else "get_object")
    _serialize(asked, _serializer_of(asked), rows, many=many)


def _serializer_of(asked: Asked) -> Value:
    return asked.call("get_serializer_class")


def _serialize(asked: Asked, serializer: Value, rows: Value, *, many: bool) -> None:
    from praxis.audit.flow.frameworks.serializers import serialize  # which run methods of views

    for option in options_of(serializer)[:_MOST_OPTIONS]:
        serialize(asked.frame, option.key, rows, asked.spot, many=many)


def _serializer_made(asked: Asked) -> Value:
    """``get_serializer(rows, many=True)``."""
    serializer = _serializer_of(asked)
    options = options_of(serializer)
    if not options:
        return UNKNOWN
    many = asked.keywords.get("many", Const(False))
    rows = asked.argument(0, "instance")
    given = (("instance", rows), ("many", many), ("class", serializer))
    return Object(options[0].key, given)


def _serialized(asked: Asked) -> Value:
    """``serializer.data``."""
    rows, many = asked.attribute("instance"), asked.attribute("many")
    is_many = isinstance(many, Const) and many.value is True
    known = dict(asked.receiver.attributes).get("class", ProjectClass(asked.receiver.key))
    _serialize(asked, known, rows, many=is_many)
    return UNKNOWN


#: By name: what they do is the same wherever they come from.
METHODS: dict[str, Callable[[Asked], Value]] = {
    "get_queryset": rows_of_view,
    "get_object": row_of_view,
    "get_context_data": context_of_view,
    "filter_queryset": _first_argument,
    "paginate_queryset": _page_of_rows,
    "render_to_response": _rendered,
    "get_serializer": _serializer_made,
    "get_serializer_class": lambda asked: asked.attribute("serializer_class"),
}
#: What views hold without storing it in code of the project.
ATTRIBUTES: dict[str, Callable[[Asked], Value]] = {
    "object": _held_row,
    "object_list": lambda asked: asked.call("get_queryset"),
    "data": _serialized,
}
