"""The names that a file compares with NULL: there, NULL means something that "" does not."""

import re

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

_TESTED = re.compile(
    r"\b(?P<lookup>\w+?)__isnull\b"
    r"|\.(?P<attribute>\w+)\s+is\s+(?:not\s+)?None\b"
    r"|\b(?P<keyword>\w+)=None\b"
    r"|[\"'](?P<key>\w+)[\"']\s*:\s*None\b"
)


class NullTests(Struct, frozen=True, array_like=True):
    """*names* are the last parts of lookups and attributes, sorted."""

    names: tuple[str, ...]


def extract(file: File) -> NullTests | None:
    """The tested names; None without any."""
    text = file.text
    if "None" not in text and "__isnull" not in text:
        return None
    names = {
        (match["lookup"] or match["attribute"] or match["keyword"] or match["key"]).rpartition(
            "__"
        )[2]
        for match in _TESTED.finditer(text)
    }
    return NullTests(tuple(sorted(names))) if names else None


NULL_TESTS = Fact("null_tests", NullTests, extract, skips=(Role.TEST, Role.MIGRATION))
