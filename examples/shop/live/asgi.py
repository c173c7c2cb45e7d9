import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.dev_components")
django = get_asgi_application()

from praxis.realtime import asgi  # noqa: E402 - it wants the settings

application = asgi(django, path="/events/")
