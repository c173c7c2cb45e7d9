"""The facts that are taken from each file while its tree is at hand."""

from typing import Any

from praxis.audit.facts.timeouts import PROCESS_TIMEOUTS
from praxis.audit.summary import Fact

FILE_FACTS: tuple[Fact[Any], ...] = (PROCESS_TIMEOUTS,)
