import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates import TokenKind, extract, list_live_tokens, tokenize
from praxis.audit.template import Template


def kinds(text, **options):
    return [(token.kind.value, token.content) for token in tokenize(text, **options)]


def links(text, path="shop/templates/a.html"):
    found = extract(Template(path, Role.TEMPLATE, text))
    return [] if found is None else [(link.attribute, link.pieces) for link in found.links]


def test_splits_a_template_into_tokens_without_gaps():
    text = "é{% if a %} {{ b|default:'}' }}{# c #}\r\n{% endif %}z"
    tokens = list(tokenize(text))
    assert "".join(text[token.start : token.end] for token in tokens) == text
    assert [token.kind for token in tokens if token.kind is not TokenKind.TEXT] == [
        TokenKind.BLOCK,
        TokenKind.VARIABLE,
        TokenKind.COMMENT,
        TokenKind.BLOCK,
    ]
    assert [token.tag for token in tokens if token.kind is TokenKind.BLOCK] == ["if", "endif"]


@pytest.mark.parametrize("text", ["{% if\n a %}", "{{ a\n }}", "{ { a } }", "{% a", "{{ a }"])
def test_a_tag_of_django_does_not_run_over_a_line(text):
    assert kinds(text) == [("text", text)]


def test_a_tag_of_jinja_may_run_over_lines():
    assert kinds("{%- if\n a -%}", jinja=True) == [("block", "if\n a")]


@pytest.mark.parametrize(
    ("opening", "closing", "jinja"),
    [
        ("{% verbatim %}", "{% endverbatim %}", False),
        ("{% verbatim own %}", "{% endverbatim own %}", False),
        ("{% raw %}", "{% endraw %}", True),
    ],
)
def test_takes_what_is_verbatim_as_text(opening, closing, jinja):
    inside = "{{ a }}{% b %}{% endverbatim other %}{# c #}"
    found = kinds(f"{opening}{inside}{closing}{{{{ d }}}}", jinja=jinja)
    assert [kind for kind, _ in found] == ["block", "text", "block", "variable"]
    assert found[1][1] == inside


def test_what_is_commented_out_is_no_live_token():
    text = "{% comment 'why' %}{{ a }}{% b %}{% endcomment %}{{ c }}"
    live = [token for token in list_live_tokens(text) if token.kind is not TokenKind.COMMENT]
    assert [token.content for token in live] == ["c"]


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
