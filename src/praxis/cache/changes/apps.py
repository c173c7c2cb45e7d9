"""The app that has the table; only who wants the table installs it."""

from django.apps import AppConfig


class ChangesConfig(AppConfig):
    """Brings the table by its migration, and the commands for triggers."""

    name = "praxis.cache.changes"
    label = "praxis_cache_changes"
    verbose_name = "Praxis: writes that the cache was not told of"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import praxis.cache.changes.checks  # noqa: F401 - importing registers them
