import re

import pytest

from praxis.audit.registry import find_rule
from praxis.doctor import checks, find_checks
from praxis.doctor.registry import chosen


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_every_check_has_a_page(check):
    assert check.summary.endswith(".")
    assert re.search(r"^## Source\n\nhttps://", check.doc, re.MULTILINE)
    assert check.page().startswith(f"# {check.code} {check.name}\n")
    assert re.fullmatch(r"[A-Z]+\d{3}", check.code)


def test_names_are_nobody_elses():
    names = [check.name for check in checks()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if find_rule(name)]


def test_checks_are_found_by_name_and_code():
    [found] = find_checks("Unused-Indexes")
    assert found.name == "unused_indexes"
    assert {one.name for one in find_checks("db103")} == {
        "timeouts", "idle_in_transaction", "unencrypted_connections",
    }  # fmt: skip
    assert find_checks("DB1") == ()


def test_checks_are_chosen_by_the_beginning_of_their_codes():
    def names(select, ignore=()):
        is_chosen = chosen(select, ignore)
        return {one.name for one in checks() if is_chosen(one)}

    assert names(("DB106",)) == {"replica_lag", "held_wal"}
    assert names(("db1", "eviction"), ("DB109", "archiving")) == {
        "connections", "timeouts", "idle_in_transaction", "pooler", "replica_lag", "held_wal",
        "eviction", "unencrypted_connections",
    }  # fmt: skip
    assert names(()) == {one.name for one in checks()}
