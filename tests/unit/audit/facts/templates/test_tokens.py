import pytest

from praxis.audit.facts.templates.tokens import TokenKind, list_live_tokens, tokenize


def kinds(text, **options):
    return [(token.kind.value, token.content) for token in tokenize(text, **options)]


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


@pytest.mark.parametrize(
    "content", ["{'a': {'b': 1}}", "f({'a': {}})", "'}}'", '"\\"}}" ~ {}', "a['}'] ~ '{'"]
)
def test_an_expression_of_jinja_may_hold_dicts_and_strings(content):
    assert kinds(f"{{{{ {content} }}}}{{{{ b }}}}", jinja=True) == [
        ("variable", content),
        ("variable", "b"),
    ]


def test_what_is_raw_in_jinja_ends_at_its_end_whatever_stands_in_it():
    found = kinds("{%- raw -%}{{ {# {% {%- endraw %}{{ a }}", jinja=True)
    assert found == [
        ("block", "raw"),
        ("text", "{{ {# {% "),
        ("block", "endraw"),
        ("variable", "a"),
    ]


@pytest.mark.parametrize("jinja", [False, True])
@pytest.mark.parametrize("piece", ["{%", "{{", "{#", "{% ", "{{'", "{{ {", "{% raw %}", "x{{ a }}"])
def test_what_never_ends_takes_no_longer_than_its_length(piece, jinja):
    text = piece * (100_000 // len(piece))
    assert sum(token.end - token.start for token in tokenize(text, jinja=jinja)) == len(text)
