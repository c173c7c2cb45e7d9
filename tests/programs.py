"""Programs of the machine that some tests want."""

import os
import shutil
from collections.abc import Sequence

import pytest

#: Where Debian keeps servers, which is not on everybody's PATH.
_SERVERS = "/usr/sbin"


def demand_program(names: Sequence[str], how: str) -> str:
    """
    The path of the first of these programs that is there.

    Without one the test is skipped, and fails with PRAXIS_CI set; *how* says how to get it.
    """
    for name in names:
        if found := shutil.which(name) or shutil.which(name, path=_SERVERS):
            return found
    missing = f"no {names[0]} for this test: {how}"
    if os.environ.get("PRAXIS_CI"):
        pytest.fail(f"PRAXIS_CI is set, and there is {missing}", pytrace=False)
    pytest.skip(missing)
