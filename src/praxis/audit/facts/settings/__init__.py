"""Settings, evaluated without importing them: one environment at a time, unknown where unsure."""

from praxis.audit.facts.settings.environments import (
    DEFAULTS,
    Environment,
    Settings,
    settings_of,
)
from praxis.audit.facts.settings.hints import SETTINGS_HINTS, SettingsHints

__all__ = [
    "DEFAULTS",
    "SETTINGS_HINTS",
    "Environment",
    "Settings",
    "SettingsHints",
    "settings_of",
]
