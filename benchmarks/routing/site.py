"""A site of eight rows, which hold numbers."""

from django.contrib.auth.models import Group
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import path


def value(pk):
    group = Group.objects.get(pk=pk)
    return int(group.name.partition(":")[2]), group._state.db  # noqa: SLF001 - where it was read


def row(request, pk, number):
    """POST: write the number; GET: read the own row and another one."""
    if request.method == "POST":
        Group.objects.filter(pk=pk).update(name=f"{pk}:{number}")
        return HttpResponseRedirect("/")
    own, alias = value(pk)
    other, _ = value(number)
    return JsonResponse({"own": own, "other": other, "read": alias})


urlpatterns = [path("<int:pk>/<int:number>", row), path("", lambda _: HttpResponse())]
