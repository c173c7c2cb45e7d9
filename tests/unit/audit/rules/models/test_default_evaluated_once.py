import pytest

from praxis.audit.findings import Safety
from tests.audit_cases import accepts, flags, rewrites

RULE = "default_evaluated_once"
HEAD = """\
import uuid
from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone


class Payment(models.Model):
    value = """


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        ("models.JSONField(default={})", "models.JSONField(default=dict)", Safety.SAFE),
        ("models.JSONField(default=dict())", "models.JSONField(default=dict)", Safety.SAFE),
        ("models.JSONField(default=[])", "models.JSONField(default=list)", Safety.SAFE),
        (
            "ArrayField(models.CharField(max_length=9), blank=True, default=[])",
            "ArrayField(models.CharField(max_length=9), blank=True, default=list)",
            Safety.SAFE,
        ),
        (
            "models.DateTimeField(default=timezone.now())",
            "models.DateTimeField(default=timezone.now)",
            Safety.UNSAFE,
        ),
        (
            "models.UUIDField(default=uuid.uuid4(), editable=False)",
            "models.UUIDField(default=uuid.uuid4, editable=False)",
            Safety.UNSAFE,
        ),
        (
            "models.DateTimeField('When', default=datetime.now())",
            "models.DateTimeField('When', default=datetime.now)",
            Safety.UNSAFE,
        ),
    ],
)
def test_gives_a_callable(before, after, safety):
    (finding,) = flags(RULE, f"{HEAD}{before}\n", path="shop/models.py")
    assert finding.fix is not None
    assert finding.fix.safety is safety
    rewrites(RULE, f"{HEAD}{before}\n", f"{HEAD}{after}\n", path="shop/models.py")


@pytest.mark.parametrize(
    "field",
    [
        "models.JSONField(default={'a': 1})",
        "models.JSONField(default=['a'])",
        "models.DateTimeField(default=timezone.now() + timedelta(days=7))",
        "models.DateField(default=timezone.now().date())",
        "models.CharField(max_length=32, default=uuid.uuid4().hex)",
        "models.CharField(max_length=36, default=str(uuid.uuid4()))",
    ],
)
def test_tells_what_wants_a_function_without_mending_it(field):
    (finding,) = flags(RULE, f"{HEAD}{field}\n", path="shop/models.py")
    assert finding.fix is None


@pytest.mark.parametrize(
    "field",
    [
        "models.JSONField(default=dict)",
        "models.JSONField(default=make)",
        "models.JSONField(default=make())",
        "models.CharField(max_length=9, default='')",
        "models.DurationField(default=timedelta(days=7))",
        "models.DateTimeField(default=lambda: timezone.now())",
        "models.DateTimeField(default=datetime(2020, 1, 1))",
        "serializers.JSONField(default={})",
        "models.JSONField(null=True)",
    ],
)
def test_says_nothing_of(field):
    accepts(RULE, f"{HEAD}{field}\n", path="shop/models.py")


def test_leaves_a_comment_in_the_brackets():
    (finding,) = flags(
        RULE, f"{HEAD}models.JSONField(default={{\n        # none\n    }})\n", path="shop/models.py"
    )
    assert finding.fix is None
