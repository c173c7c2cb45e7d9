"""
Calls, by name, that save nothing, nor change anything that is saved.

Those of other systems are in `praxis.audit.facts.transactions.known_side_effects`.
"""

#: Query methods that change nothing.
READS = frozenset({
    "aggregate", "all", "annotate", "count", "distinct", "earliest", "exclude", "exists", "filter",
    "first", "get", "in_bulk", "iterator", "last", "latest", "none", "only", "order_by",
    "select_related", "prefetch_related", "using", "values", "values_list",
    "aget", "afirst", "alast", "aexists", "acount",
})  # fmt: skip
#: Methods of strings, numbers, dates, collections, forms and loggers: whatever has them, they
#: neither save anything nor reach another system.
PLAIN_METHODS = READS | frozenset({
    "append", "extend", "add", "insert", "keys", "items", "pop", "popitem", "setdefault", "copy",
    "index", "discard", "union", "intersection", "difference", "sort", "reverse",
    "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition",
    "lower", "upper", "title", "capitalize", "casefold", "join", "replace", "format", "startswith",
    "endswith", "removeprefix", "removesuffix", "find", "isdigit", "isnumeric", "isalpha",
    "zfill", "ljust", "rjust", "center", "encode", "decode", "translate", "hex",
    "date", "time", "isoformat", "strftime", "timestamp", "astimezone", "weekday", "isoweekday",
    "quantize", "is_integer", "total_seconds", "group", "groups", "groupdict", "match", "search",
    "getlist", "getattr", "debug", "info", "warning", "warn", "error", "exception", "log",
    "SUCCESS", "NOTICE", "WARNING", "ERROR",
})  # fmt: skip
PLAIN_MODULES = frozenset({
    "base64", "calendar", "collections", "copy", "datetime", "decimal", "fractions", "functools",
    "hashlib", "html", "itertools", "json", "logging", "math", "operator", "random", "re",
    "secrets", "statistics", "string", "textwrap", "unicodedata", "uuid", "dateutil", "pytz",
})  # fmt: skip
PLAIN_FUNCTIONS = frozenset({
    "abs", "all", "any", "bool", "bytes", "chr", "dict", "divmod", "enumerate", "filter", "float",
    "format", "frozenset", "getattr", "hasattr", "int", "isinstance", "issubclass", "iter", "len",
    "list", "map", "max", "min", "next", "ord", "print", "range", "repr", "reversed", "round",
    "set", "sorted", "str", "sum", "tuple", "type", "zip",
})  # fmt: skip
#: Functions of Django and its companions that read, translate, link and answer.
ANSWERS = frozenset({
    "_", "__", "force_str", "gettext", "gettext_lazy", "get_list_or_404", "get_object_or_404",
    "get_user_model", "hash", "id", "mark_safe", "ngettext", "now", "open", "redirect", "render",
    "render_to_string", "resolve_url", "reverse", "reverse_lazy", "slugify", "super", "vars",
})  # fmt: skip
ANSWERING_METHODS = frozenset({
    "get_object_or_404", "is_authenticated", "now", "render", "today", "localdate",
    "localtime", "write", "writerow", "style", "get_absolute_url", "critical", "success",
    "contains", "dates", "datetimes", "get_queryset", "get_context_data", "has_perm", "has_perms",
    "defer", "reverse", "none", "iterator", "aiterator", "aaggregate", "acontains", "aearliest",
    "alatest", "ain_bulk", "select_for_update", "extra", "alias", "getvalue",
})  # fmt: skip
