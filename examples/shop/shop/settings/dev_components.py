"""The shop on the components of Praxis: it needs REDIS_URL, and an ASGI server for what is live."""

from .dev import *

if not REDIS_URL:
    raise SystemExit(
        "shop.settings.dev_components needs a Redis or Valkey: start one with `praxis serve-redis`, and "
        "set REDIS_URL to what it prints."
    )

INSTALLED_APPS = [*INSTALLED_APPS, "praxis", "live"]
ASGI_APPLICATION = "live.asgi.application"

MIDDLEWARE = [
    "praxis.ratelimit.RateLimitMiddleware",
    *(
        "praxis.sessions.middleware.SessionMiddleware" if name.endswith("SessionMiddleware") else name
        for name in MIDDLEWARE
    ),
]
TEMPLATES[0]["OPTIONS"]["context_processors"].append("live.context_processors.pages")

AUTHENTICATION_BACKENDS = [
    "praxis.ratelimit.LoginLimitBackend",
    "django.contrib.auth.backends.ModelBackend",
]
SESSION_ENGINE = "praxis.sessions"

PRAXIS = {
    "redis": {"url": REDIS_URL},
    "cache": {"models": {"catalogue.*": {}, "pages.*": {}}},
    "ratelimit": {
        "paths": {
            "/search/": {"rates": "60/m"},
            "/api/*": {"rates": "20/s, 600/m", "key": "user"},
        },
        "login": {"pair": "5/m, 20/h"},
    },
    "realtime": {"channels": {"orders": {"authorise": "staff", "history": 500}}},
}
