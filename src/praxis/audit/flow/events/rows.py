"""What is done with the rows of a query, taken together."""

from msgspec import Struct

from praxis.audit.facts.imports.class_names import Key
from praxis.audit.flow.events.places import Site, Span


class RowsWalked(Struct, frozen=True, array_like=True, tag=56):
    """All rows of a table are walked once by a loop; *chain* can be given ``iterator()``."""

    path: str
    span: Span
    loop: Span
    model: Key
    prefetched: bool
    conditions: tuple[str, ...]


class ColumnsRead(Struct, frozen=True, array_like=True, tag=62):
    """
    Rows are walked, and *columns* are all that is read of them.

    *span* is what gives the rows, *loop* what walks them; *flat* where each row is its one column.
    """

    path: str
    span: Span
    loop: Span
    model: Key
    columns: tuple[str, ...]
    flat: bool


class RowsShown(Struct, frozen=True, array_like=True, tag=63):
    """
    All rows of a query go to a page, or to a client of an API.

    Attributes:
        path: The file of what shows them: a template, or that of the view.
        span: The loop there, or the name of the view's class.
        model: What they are of.
        origins: Where the query is made.
        view: The class of an API's view; empty for a template.
        owner: What they hang on, where a related manager gives them.
        equal: The columns that they are chosen by.
        vague: Whether other conditions may choose few of them.
    """

    path: str
    span: Span
    model: Key
    origins: tuple[Site, ...]
    view: str = ""
    owner: Key | None = None
    equal: tuple[str, ...] = ()
    vague: bool = False


class RowsPaged(Struct, frozen=True, array_like=True, tag=64):
    """Rows are shown page by page; *view* is the class of an API's view, or empty."""

    path: str
    span: Span
    model: Key
    view: str = ""
