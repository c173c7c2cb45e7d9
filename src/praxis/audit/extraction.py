"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.admin_registrations import ADMIN
from praxis.audit.facts.import_order import IMPORT_ORDER
from praxis.audit.facts.models import MODELS
from praxis.audit.facts.naive_times import NAIVE_TIMES
from praxis.audit.facts.null_tests import NULL_TESTS
from praxis.audit.facts.redirects import REDIRECTS
from praxis.audit.facts.settings.hints import SETTINGS_HINTS
from praxis.audit.facts.tables import TABLES
from praxis.audit.facts.templates import TEMPLATE_LINKS
from praxis.audit.facts.timeouts import PROCESS_TIMEOUTS
from praxis.audit.facts.urls import URL_CONF, URL_SETTINGS
from praxis.audit.flow.lowering import CODE
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (
    ADMIN,
    CODE,
    IMPORT_ORDER,
    MODELS,
    NAIVE_TIMES,
    NULL_TESTS,
    PROCESS_TIMEOUTS,
    REDIRECTS,
    SETTINGS_HINTS,
    TABLES,
    TEMPLATE_LINKS,
    URL_CONF,
    URL_SETTINGS,
)
