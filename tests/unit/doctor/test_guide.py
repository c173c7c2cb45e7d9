import re
from pathlib import Path

from praxis.doctor.examination import BUDGET_S
from praxis.doctor.limits import Limits
from praxis.doctor.postgres.psycopg_session import LOCK_TIMEOUT_MS
from praxis.doctor.redis.redis_session import COMMANDS, RIGHTS

GUIDE = " ".join((Path(__file__).parents[3] / "docs/guides/doctor.md").read_text("utf-8").split())


def test_the_guide_names_the_rights_that_asking_takes():
    told = re.search(r"ACL SETUSER doctor on >PASSWORD ~\* -@all (.*?) ```", GUIDE)[1]
    assert told == RIGHTS


def test_the_guide_promises_what_is_so():
    assert "KEYS" not in COMMANDS
    assert LOCK_TIMEOUT_MS == 1_000
    assert BUDGET_S == 10.0
    assert Limits().sampled_keys == 2_000
