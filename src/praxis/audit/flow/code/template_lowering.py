"""
From a template to its intermediate form (`praxis.audit.flow.code.ir`), Django's and Jinja's alike.

What has no node of its own is told as what comes nearest: ``for … in x reversed`` goes over
``ir.Filter`` *reversed* of x, and a partial of Django is an ``ir.Def``. ``{% else %}`` in a tag
that is not known to have one begins nothing: both parts make up its body.
"""

from praxis.audit.facts.sources import Kind, Role
from praxis.audit.facts.templates.tokens import is_jinja, list_live_tokens
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.templates.django_tags import lower_django
from praxis.audit.flow.code.templates.jinja_tags import lower_jinja
from praxis.audit.summary import Fact
from praxis.audit.template import Template


def lower_template(template: Template) -> ir.TemplateCode | None:
    """The template's intermediate form; None for one that is nothing but text."""
    text = template.text
    if "{{" not in text and "{%" not in text:
        return None
    jinja = is_jinja(template)
    tokens = list_live_tokens(text, jinja=jinja)
    code = lower_jinja(text, tokens) if jinja else lower_django(text, tokens)
    return code if code.body or code.extends is not None else None


TEMPLATE_CODE = Fact(
    "template_code", ir.TemplateCode, lower_template, kind=Kind.TEMPLATE, skips=(Role.TEST,)
)
