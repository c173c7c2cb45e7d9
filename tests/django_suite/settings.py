"""Settings of Django's tests, as the runner wants them: see `processes.Order`."""

import json
import os

ORDER = json.loads(os.environ["PRAXIS_DJANGO_SUITE"])

SESSION_ENGINE = ORDER["session_engine"] or "django.contrib.sessions.backends.db"
DATABASES = ORDER["databases"]
PRAXIS = ORDER["praxis"]
TEST_RUNNER = "tests.django_suite.inside.runner.Runner"

# as in the settings that Django's own tests come with
SECRET_KEY = "django_tests_secret_key"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = False
