"""The one entry in ``INSTALLED_APPS``."""

import sys

from django.apps import AppConfig


class PraxisConfig(AppConfig):
    """Registers the checks; installs what the settings ask for."""

    name = "praxis"
    verbose_name = "Praxis"

    def ready(self) -> None:
        import praxis.checks
        from praxis.conf import config, databases, dotted_paths, find_mistakes

        if not list(find_mistakes()) and config().cache.models:
            from praxis.cache.install import install

            install()

        pooled = [entry for entry in databases().values() if entry.get("OPTIONS", {}).get("pool")]
        if any("postg" in entry.get("ENGINE", "") for entry in pooled):
            from praxis.databases.pools import install as watch_pools

            watch_pools()

        if "praxis.databases.ReplicaRouter" in dotted_paths("DATABASE_ROUTERS"):
            import praxis.databases.router  # noqa: F401 - importing stands around connections

            if "celery" in sys.modules:
                from praxis.databases.celery_headers import carry_in_celery

                carry_in_celery()
