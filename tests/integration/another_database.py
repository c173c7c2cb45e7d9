"""Another database in the place of the one that the settings name."""

from django.db import DEFAULT_DB_ALIAS, connections


class using:  # noqa: N801 - it reads like a function
    """Another database under the alias ``default``, for all threads."""

    def __init__(self, settings):
        self.settings = settings

    def __enter__(self):
        self.entry = connections.settings[DEFAULT_DB_ALIAS]
        self.own = connections[DEFAULT_DB_ALIAS]
        full = connections.configure_settings({DEFAULT_DB_ALIAS: dict(self.settings)})
        connections.settings[DEFAULT_DB_ALIAS] = full[DEFAULT_DB_ALIAS]
        del connections[DEFAULT_DB_ALIAS]
        return connections[DEFAULT_DB_ALIAS]

    def __exit__(self, *_):
        connections[DEFAULT_DB_ALIAS].close()
        connections.settings[DEFAULT_DB_ALIAS] = self.entry
        connections[DEFAULT_DB_ALIAS] = self.own
