"""What a reader asks for is the same in every process."""

import itertools

from praxis.cache.protocol.calls import Keys, Reading
from praxis.cache.protocol.dependencies import Joined, Matching, Whole

DEPENDENCIES = [
    Matching("book", ("id",), ((7,), (8,))), Joined("author", "id"), Whole("tag"),
    Matching("country", ("id",), ((1,),)), Whole("review"),
]  # fmt: skip


def test_the_order_in_which_tables_were_found_makes_no_difference():
    keys = Keys("shop", b"run")
    asked = {
        repr(Reading(b"entry", found).read(keys, ttl_ms=1, strict=True)[0])
        for found in itertools.permutations(DEPENDENCIES)
    }
    assert len(asked) == 1
