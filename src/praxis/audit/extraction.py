"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.atomic_requests import ATOMIC_REQUESTS
from praxis.audit.facts.context_processors import CONTEXT_PROCESSORS
from praxis.audit.facts.effects import EFFECTS
from praxis.audit.facts.import_order import IMPORT_ORDER
from praxis.audit.facts.models import MODELS
from praxis.audit.facts.redirects import REDIRECTS
from praxis.audit.facts.request_attributes import REQUEST_ATTRIBUTES
from praxis.audit.facts.settings.hints import SETTINGS_HINTS
from praxis.audit.facts.template_links import TEMPLATE_LINKS
from praxis.audit.facts.template_tags import TEMPLATE_TAGS
from praxis.audit.facts.timeouts import PROCESS_TIMEOUTS
from praxis.audit.facts.urls import URL_CONF, URL_SETTINGS
from praxis.audit.flow.lowering import CODE
from praxis.audit.flow.template_lowering import TEMPLATE_CODE
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (
    ATOMIC_REQUESTS,
    CODE,
    CONTEXT_PROCESSORS,
    EFFECTS,
    IMPORT_ORDER,
    MODELS,
    PROCESS_TIMEOUTS,
    REDIRECTS,
    REQUEST_ATTRIBUTES,
    SETTINGS_HINTS,
    TEMPLATE_CODE,
    TEMPLATE_LINKS,
    TEMPLATE_TAGS,
    URL_CONF,
    URL_SETTINGS,
)
