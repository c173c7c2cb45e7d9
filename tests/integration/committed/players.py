"""What changes: plain rows, a child with a parent, a proxy, keys that are no numbers."""

import uuid

from django.db import models


class Team(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "committed"


class Player(models.Model):
    name = models.CharField(max_length=20, unique=True)
    points = models.IntegerField(default=0)
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE)
    friends = models.ManyToManyField("self")

    class Meta:
        app_label = "committed"


class Captain(Player):
    rank = models.IntegerField(default=0)

    class Meta:
        app_label = "committed"


class Star(Player):
    class Meta:
        app_label = "committed"
        proxy = True


class Coin(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    value = models.IntegerField(default=1, unique=True)
    owner = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL)

    class Meta:
        app_label = "committed"


class Ghost(models.Model):
    class Meta:
        app_label = "committed"
        abstract = True


MODELS = [Team, Player, Captain, Coin]
