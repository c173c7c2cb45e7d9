"""The names that a file compares with NULL: there, NULL means something that "" does not."""

import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

_LOOKUP = re.compile(r"__isnull\b")
_NONE = re.compile(r"(?<=[\s:=])None\b")
#: What stands before either, from its end backwards: none of it is searched for.
_BEFORE_LOOKUP = re.compile(r"\w+$")
_BEFORE_NONE = re.compile(
    r"\.(?P<attribute>\w+)\s+is\s+(?:not\s+)?$"
    r"|\b(?P<keyword>\w+)=$"
    r"|[\"'](?P<key>\w+)[\"']\s*:\s*$"
)
#: Names are shorter.
_LONGEST = 120


class NullTests(Struct, frozen=True, array_like=True):
    """*names* are the last parts of lookups and attributes, sorted."""

    names: tuple[str, ...]


def extract(file: File) -> NullTests | None:
    """The tested names; None without any."""
    text = file.text
    if "None" not in text and "__isnull" not in text:
        return None
    found = {*_before(text, _LOOKUP, _BEFORE_LOOKUP), *_before(text, _NONE, _BEFORE_NONE)}
    names = {name.rpartition("__")[2] for name in found}
    return NullTests(tuple(sorted(names))) if names else None


def _before(text: str, sign: re.Pattern[str], name: re.Pattern[str]) -> Iterator[str]:
    for found in sign.finditer(text):
        end = found.start()
        match = name.search(text[max(0, end - _LONGEST) : end])
        if match is not None:
            yield match[match.lastgroup or 0]


NULL_TESTS = Fact("null_tests", NullTests, extract, skips=(Role.TEST, Role.MIGRATION))
