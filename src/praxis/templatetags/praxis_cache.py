"""``{% load praxis_cache %}``: parts of templates that are kept until what they read is written."""

from typing import Any

from django.template import Context, Library, Node, TemplateSyntaxError
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs

from praxis.cache.results.fragments import Fragment
from praxis.cache.results.kept import Terms
from praxis.cache.results.scenes import DjangoScene
from praxis.cache.results.shown import tokens_until

register = Library()
_OPTIONS = ("vary", "stale_s", "using")
_USAGE = (
    '{% cached SECONDS "name" [argument …] [vary="language,user"] [stale_s=…] [using="…"] %} … '
    "{% endcached %}"
)


class CachedNode(Node):
    """What ``{% cached %}`` stands for."""

    child_nodelists = ("nodelist",)

    def __init__(
        self,
        nodelist: NodeList,
        tokens: list[Token],
        ttl_s: FilterExpression,
        name: FilterExpression,
        arguments: list[FilterExpression],
        options: dict[str, FilterExpression],
    ) -> None:
        self.nodelist, self._tokens = nodelist, tokens
        self._ttl_s, self._name, self._arguments, self._options = ttl_s, name, arguments, options

    def render(self, context: Context) -> str:
        name = str.__str__(str(self._name.resolve(context)))  # a constant is marked as safe
        vary = str(self._option("vary", context, ""))
        try:
            terms = Terms(
                ttl_s=float(self._ttl_s.resolve(context)),
                stale_s=float(self._option("stale_s", context, 0)),
                using=str(self._option("using", context, "default")),
            )
        except (TypeError, ValueError) as error:
            raise TemplateSyntaxError(f"{{% cached %}} of {name!r}: {error}") from error
        arguments = {one.token: one.resolve(context) for one in self._arguments}
        names = tuple(one.strip() for one in vary.split(",") if one.strip())
        scene = DjangoScene(self.nodelist, self._tokens, context)
        return Fragment(name, terms, arguments, names, scene).render()

    def _option(self, option: str, context: Context, otherwise: Any) -> Any:
        given = self._options.get(option)
        return otherwise if given is None else given.resolve(context)


@register.tag("cached")
def cached(parser: Parser, token: Token) -> CachedNode:
    """
    Keep a part of a template until something is written that it read.

        {% cached 300 "sidebar" product vary="user" %} … {% endcached %}

    The arguments tell one fragment from another. What it shows it has to read itself: an instance
    of a model that was read before is given as an argument, and read again inside.
    """
    bits = token.split_contents()[1:]
    options: dict[str, FilterExpression] = {}
    while bits and "=" in bits[-1] and bits[-1].partition("=")[0] in _OPTIONS:
        options.update(token_kwargs([bits.pop()], parser))
    if len(bits) < 2:
        raise TemplateSyntaxError(f"Write {_USAGE}")
    ttl_s, name, *arguments = map(parser.compile_filter, bits)
    tokens = tokens_until(parser, "cached", "endcached")
    nodelist = parser.parse(("endcached",))
    parser.delete_first_token()
    return CachedNode(nodelist, tokens, ttl_s, name, arguments, options)
