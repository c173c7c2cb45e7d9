"""The one entry in ``INSTALLED_APPS``."""

from django.apps import AppConfig


class PraxisConfig(AppConfig):
    """Registers the checks."""

    name = "praxis"
    verbose_name = "Praxis"

    def ready(self) -> None:
        import praxis.checks  # noqa: F401 - importing registers them
