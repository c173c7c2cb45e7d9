"""Which rules run and what they read, as typed: the same for every verb that audits."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from praxis.audit.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoice:
    """The options ``--select``, ``--ignore`` and ``--exclude``, each as often as it was given."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    exclude: tuple[str, ...]

    def applied_to(self, config: Config) -> Config:
        """*config* as the options change it: they replace ``select`` and add to the rest."""
        return msgspec.structs.replace(
            config,
            select=_split(self.select) or config.select,
            ignore=config.ignore + _split(self.ignore),
            exclude=config.exclude + self.exclude,
        )


def _split(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
