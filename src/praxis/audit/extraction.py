"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.cache_writes import CACHE_WRITES
from praxis.audit.facts.cached_pages import CACHED_PAGES
from praxis.audit.facts.import_order import IMPORT_ORDER
from praxis.audit.facts.kept_values import KEPT_VALUES
from praxis.audit.facts.models import MODELS
from praxis.audit.facts.personal_templates import PERSONAL_TEMPLATES
from praxis.audit.facts.personal_values import PERSONAL_VALUES
from praxis.audit.facts.redirects import REDIRECTS
from praxis.audit.facts.settings.hints import SETTINGS_HINTS
from praxis.audit.facts.templates import TEMPLATE_LINKS
from praxis.audit.facts.timeouts import PROCESS_TIMEOUTS
from praxis.audit.facts.urls import URL_CONF, URL_SETTINGS
from praxis.audit.flow.lowering import CODE
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (
    CACHED_PAGES,
    CACHE_WRITES,
    CODE,
    IMPORT_ORDER,
    KEPT_VALUES,
    MODELS,
    PERSONAL_TEMPLATES,
    PERSONAL_VALUES,
    PROCESS_TIMEOUTS,
    REDIRECTS,
    SETTINGS_HINTS,
    TEMPLATE_LINKS,
    URL_CONF,
    URL_SETTINGS,
)
