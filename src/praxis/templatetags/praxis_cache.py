"""``{% load praxis_cache %}``: parts of templates that are kept until what they read is written."""

from typing import Any

from django.template import Context, Library, Node, TemplateSyntaxError
from django.template.base import FilterExpression, NodeList, Parser, Token, token_kwargs

from praxis.cache.results.fragments import Fragment
from praxis.cache.results.functions import checked_terms

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
        ttl_s: FilterExpression,
        name: FilterExpression,
        arguments: list[FilterExpression],
        options: dict[str, FilterExpression],
    ) -> None:
        self.nodelist = nodelist
        self._ttl_s, self._name, self._arguments, self._options = ttl_s, name, arguments, options

    def render(self, context: Context) -> str:
        name = str(self._name.resolve(context))
        vary = str(self._option("vary", context, ""))
        try:
            terms = checked_terms(
                ttl_s=float(self._ttl_s.resolve(context)),
                stale_s=float(self._option("stale_s", context, 0)),
                wait_s=1.0,
                using=str(self._option("using", context, "default")),
            )
        except (TypeError, ValueError) as error:
            raise TemplateSyntaxError(f"{{% cached %}} of {name!r}: {error}") from error
        arguments = {one.token: one.resolve(context) for one in self._arguments}
        names = tuple(one.strip() for one in vary.split(",") if one.strip())
        return Fragment(name, terms, arguments, names, self.nodelist, context).render()

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
    nodelist = parser.parse(("endcached",))
    parser.delete_first_token()
    return CachedNode(nodelist, ttl_s, name, arguments, options)
