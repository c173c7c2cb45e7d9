"""The names that a file compares with NULL: there, NULL means something that "" does not."""

import re
from collections.abc import Iterator

from msgspec import Struct

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.summary import Fact

_LOOKUP = "__isnull"
_NONE = re.compile("None")
#: How far the name may stand in front of what it is compared with.
_REACH = 80


class NullTests(Struct, frozen=True, array_like=True):
    """*names* are the last parts of lookups and attributes, sorted."""

    names: tuple[str, ...]


def extract(file: File) -> NullTests | None:
    """The tested names; None without any."""
    names = {name.rpartition("__")[2] for name in _tested(file.text)}
    names.discard("")
    return NullTests(tuple(sorted(names))) if names else None


def _tested(text: str) -> Iterator[str]:
    # from a literal backwards: a pattern that begins with a name would try every word of the file
    position = text.find(_LOOKUP)
    while position >= 0:
        yield _last_word(text[max(position - _REACH, 0) : position])
        position = text.find(_LOOKUP, position + 1)
    for match in _NONE.finditer(text):
        before = text[max(match.start() - _REACH, 0) : match.start()]
        if _is_in_word(before[-1:]) or _is_in_word(text[match.end() : match.end() + 1]):
            continue
        if before.endswith("="):  # note=None
            yield _last_word(before[:-1])
            continue
        before = before.rstrip()
        if before.endswith(":"):  # "note": None
            quoted = before[:-1].rstrip()
            if quoted.endswith(("'", '"')):
                yield _last_word(quoted[:-1])
        elif before.endswith((" is", " is not")):  # order.note is not None
            compared = before.removesuffix(" not").rstrip()[:-2].rstrip()
            name = _last_word(compared)
            if compared[: len(compared) - len(name)].endswith("."):
                yield name


def _is_in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _last_word(text: str) -> str:
    start = len(text)
    while start and _is_in_word(text[start - 1]):
        start -= 1
    return text[start:]


NULL_TESTS = Fact("null_tests", NullTests, extract, skips=(Role.TEST, Role.MIGRATION))
