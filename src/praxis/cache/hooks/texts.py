"""What queries were compiled to, by their outlines, so that the same is not compiled again."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Field
from django.db.models.expressions import Col

from praxis.cache.catalog import Catalog
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.verification import is_due
from praxis.cache.outlines.instances import with_plain_models
from praxis.cache.outlines.outline import Outline, outline_of
from praxis.cache.plans.prepared import Prepared
from praxis.conf import ModelCacheConfig

logger = logging.getLogger("praxis.cache")

#: Texts that are remembered, and so many outlines; the oldest goes first.
MAX_REMEMBERED = 2048
#: A text with more of them is not worth its memory.
MAX_CHARS = 8192


class Text:
    """
    What queries of one outline compile to, and what compiling leaves with their compilers.

    Attributes:
        sql: The text.
        start: The parameters that come before those of the WHERE, always the same.
    """

    __slots__ = (
        "_annotation_col_map", "_col_count", "_converts", "_fields", "_klass_info", "_models",
        "_select", "sql", "start",
    )  # fmt: skip

    def __init__(self, compiler: Any, sql: str, start: Sequence[object], fields: list[Any]) -> None:
        self.sql, self.start = sql, tuple(start)
        self._select, self._klass_info = compiler.select, with_plain_models(compiler.klass_info)
        self._converts = bool(compiler.get_converters(_selected(compiler)))
        self._annotation_col_map = compiler.annotation_col_map
        self._col_count = compiler.col_count
        self._fields = fields  # held, so that their ids go to no others
        self._models = [
            (meta, meta.concrete_fields, meta.ordering, meta.db_table)
            for meta in _models_of(compiler)
        ]

    def still_holds(self) -> bool:
        """Whether its models are as they were: tests change them, and so do some packages."""
        for meta, fields, ordering, table in self._models:
            if (
                meta.concrete_fields is not fields
                or meta.ordering is not ordering
                or meta.db_table != table
            ):
                return False
        return True

    def stand_in(self, compiler: Any) -> None:
        """Leave with the compiler what Django takes from it once it has compiled."""
        compiler.select, compiler.klass_info = self._select, self._klass_info
        compiler.annotation_col_map = self._annotation_col_map
        compiler.col_count, query = self._col_count, compiler.query
        if self._select is not None:  # which one that selects from another query has none of
            compiler.has_extra_select = False
            if not query.alias_map:  # compiling leaves the table's own alias there, out of use
                query.alias_refcount[query.get_initial_alias()] = 0
        if not self._converts:  # to find that out takes longer than to make an object
            compiler.get_converters = _no_converters


def _no_converters(expressions: object) -> dict[int, Any]:
    del expressions
    return {}


def _selected(compiler: Any) -> list[Any]:
    """The expressions that the text selects, once it is compiled."""
    if compiler.select is None:
        return list(compiler.query.annotation_select.values())
    return [one for one, _, _ in compiler.select]


def _models_of(compiler: Any) -> set[Any]:
    """The models whose fields and order the text was made of."""
    query = getattr(compiler.query, "inner_query", compiler.query)
    found = {query.model._meta} if query.model is not None else set()  # noqa: SLF001 - public
    for join in query.alias_map.values():
        relation = getattr(join, "join_field", None)
        if relation is not None:
            found |= {relation.model._meta, relation.related_model._meta}  # noqa: SLF001 - public
    return found


class Texts:
    """
    Those of all connections that compile alike.

    Args:
        vendor: Of the database.
        tables: What is known of its tables.
        watched: How each watched table is cached.
        session: What makes one text answer differently for one connection than for others.
    """

    def __init__(
        self,
        vendor: str,
        tables: Catalog,
        watched: Mapping[str, ModelCacheConfig],
        session: bytes,
    ) -> None:
        self._given = vendor, tables, watched
        self._session = session
        self._prepared: dict[tuple[str, bool, int], Prepared] = {}
        self._texts: dict[Outline, Text] = {}
        self._wrong = Once()

    def prepared(self, sql: str, *, single: bool, width: int) -> Prepared:
        """
        What is known of a text.

        Args:
            sql: The text.
            single: Whether the first row is all that is asked for.
            width: How many columns are.
        """
        shape = single, width
        found = self._prepared.get((sql, *shape))
        if found is None:
            found = Prepared(sql, *self._given, shape, self._session)
            if len(sql) <= MAX_CHARS:
                _keep(self._prepared, (sql, *shape), found)
        return found

    def compiled(self, compiler: Any, *, verify_share: float) -> tuple[str, Sequence[Any]]:
        """
        The query's text and parameters, as `SQLCompiler.as_sql` gives them.

        Args:
            compiler: Of the query; afterwards it is as if it had compiled it.
            verify_share: The share that is compiled although the text is known, and compared.

        Raises:
            EmptyResultSet: if no row can be in the result.
        """
        found = outline_of(compiler)
        if found is None:
            return _compiled(compiler)
        outline, values, fields = found
        try:
            text = self._texts.get(outline)
        except TypeError:  # something in it that is not of the kind that Django puts there
            return _compiled(compiler)
        if text is not None and text.still_holds():
            if not is_due(verify_share):
                text.stand_in(compiler)
                return text.sql, (*text.start, *values)
        else:
            text = None
        sql, params = _compiled(compiler)
        if text is None:
            self._remember(outline, compiler, sql, params, values, fields)
        elif text.sql != sql or _differ(params, (*text.start, *values)):
            self._texts.pop(outline, None)
            if self._wrong.is_new(sql):
                logger.error(
                    "A query was taken for another one, which is a mistake of Praxis; please "
                    "report it. It was not served. It is %s, and was taken for %s.",
                    sql,
                    text.sql,
                )
        return sql, params

    def _remember(
        self,
        outline: Outline,
        compiler: Any,
        sql: str,
        params: Sequence[object],
        values: Sequence[object],
        fields: list[Any],
    ) -> None:
        """Know the text next time, if all of it follows from the outline and the values."""
        if len(sql) > MAX_CHARS:
            return
        start: list[object] = []
        read = [field for one in _selected(compiler) for field in _fields_of(one)]
        if compiler.select is None:  # where constants stand nobody knows: there must be none
            read += (field for meta in _models_of(compiler) for field in meta.concrete_fields)
        elif compiler.has_extra_select or compiler.qualify:
            return
        else:
            start += (param for _, (_, found), _ in compiler.select for param in found)
        if not _differ(params, [*start, *values]) and all(map(_is_plain, read)):
            _keep(self._texts, outline, Text(compiler, sql, start, fields))


def _compiled(compiler: Any) -> tuple[str, Sequence[Any]]:
    found: tuple[str, Sequence[Any]] = compiler.as_sql()
    return found


def _fields_of(selected: Any) -> Iterator[Any]:
    """The fields that may have a say in how an expression is selected."""
    yield selected._output_field_or_none  # noqa: SLF001 - or None, as it says
    if type(selected) is Col:
        yield selected.target


def _is_plain(field: Any) -> bool:
    """Whether a field leaves the text of its column alone; those of projects may do otherwise."""
    return field is None or type(field).select_format is Field.select_format


def _differ(some: Sequence[object], others: Sequence[object]) -> bool:
    """Whether two rows of parameters are not the same ones."""
    return len(some) != len(others) or any(
        type(one) is not type(other) or one != other
        for one, other in zip(some, others, strict=True)
    )


def _keep(memory: dict[Any, Any], key: Any, value: Any) -> None:
    while len(memory) >= MAX_REMEMBERED:
        try:
            memory.pop(next(iter(memory)), None)
        except (StopIteration, RuntimeError):  # another thread was faster
            break
    memory[key] = value
