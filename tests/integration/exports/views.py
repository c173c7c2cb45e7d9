"""Views for the ASGI handler."""

from django.db.models import FloatField, Func
from django.urls import path

from praxis.exports import stream_csv


def plain(request):
    from tests.integration.warehouse.models import Item

    response = stream_csv(Item.objects.order_by("number"), ["number"])
    response["X-Is-Async"] = str(response.is_async)
    return response


async def of_a_coroutine(request):
    return plain(request)


def endless(request):
    from tests.integration.warehouse.models import Item

    many = Func(1, 10**9, function="generate_series", output_field=FloatField())
    return stream_csv(Item.objects.annotate(at=many), ["at"], header=False)


urlpatterns = [
    path("plain", plain),
    path("of_a_coroutine", of_a_coroutine),
    path("endless", endless),
]
