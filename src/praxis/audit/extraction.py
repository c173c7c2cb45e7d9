"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.admin.registrations import ADMIN
from praxis.audit.facts.caching.cached_pages import CACHED_PAGES
from praxis.audit.facts.caching.kept_values import KEPT_VALUES
from praxis.audit.facts.caching.personal_templates import PERSONAL_TEMPLATES
from praxis.audit.facts.caching.personal_values import PERSONAL_VALUES
from praxis.audit.facts.caching.writes import CACHE_WRITES
from praxis.audit.facts.imports.order import IMPORT_ORDER
from praxis.audit.facts.models.attached_names import ATTACHED_NAMES
from praxis.audit.facts.models.classes import MODELS
from praxis.audit.facts.models.naive_times import NAIVE_TIMES
from praxis.audit.facts.models.null_tests import NULL_TESTS
from praxis.audit.facts.models.tables import TABLES
from praxis.audit.facts.models.turned_flags import TURNED_FLAGS
from praxis.audit.facts.settings.hints import SETTINGS_HINTS
from praxis.audit.facts.templates.context_processors import CONTEXT_PROCESSORS
from praxis.audit.facts.templates.given_names import INCLUDES
from praxis.audit.facts.templates.links import TEMPLATE_LINKS
from praxis.audit.facts.templates.tags import TEMPLATE_TAGS
from praxis.audit.facts.transactions.atomic_requests import ATOMIC_REQUESTS
from praxis.audit.facts.transactions.side_effects import EFFECTS
from praxis.audit.facts.unused_code import MENTIONS, TEMPLATE_MENTIONS
from praxis.audit.facts.views.redirects import REDIRECTS
from praxis.audit.facts.views.request_attributes import REQUEST_ATTRIBUTES
from praxis.audit.facts.views.timeouts import PROCESS_TIMEOUTS
from praxis.audit.facts.views.urls import URL_CONF, URL_SETTINGS
from praxis.audit.flow.code.lowering import CALLED, CODE
from praxis.audit.flow.code.template_lowering import TEMPLATE_CODE
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (
    ATOMIC_REQUESTS,
    CACHED_PAGES,
    CACHE_WRITES,
    ATTACHED_NAMES,
    ADMIN,
    CODE,
    CALLED,
    CONTEXT_PROCESSORS,
    EFFECTS,
    IMPORT_ORDER,
    INCLUDES,
    KEPT_VALUES,
    MENTIONS,
    MODELS,
    PERSONAL_TEMPLATES,
    PERSONAL_VALUES,
    NAIVE_TIMES,
    NULL_TESTS,
    TURNED_FLAGS,
    PROCESS_TIMEOUTS,
    REDIRECTS,
    REQUEST_ATTRIBUTES,
    SETTINGS_HINTS,
    TEMPLATE_CODE,
    TABLES,
    TEMPLATE_LINKS,
    TEMPLATE_MENTIONS,
    TEMPLATE_TAGS,
    URL_CONF,
    URL_SETTINGS,
)
