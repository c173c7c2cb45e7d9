"""A site of groups: shown, renamed, and streamed."""

from django.contrib.auth.models import Group
from django.db import connections, transaction
from django.http import JsonResponse, StreamingHttpResponse
from django.urls import path

from praxis.databases.bulk import bulk_load


def told(groups):
    """Which name, and which alias the read was sent to."""
    alias = groups.db
    return {"name": groups.get().name, "read": alias}


def group(request, pk):
    groups = Group.objects.filter(pk=pk)
    if "name" in request.GET:  # also by GET: what is done counts
        with transaction.atomic():
            groups.update(name=request.GET["name"])
    return JsonResponse(told(groups))


def raw(request, pk):
    with connections["default"].cursor() as cursor:
        cursor.execute("UPDATE auth_group SET name = %s WHERE id = %s", [request.GET["name"], pk])
    return JsonResponse(told(Group.objects.filter(pk=pk)))


def loaded(request, pk):
    bulk_load(Group, [{"id": pk, "name": request.GET["name"]}], on_conflict="update", match=["id"])
    return JsonResponse(told(Group.objects.filter(pk=pk)))


def failing(request, pk):
    Group.objects.filter(pk=pk).update(name=request.GET["name"])
    raise ValueError(pk)


def streamed(request, pk):
    groups = Group.objects.filter(pk=pk)
    return StreamingHttpResponse(f"{each.name} {groups.db}" for each in groups.all())


async def agroup(request, pk):
    groups = Group.objects.filter(pk=pk)
    if "name" in request.GET:
        await groups.aupdate(name=request.GET["name"])
    found = await groups.aget()
    return JsonResponse({"name": found.name, "read": found._state.db})


urlpatterns = [
    path("group/<int:pk>", group),
    path("raw/<int:pk>", raw),
    path("loaded/<int:pk>", loaded),
    path("failing/<int:pk>", failing),
    path("streamed/<int:pk>", streamed),
    path("agroup/<int:pk>", agroup),
]
