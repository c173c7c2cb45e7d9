"""
``{% cached %}`` for templates of Jinja.

    TEMPLATES = [{
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "OPTIONS": {"extensions": ["praxis.cache.jinja2.CachedExtension"]},
    }]
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from praxis.cache.results.fragments import Fragment
from praxis.cache.results.kept import Terms
from praxis.errors import MissingLibraryError

try:
    from jinja2 import TemplateRuntimeError, meta, nodes
    from jinja2.ext import Extension
    from jinja2.parser import Parser
    from jinja2.runtime import Context, Macro, Undefined
except ImportError as error:
    raise MissingLibraryError(
        "praxis.cache.jinja2 needs Jinja, which is not installed: pip install jinja2"
    ) from error

_OPTIONS = frozenset({"vary", "stale_s", "using"})
_USAGE = (
    'write {% cached SECONDS, "name"[, argument …][, vary="user"][, stale_s=…][, using="…"] %} … '
    "{% endcached %}"
)
#: What belongs to the visitor, also where only an included template shows it.
_OF_THE_VISITOR = frozenset({"request", "user", "perms", "csrf_token", "csrf_input", "messages"})
#: What a macro alone has, and not the one that the inside of the tag is.
_OF_MACROS = frozenset({"caller", "kwargs", "varargs"})
#: By which a template shows its own blocks.
_OF_TEMPLATES = frozenset({"self", "super"})
#: Parts that see the context as it is, whatever a fragment is shown with.
_OPAQUE = (nodes.Block, nodes.Import, nodes.FromImport)


class CachedExtension(Extension):
    """
    Keep a part of a template until something is written that it read.

        {% cached 300, "sidebar", product, vary="user" %} … {% endcached %}

    The arguments are those of Django's tag ``{% cached %}``. With ``enable_async`` nothing is kept.
    """

    tags = frozenset({"cached"})  # type: ignore[assignment]  # no set of all extensions

    def parse(self, parser: Parser) -> nodes.Node:
        """The call that stands for the tag: what is in it is a macro, which is given all names."""
        line = next(parser.stream).lineno
        arguments, options = _arguments(parser)
        if len(arguments) < 2:
            parser.fail(_USAGE, line)
        body = parser.parse_statements(("name:endcached",), drop_needle=True)
        shown = self._names_in(body, arguments)
        for name in sorted(shown & _OF_MACROS):
            parser.fail(
                f"{name!r} is not known inside {{% cached %}}: set a name to it before", line
            )
        names = sorted(shown - _OF_TEMPLATES)
        held = nodes.Dict([nodes.Pair(nodes.Const(n), nodes.Name(n, "load")) for n in names])
        opaque = bool(shown & _OF_TEMPLATES) or any(
            True for node in body for _ in _found(node, _OPAQUE)
        )
        includes = any(True for node in body for _ in _found(node, (nodes.Include,)))
        call = self.call_method(
            "_shown",
            [
                nodes.ContextReference(), held, nodes.Const(opaque), nodes.Const(includes),
                nodes.List(arguments), nodes.Dict(options),
            ],
        )  # fmt: skip
        parameters = [nodes.Name(name, "param") for name in names]
        return nodes.CallBlock(call, parameters, [], body).set_lineno(line)

    def _names_in(self, body: list[nodes.Node], arguments: list[nodes.Expr]) -> set[str]:
        """The names that it shows, those of its arguments, and those of the visitor."""
        shown = nodes.Template([nodes.Output([*arguments]), *body])
        # which is gone through for it, and is to be compiled afterwards
        found = deepcopy(shown)
        found.set_environment(self.environment)
        return meta.find_undeclared_variables(found) | _OF_THE_VISITOR

    def _shown(
        self,
        context: Context,
        held: dict[str, Any],
        opaque: bool,
        includes: bool,
        arguments: list[Any],
        options: dict[str, Any],
        caller: Callable[..., Any],
    ) -> Any:
        if self.environment.is_async:
            return caller(**held)
        ttl_s, name, *further = arguments
        try:
            terms = Terms(
                ttl_s=float(ttl_s),
                stale_s=float(options.get("stale_s", 0)),
                using=str(options.get("using", "default")),
            )
        except (TypeError, ValueError) as error:
            raise TemplateRuntimeError(f"{{% cached %}} of {name!r}: {error}") from error
        vary = options.get("vary", "")
        names = vary.split(",") if isinstance(vary, str) else vary
        scene = _JinjaScene(context, held, caller, is_opaque=opaque, has_includes=includes)
        given = {f"argument {number}": one for number, one in enumerate(further)}
        dimensions = tuple(one.strip() for one in names if one.strip())
        text = Fragment(str.__str__(str(name)), terms, given, dimensions, scene).render()
        return text if context.eval_ctx.autoescape else str.__str__(text)


class _JinjaScene:
    """What is between the tags: a macro, which is called with the names that it shows."""

    def __init__(
        self,
        context: Context,
        held: dict[str, Any],
        caller: Callable[..., Any],
        *,
        is_opaque: bool,
        has_includes: bool,
    ) -> None:
        self._context, self._held, self._caller = context, held, caller
        self.is_opaque = is_opaque or any(isinstance(one, Macro) for one in held.values())
        self._shows_all = self.is_opaque or has_includes
        self.request = self.get("request")
        self.how: tuple[object, ...] = ("jinja", bool(context.eval_ctx.autoescape))

    def names(self) -> set[str]:
        """The names in it; all of the context where others may show what is there."""
        return {*self._held, *(self._context.get_all() if self._shows_all else ())}

    def get(self, name: str) -> Any:
        """What the name stands for here: loops and ``set`` have names of their own."""
        found = self._held[name] if name in self._held else self._context.get(name)
        return None if isinstance(found, Undefined) else found

    def render(self, changed: Mapping[str, Any]) -> str:
        """The text, with other values for some of the names that it has."""
        known = {name: value for name, value in changed.items() if name in self._held}
        return str.__str__(str(self._caller(**(self._held | known))))


def _arguments(parser: Parser) -> tuple[list[nodes.Expr], list[nodes.Pair]]:
    """The expressions and the options up to the end of the tag."""
    arguments: list[nodes.Expr] = []
    options: list[nodes.Pair] = []
    stream = parser.stream
    while stream.current.type != "block_end":
        if stream.current.type == "name" and stream.look().type == "assign":
            option = next(stream).value
            next(stream)
            if option not in _OPTIONS:
                parser.fail(f"{option!r} is no option: {_USAGE}")
            options.append(nodes.Pair(nodes.Const(option), parser.parse_expression()))
        else:
            arguments.append(parser.parse_expression())
        stream.skip_if("comma")
    return arguments, options


def _found(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> Any:
    """The node itself, and those below it, of these kinds."""
    if isinstance(node, kinds):
        yield node
    yield from node.find_all(kinds)
