"""Which rules run, which findings are told, and how bad each is."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from praxis.audit.config import Config
from praxis.audit.facts.sources import Role
from praxis.audit.findings import Finding, Severity
from praxis.audit.project import Project
from praxis.audit.registry import Rule, rules
from praxis.audit.suppression import Suppression
from praxis.errors import ConfigError

#: Where a slow query keeps no visitor waiting.
_MILD_ROLES = frozenset({Role.COMMAND, Role.SCRIPT, Role.TEST, Role.MIGRATION})


class Selection:
    """
    A `Config` against the known rules.

    Raises:
        ConfigError: where it names a rule that does not exist.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        for names in (
            config.select,
            config.ignore,
            config.severity,
            *config.per_path_ignores.values(),
        ):
            for name in names:
                if not any(_matches(rule, name) for rule in rules()):
                    raise ConfigError(
                        f"{name!r} is no rule, nor the beginning of a code. "
                        "`praxis rules` lists them."
                    )
        self._rules = {rule.code: rule for rule in rules() if self._runs(rule)}

    def _runs(self, rule: Rule) -> bool:
        config = self._config
        wanted = any(_matches(rule, name) for name in config.select) or (
            not config.select and rule.default
        )
        return wanted and not any(_matches(rule, name) for name in config.ignore)

    def runs(self, code: str) -> bool:
        """Whether the rule of this code is one of those that run."""
        return code in self._rules

    def project_rules(self) -> Iterator[Rule]:
        """The rules that are called once, with the project."""
        for rule in self._rules.values():
            if Project in rule.visits:
                yield rule

    def tells(self, finding: Finding) -> bool:
        """Whether the finding's rule runs, and is not ignored at its path."""
        rule = self._rules.get(finding.code)
        if rule is None:
            return False
        return not any(
            fnmatch(finding.place.path, pattern) and any(_matches(rule, name) for name in names)
            for pattern, names in self._config.per_path_ignores.items()
        )

    def severity(self, finding: Finding, role: Role) -> Severity:
        """As configured, else the rule's, one milder where no visitor waits; a note stays one."""
        rule = self._rules[finding.code]
        for name, severity in self._config.severity.items():
            if _matches(rule, name):
                return severity
        if finding.severity is Severity.NOTE:
            return Severity.NOTE
        return rule.severity.lowered() if role in _MILD_ROLES else rule.severity

    def silencer(self, finding: Finding, suppressions: Iterable[Suppression]) -> Suppression | None:
        """The comment that silences the finding, if there is one that counts."""
        for suppression in suppressions:
            if suppression.covers(
                finding.place.line, finding.place.end_line, finding.code, finding.rule
            ) and (suppression.reason or not self._config.require_reason):
                return suppression
        return None


def _matches(rule: Rule, name: str) -> bool:
    wanted = name.replace("-", "_").lower()
    return rule.name == wanted or rule.code.lower().startswith(wanted)
