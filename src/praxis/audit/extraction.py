"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.models import MODELS
from praxis.audit.facts.settings.hints import SETTINGS_HINTS
from praxis.audit.facts.timeouts import PROCESS_TIMEOUTS
from praxis.audit.flow.lowering import CODE
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (CODE, MODELS, PROCESS_TIMEOUTS, SETTINGS_HINTS)
