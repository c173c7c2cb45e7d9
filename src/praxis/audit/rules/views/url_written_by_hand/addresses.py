"""Addresses in templates and redirects that the URL conf has a name for."""

from collections.abc import Iterator

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates.links import TEMPLATE_LINKS, Link
from praxis.audit.facts.views.redirects import REDIRECTS, Redirect, Redirects
from praxis.audit.facts.views.route_patterns import PLACEHOLDER
from praxis.audit.facts.views.url_map import Address, Target, UrlMap, find_url_map
from praxis.audit.findings import Edit, Finding, Fix, Safety
from praxis.audit.project import Project

MESSAGE = "Spells out the address of the route {name!r}. Ask the URL conf for it by name."


def find_addresses(project: Project) -> Iterator[Finding]:
    """Every address that certainly means one named route of the site."""
    url_map = project.derive(find_url_map)
    if url_map is None:
        return
    for path, redirects in project.facts(REDIRECTS).items():
        for redirect in redirects.redirects:
            target, rest = _target(url_map, redirect.pieces)
            if target is None:
                continue
            fix = _name_redirect(path, redirects, redirect, target) if not rest else None
            place = project.place(path, *redirect.span)
            yield Finding(place, MESSAGE.format(name=target.name), fix)
    for path, links in project.facts(TEMPLATE_LINKS).items():
        if project.role(path) is Role.TEST:
            continue
        for link in links.links:
            target, rest = _target(url_map, link.pieces)
            if target is None:
                continue
            fix = None if links.jinja else _name_link(path, link, target, rest)
            place = project.place(path, link.start, link.end)
            yield Finding(place, MESSAGE.format(name=target.name), fix)


def _target(url_map: UrlMap, pieces: tuple[str, ...]) -> tuple[Target | None, str]:
    """The route, and what of the last piece follows the path: ``?page=2#top``."""
    *before, last = pieces
    if any("?" in piece or "#" in piece for piece in before[::2]):
        return None, ""  # expressions within a query: the path ends before them
    cuts = [position for sign in "?#" if (position := last.find(sign)) >= 0]
    cut = min(cuts, default=len(last))
    address = Address((*before, last[:cut]))
    if address.text == "":
        return None, ""  # the site's root
    return url_map.resolve(address), last[cut:]


def _arguments(target: Target, pieces: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    """Name, text and whether it is an expression, for each argument of the route."""
    expressions = iter(pieces[1::2])
    return [
        (name, next(expressions) if value == PLACEHOLDER else value, value == PLACEHOLDER)
        for name, value in target.arguments
    ]


def _name_redirect(
    path: str, redirects: Redirects, redirect: Redirect, target: Target
) -> Fix | None:
    if not redirect.plain:
        return None
    given = _arguments(target, redirect.pieces)
    named = ", ".join(
        f"{name}={text if is_expression else _quoted(text)}" for name, text, is_expression in given
    )
    inside = ", ".join(part for part in (f'"{target.name}"', named) if part)
    if redirect.shortcut:
        edit = Edit(path, *redirect.span, inside)
    elif redirects.redirect:
        edit = Edit(path, *redirect.whole, f"{redirects.redirect}({inside})")
    elif redirects.reverse:
        arguments = ", ".join(
            f'"{name}": {text if is_expression else _quoted(text)}'
            for name, text, is_expression in given
        )
        kwargs = f", kwargs={{{arguments}}}" if arguments else ""
        edit = Edit(path, *redirect.span, f'{redirects.reverse}("{target.name}"{kwargs})')
    else:
        return None
    safety = Safety.UNSAFE if any(one[2] for one in given) else Safety.SAFE
    return Fix((edit,), safety, f"redirect to {target.name!r}")


def _name_link(path: str, link: Link, target: Target, rest: str) -> Fix | None:
    given = _arguments(target, link.pieces)
    quote = "'" if link.quote == '"' else '"'
    words = [f"{quote}{target.name}{quote}"]
    for name, text, is_expression in given:
        if is_expression and (not text or set(text) & set("|\"' \t")):
            return None  # a filter may have made the address what it is
        words.append(f"{name}={text}" if is_expression else f"{name}={quote}{text}{quote}")
    if link.translated:
        return None
    edit = Edit(path, link.start, link.end, f"{{% url {' '.join(words)} %}}{rest}")
    safety = Safety.UNSAFE if any(one[2] for one in given) else Safety.SAFE
    return Fix((edit,), safety, f"link to {target.name!r}")


def _quoted(text: str) -> str:
    return f'"{text}"' if text.isprintable() and not set(text) & set('"\\') else repr(text)
