import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates.links import extract
from praxis.audit.template import Template


def links(text, path="shop/templates/a.html"):
    found = extract(Template(path, Role.TEMPLATE, text))
    return [] if found is None else [(link.attribute, link.pieces) for link in found.links]


def test_lists_the_addresses_of_attributes_with_their_expressions():
    text = '<a class="x" href="/a/{{ b.c }}/">\n<FORM ACTION=\'/d/\'><img src = "/e.png">'
    assert links(text) == [
        ("href", ("/a/", "b.c", "/")),
        ("action", ("/d/",)),
        ("src", ("/e.png",)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="//cdn/">',
        '<a href="a/">',
        '<a href="/a/{% if b %}c{% endif %}/">',
        "<a href=/a/>",
        '<!-- <a href="/a/"> -->',
        "<script>x = '<a href=\"/a/\">'</script>",
        '{% verbatim %}{% endverbatim %}text href="/a/" text',
        '{# <a href="/a/"> #}',
    ],
)
def test_passes_over_what_is_no_plain_address(text):
    assert links(text) == []


def test_offsets_count_characters_behind_other_scripts():
    text = '<p>日本語é</p>\r\n<a href="/a/">'
    found = extract(Template("a.html", Role.TEMPLATE, text))
    assert found is not None
    (link,) = found.links
    assert text[link.start : link.end] == "/a/"
