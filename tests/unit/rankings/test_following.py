"""Models are followed from the moment at which they are written down."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from praxis.rankings import Leaderboard, ranked
from praxis.rankings.following import followed, member_of


@isolate_apps("django.contrib.auth")
def test_a_model_may_be_decorated_before_what_it_refers_to_is_there():
    @ranked(Leaderboard("early"), score="points")
    class Early(models.Model):
        points = models.IntegerField()
        team = models.ForeignKey("auth.Later", on_delete=models.CASCADE)

        class Meta:
            app_label = "auth"

    class Later(models.Model):
        class Meta:
            app_label = "auth"

    following = followed["early"]
    following.stop()
    assert following.model is Early
    assert Early._meta.get_field("team").remote_field.model is Later
    assert {field.name for field in Early._meta.concrete_fields} == {"id", "points", "team"}
    assert "early" not in followed


@isolate_apps("django.contrib.auth")
def test_an_abstract_model_cannot_be_followed():
    with pytest.raises(ValueError, match="no table"):

        @ranked(Leaderboard("none"), score="points")
        class Nothing(models.Model):
            points = models.IntegerField()

            class Meta:
                abstract = True

    assert "none" not in followed


@pytest.mark.parametrize(("pk", "member"), [(5, 5), ("a", "a"), (True, "True"), ((1, 2), "(1, 2)")])
def test_members_are_keys(pk, member):
    assert member_of(pk) == member
