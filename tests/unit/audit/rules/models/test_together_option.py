import pytest

from praxis.audit.findings import Safety
from praxis.audit.rules.models.together_option import name_for
from tests.audit_cases import accepts, flags, rewrites

RULE = "together_option"
HEAD = """\
from django.db import models


class Vote(models.Model):
    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE)
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at"]
"""
UNIQUE = """\
        constraints = [
            models.UniqueConstraint(
                fields=["review", "customer"], name="vote_review_customer_uniq"
            ),
        ]
"""


@pytest.mark.parametrize(
    "option",
    [
        'unique_together = [("review", "customer")]',
        'unique_together = ("review", "customer")',
        'unique_together = (("review", "customer"),)',
        'unique_together = [["review", "customer"]]',
        'unique_together = {("review", "customer")}',
    ],
)
def test_makes_a_constraint_of_each_group(option):
    before, after = f"{HEAD}        {option}\n", f"{HEAD}{UNIQUE}"
    rewrites(RULE, before, after, path="shop/models.py")
    (finding,) = flags(RULE, before, 11, path="shop/models.py")
    assert finding.fix is not None
    assert finding.fix.safety is Safety.UNSAFE


def test_makes_an_index_of_each_group():
    rewrites(
        RULE,
        f"""{HEAD}        index_together = [["review", "made_at"], ["customer", "made_at"]]
        verbose_name = "vote"
""",
        f"""{HEAD}        indexes = [
            models.Index(fields=["review", "made_at"], name="vote_review_made_at_idx"),
            models.Index(
                fields=["customer", "made_at"], name="vote_customer_made_at_idx"
            ),
        ]
        verbose_name = "vote"
""",
        path="shop/models.py",
    )


@pytest.mark.parametrize(
    "option",
    [
        'unique_together = [("review", "customer")]  # since 2014\n        constraints = []',
        "unique_together = GROUPS",
        'unique_together = [("review", "customer"), *MORE]',
        'unique_together = [\n            # twice\n            ("review", "customer"),\n        ]',
        'unique_together = [("review", "customer")]; abstract = True',
    ],
)
def test_tells_what_it_does_not_rewrite(option):
    (finding,) = flags(RULE, f"{HEAD}        {option}\n", path="shop/models.py")
    assert finding.fix is None


def test_leaves_a_base_of_other_models_alone():
    source = (
        f'{HEAD}        unique_together = ("review", "customer")\n\n\nclass Late(Vote):\n    pass\n'
    )
    (finding,) = flags(RULE, source, path="shop/models.py")
    assert finding.fix is None


@pytest.mark.parametrize(
    "option", ["unique_together = []", "unique_together = ()", "constraints = []"]
)
def test_says_nothing_of(option):
    accepts(RULE, f"{HEAD}        {option}\n", path="shop/models.py")


def test_names_are_short_and_stay_the_same():
    fields = ["published_at", "category", "language"]
    name = name_for("NewspaperArticle", fields, "idx")
    assert len(name) <= 30
    assert name == name_for("NewspaperArticle", fields, "idx")
    assert name != name_for("NewspaperArticle", fields[::-1], "idx")
    assert name_for("Vote", ["-made_at"], "idx") == "vote_made_at_idx"
