"""Decorators by their names: which leave a function as it is, and which make it an attribute."""

from praxis.audit.flow.code import ir

#: Decorators that leave a function's value and what it reads as they are.
PASSING = frozenset({
    "override", "abstractmethod", "display", "action", "atomic", "login_required", "wraps",
    "permission_required", "require_GET", "require_POST", "require_http_methods", "require_safe",
    "csrf_exempt", "never_cache", "csrf_protect", "ensure_csrf_cookie", "transaction.atomic",
    "staff_member_required", "user_passes_test", "method_decorator", "final", "admin.display",
    "cache_control", "vary_on_headers", "vary_on_cookie", "sync_to_async", "extend_schema",
    "swagger_auto_schema", "extend_schema_field", "deprecated", "sensitive_post_parameters",
    "xframe_options_exempt", "resolver", "field", "api_view", "permission_classes", "no_type_check",
    "classmethod", "staticmethod", "property", "cached_property", "queryset_method", "receiver",
    "short_description", "admin_order_field", "register", "simple_tag", "inclusion_tag", "filter",
    "contextfunction", "pass_context", "typechecked", "extend_schema_serializer",
})  # fmt: skip


_PROPERTIES = frozenset({
    "property", "cached_property", "abstractproperty", "classproperty", "hybrid_property",
    "threaded_cached_property", "invalidate_cached_property",
})  # fmt: skip


def decorators_of(definition: ir.Def) -> set[str]:
    """The last parts of the names of a function's decorators."""
    names: set[str] = set()
    if not definition.decorators:
        return names
    for decorator in definition.decorators:
        node = decorator.function if isinstance(decorator, ir.Call) else decorator
        if isinstance(node, ir.Attr):
            names.add(node.attr)
        elif isinstance(node, ir.Name):
            names.add(node.id)
        else:
            names.add("?")
    return names


def is_property(definition: ir.Def) -> bool:
    """Whether reading the attribute runs the function."""
    return bool(decorators_of(definition) & _PROPERTIES)
