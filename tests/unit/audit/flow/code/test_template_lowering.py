"""Lowering as a whole: whatever a file holds comes out as something, soon, and fit to be kept."""

import random

import msgspec
import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.template_lowering import TEMPLATE_CODE, lower_template
from praxis.audit.template import Template
from tests.audit_cases import audit_files
from tests.unit.audit.flow.code.templates import (
    test_django_expressions,
    test_django_tags,
    test_jinja_expressions,
    test_jinja_tags,
)
from tests.unit.audit.flow.code.templates.notation import check_places

PATHS = ["shop/templates/a.html", "shop/jinja2/a.html"]
PIECES = [
    *test_django_tags.TAGS,
    *test_django_tags.BROKEN,
    *test_jinja_tags.TAGS,
    *test_jinja_tags.BROKEN,
    *(f"{{{{ {value} }}}}" for value in test_django_expressions.VALUES),
    *(f"{{% if {value} %}}" for value in test_django_expressions.CONDITIONS),
    *(f"{{{{ {value} }}}}" for value in test_jinja_expressions.VALUES),
]
SCRAPS = [
    "{%", "%}", "{{", "}}", "{#", "#}", "'", '"', "(", ")", "[", "]", "{", "}", "|", ":", ".", ",",
    "=", "~", "-", "*", "\\", "\n", " ", "é", "\u2028", "\0", "in", "as", "is", "not", "if", "else",
    "{% endfor %}", "{% endif %}", "{% endblock %}", "{% else %}", "{% verbatim %}", "{% raw %}",
]  # fmt: skip


def lowered(path: str, text: str) -> ir.TemplateCode | None:
    code = lower_template(Template(path, Role.TEMPLATE, text))
    if code is not None:
        check_places(code, text)
        encoded = msgspec.msgpack.encode(code)
        assert msgspec.msgpack.decode(encoded, type=ir.TemplateCode) == code
    return code


def mutated(chance: random.Random) -> str:
    text = "".join(chance.choices(PIECES, k=chance.randint(1, 12)))
    for _ in range(chance.randint(1, 8)):
        first, last = sorted(chance.choices(range(len(text) + 1), k=2))
        last = min(last, first + 20)
        match chance.randrange(4):
            case 0:
                text = text[:first] + text[last:]
            case 1:
                text = text[:first] + chance.choice(SCRAPS) + text[first:]
            case 2:
                text = text[:last] + text[first:]
            case _:
                text = text[: max(first, 40)]
    return text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("seed", range(20))
def test_whatever_becomes_of_a_template_it_is_lowered(seed, path):
    chance = random.Random(seed)
    for _ in range(40):
        lowered(path, mutated(chance))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "piece",
    [
        "{% if a %}", "{% endif %}", "{% if a %}{% elif b %}", "{% if a %}{% else %}", "{% foo %}",
        "{% for a in b %}{{ a }}", "{% endfoo %}", "{% if a %}{% endfor %}", "{% block a %}",
        "{% foo %}{% else %}{% endfoo %}", "{% blocktrans %}{% plural %}", "{% with a=b %}",
        "{% macro a() %}", "{% set a %}", "{% call a() %}", "{{ a ", "{% a 'b ", '{{ "\\', "{{ {",
        "{% comment %}", "{% verbatim %}", "{% raw %}", "{% extends a %}", "{% load a %}", "<",
    ],
)  # fmt: skip
def test_what_is_repeated_without_end_is_lowered_in_time_and_not_too_deep(piece, path):
    lowered(path, piece * (60_000 // len(piece)))
    lowered(path, piece * (60_000 // len(piece)) + " %} }}" * 2000)


def test_nesting_deeper_than_anybody_writes_keeps_what_is_shown():
    text = "{% if a %}" * 500 + "{{ b }}" + "{% endif %}" * 500 + "{{ c }}"
    code = lowered(PATHS[0], text)
    assert code is not None
    assert [type(statement) for statement in code.body] == [ir.If, ir.Show]
    assert b"{" not in msgspec.msgpack.encode(code)
    assert "id='b'" in str(code)


@pytest.mark.parametrize(
    ("path", "text", "jinja"),
    [
        ("shop/templates/a.html", "{% load b %}{{ a }}", False),
        ("shop/templates/a.html", "{{ _('a') }}{{ b|default:_('c') }}", False),
        ("shop/templates/a.html", "{{ a|date:'d(m)' }}", False),
        ("shop/templates/a.html", "{{ a.b(c) }}", True),
        ("shop/templates/a.html", "{% for a in b.c.all() %}{{ a }}", True),
        ("shop/templates/a.html", "{% if a|b:_('c') %}{{ a }}", False),
        ("shop/templates/a.html", "{%- if a -%}{% endif %}{{ a }}", True),
        ("shop/templates/a.html.j2", "{{ a }}", True),
    ],
)
def test_the_language_is_known_by_the_path_or_by_what_is_written(path, text, jinja):
    code = lower_template(Template(path, Role.TEMPLATE, text))
    assert code is not None
    assert code.jinja is jinja


def test_templates_of_tests_are_not_lowered():
    files = {"shop/templates/a.html": "{{ a }}", "shop/tests/templates/b.html": "{{ b }}"}
    assert list(audit_files(files).project.facts(TEMPLATE_CODE)) == ["shop/templates/a.html"]
