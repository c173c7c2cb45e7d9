import re
from itertools import permutations

import pytest

from praxis.audit.facts.settings.middleware_order import (
    CONSTRAINTS,
    blame,
    find_violations,
    reorder,
)

NAMES = sorted({name for each in CONSTRAINTS for name in (each.subject, *each.others)})
NONE = frozenset()


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda each: each.subject)
def test_a_constraint_has_a_source_and_a_reason(constraint):
    assert re.fullmatch(r"https://\S+", constraint.source)
    assert constraint.reason
    assert not constraint.reason.endswith(".")
    assert constraint.subject not in constraint.others


def test_the_constraints_contradict_each_other_nowhere():
    ordered = reorder(NAMES, frozenset({"CSRF_USE_SESSIONS"}))
    assert ordered is not None
    assert sorted(ordered) == NAMES


@pytest.mark.parametrize("names", list(permutations(NAMES[:4])))
def test_every_order_can_be_put_right(names):
    ordered = reorder(list(names), NONE)
    assert ordered is not None
    assert not find_violations(ordered, NONE)


def test_every_violation_is_explained_once():
    violations = find_violations(list(reversed(NAMES)), NONE)
    explained = [each for _, own in blame(violations) for each in own]
    assert len(explained) == len(violations) == len(set(explained))


def test_a_name_that_stands_twice_is_passed_over():
    session = "django.contrib.sessions.middleware.SessionMiddleware"
    auth = "django.contrib.auth.middleware.AuthenticationMiddleware"
    assert find_violations([auth, session], NONE)
    assert not find_violations([session, auth, session], NONE)
