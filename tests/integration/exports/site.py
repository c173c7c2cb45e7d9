"""A site with one export without an end, for a real web server."""

import json
import os

import django
from django.conf import settings  # noqa: TID251 - this is a site of its own

settings.configure(
    DATABASES={"default": json.loads(os.environ["EXPORT_DATABASE"])},
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["praxis", "tests.integration.warehouse"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db.models import FloatField, Func  # noqa: E402
from django.urls import path  # noqa: E402

from praxis.exports import stream_csv  # noqa: E402
from tests.integration.warehouse.models import Item  # noqa: E402


def export(request):
    many = Func(1, 10**9, function="generate_series", output_field=FloatField())
    return stream_csv(Item.objects.annotate(at=many), ["at"])


urlpatterns = [path("export", export)]
application = get_wsgi_application()
