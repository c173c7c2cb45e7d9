"""The one entry in ``INSTALLED_APPS``."""

from django.apps import AppConfig


class PraxisConfig(AppConfig):
    """Registers the checks; installs the cache where the settings ask for one."""

    name = "praxis"
    verbose_name = "Praxis"

    def ready(self) -> None:
        import praxis.checks  # noqa: F401 - importing registers them
        from praxis.conf import config, find_mistakes

        if not list(find_mistakes()) and config().cache.models:
            from praxis.cache.install import install

            install()
