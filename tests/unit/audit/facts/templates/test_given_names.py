import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.facts.templates.given_names import GivenNames, extract
from praxis.audit.template import Template
from tests.audit_cases import audit_files, split_files


def given(text):
    found = extract(Template("shop/templates/a.html", Role.TEMPLATE, text))
    return () if found is None else found.given


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{% include "b.html" with open=1 %}', ("open",)),
        (
            "{%- include 'b.html' with open=x.y|default:'a=b' size=\"big\" only -%}",
            ("open", "size"),
        ),
        ('{% include "b.html"\n  with open=1\n  book=book %}', ("open", "book")),
    ],
)
def test_lists_what_is_handed_to_an_included_template(text, names):
    assert given(text) == (("b.html", names),)


@pytest.mark.parametrize(
    "text",
    [
        '{% include "b.html" %} with a=1',
        "{% with a=1 %}{% endwith %}",
        "{% include name with a=1 %}",
    ],
)
def test_passes_over_what_hands_nothing_to_a_template_with_a_name(text):
    assert given(text) == ()


def test_gathers_what_all_templates_hand_to_one():
    source = """\
# file: manage.py
# file: shop/__init__.py
# file: shop/templates/shop/card.html
{{ open }}
# file: shop/templates/shop/a.html
{% include "shop/card.html" with open=1 %}{% include "gone.html" with a=1 %}
# file: shop/templates/shop/b.html
{% include "shop/card.html" with big=1 %}
"""
    names = audit_files(split_files(source)).project.derive(GivenNames)
    assert names.by_path == {"shop/templates/shop/card.html": frozenset({"open", "big"})}
    other = audit_files(split_files(source.replace("big", "small"))).project.derive(GivenNames)
    assert names.digest != other.digest
