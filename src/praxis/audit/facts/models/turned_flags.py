"""The flags that a file turns on and off: ``parcel.sent = True``, ``update(sent=True)``."""

import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

# from the value backwards: a pattern that begins with a name would try every word of the file
_VALUE = re.compile(r"=[ \t]*(True|False)\b")
_NAME = re.compile(r"(\.?)\b([A-Za-z_]\w*)[ \t]*\Z")
_CALL = re.compile(r"\.a?update\([^()]*\Z")
#: How far the name, and the call, may stand in front of the value.
_REACH = 80
_CALL_REACH = 300


class TurnedFlags(Struct, frozen=True, array_like=True):
    """*on* and *off* are the names of attributes and columns that are set to it, sorted."""

    on: tuple[str, ...]
    off: tuple[str, ...]


def extract(file: File) -> TurnedFlags | None:
    """The names; None without any."""
    found: dict[str, set[str]] = {"True": set(), "False": set()}
    for name, value in _turned(file.text):
        found[value].add(name)
    if not any(found.values()):
        return None
    return TurnedFlags(tuple(sorted(found["True"])), tuple(sorted(found["False"])))


def _turned(text: str) -> Iterator[tuple[str, str]]:
    for match in _VALUE.finditer(text):
        before = text[max(match.start() - _REACH, 0) : match.start()]
        name = _NAME.search(before)
        if name is None:
            continue
        start = match.start() - len(before) + name.start()
        if name[1] or _CALL.search(text[max(start - _CALL_REACH, 0) : start]):
            yield name[2], match[1]


TURNED_FLAGS = Fact("turned_flags", TurnedFlags, extract, skips=(Role.TEST, Role.MIGRATION))
