"""The public names as users write them; mypy reads this file, nothing runs it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

from praxis import embedded
from praxis.audit import Cost, Edit, File, Finding, Fix, Place, Safety, rule
from praxis.conf import Config, RedisConfig, config
from praxis.prove import Comparison, Page, Site, compare, write_report

assert_type(config(), Config)
assert_type(config().redis, RedisConfig)
assert_type(config().redis.timeout_s, float)

with embedded.redis() as redis:
    assert_type(redis.url, str)

with embedded.postgres() as postgres:
    assert_type(postgres.database("shop").url, str)


@rule(code="XYZ101", visits=ast.Call, callees=["get"])
def check(file: File, node: ast.Call) -> Iterator[Finding]:
    place = file.place(node)
    assert_type(place, Place)
    edit = file.replace(node, "other()")
    assert_type(edit, Edit | None)
    fix = Fix((edit,), Safety.UNSAFE, "Call the other one") if edit else None
    yield Finding(place, "Call the other one.", fix, cost=Cost(1))


def difference(before: Site, after: Site) -> None:
    comparison = compare(before, after, [Page("Home", "/")])
    assert_type(comparison, Comparison)
    write_report(Path("report.html"), "The shop", comparison)
