"""What may stand on a board: members, scores, and how they are written. No I/O."""

import re
from collections.abc import Iterable
from typing import Final

from praxis.errors import RankingError

#: Who stands on a board. A number and the text of it are two.
Member = str | int
#: Whole numbers and floats up to this are kept exactly as they are. One more, and a sum of whole
#: numbers could be rounded unseen.
MAX_SCORE: Final = 2**53 - 1
MAX_MEMBER_BYTES: Final = 200
MAX_NAME: Final = 150
#: How many members one call may name, and how many rows it may ask for.
MAX_MEMBERS: Final = 1000

#: Texts that would be read as numbers, or as this mark, begin with the mark.
_MARK = "'"
_SPECIAL = frozenset(f"{_MARK}-0123456789")
_LIKE_A_NUMBER = re.compile(r"-?\d+\Z", re.ASCII)
_NAME = re.compile(rf"[^{{}}\x00-\x1f\x7f]{{1,{MAX_NAME}}}\Z")


def demand_name(name: object) -> str:
    """
    Return a name of a board.

    Raises:
        RankingError: if it cannot be a part of a key.
    """
    if not isinstance(name, str) or not _NAME.match(name):
        raise RankingError(
            f"{name!r} cannot be a name: give a text of 1 to {MAX_NAME} characters without braces "
            "and control characters."
        )
    return name


def write_member(member: object) -> bytes:
    """
    Return a member as Redis keeps it.

    Raises:
        RankingError: if it is neither a text nor a whole number, empty, or too long.
    """
    if type(member) is int:
        try:
            written = str(member).encode()
        except ValueError:  # Python writes no number of thousands of digits
            written = b"9" * (MAX_MEMBER_BYTES + 1)
    elif isinstance(member, str) and member:
        marked = member[0] == _MARK or _LIKE_A_NUMBER.match(member)
        try:
            written = (_MARK + member if marked else member).encode()
        except UnicodeEncodeError as error:
            raise RankingError(f"A member is no text that can be written: {error}.") from error
    else:
        kind = "an empty text" if member == "" else type(member).__name__
        raise RankingError(f"A member is a text or a whole number, not {kind}. Name it by its key.")
    if len(written) > MAX_MEMBER_BYTES:
        raise RankingError(
            f"A member takes at most {MAX_MEMBER_BYTES} bytes, and this one is longer: "
            f"{written[:40]!r}… Name it by its key."
        )
    return written


def read_member(written: bytes) -> Member:
    """Return what `write_member` was given; of what somebody else wrote, something like it."""
    text = written.decode("utf-8", "replace")
    if text[:1] not in _SPECIAL:  # as most are
        return text
    if text[:1] == _MARK:
        return text[1:]
    if _LIKE_A_NUMBER.match(text) and len(text) <= MAX_MEMBER_BYTES:
        return int(text)
    return text


def demand_score(score: object) -> float:
    """
    Return a score.

    Raises:
        RankingError: if it is no number that is kept exactly.
    """
    if type(score) not in {int, float}:
        raise RankingError(
            f"A score is an int or a float, not {type(score).__name__}. Give money in its smallest "
            "unit, times as seconds."
        )
    number: float = score  # type: ignore[assignment]  # it is one
    if not -MAX_SCORE <= number <= MAX_SCORE:  # which NaN is not either
        raise RankingError(
            f"A score is a number below 2**53 either way, not {_shown(number)}: others are not "
            "kept exactly."
        )
    return number


def read_score(written: bytes | float, divisor: float) -> float:
    """Return a score as it was given: whole numbers as int. *divisor* is the weight and sign."""
    score = float(written) / divisor
    return int(score) if score.is_integer() else score


def demand_count(count: object, *, least: int, most: int, what: str) -> int:
    """
    Return a whole number of a range.

    Raises:
        RankingError: saying what it is of.
    """
    if type(count) is not int or not least <= count <= most:
        raise RankingError(f"{what} is a whole number from {least} to {most}, not {count!r}.")
    return count


def write_members(members: Iterable[object]) -> list[bytes]:
    """
    Return several members as Redis keeps them, at most `MAX_MEMBERS`.

    Raises:
        RankingError: as `write_member`; if they are a text, or too many.
    """
    if isinstance(members, str | bytes):
        raise RankingError("Give several members as a list; this is one text.")
    written = [write_member(member) for member in members]
    if len(written) > MAX_MEMBERS:
        raise RankingError(
            f"One call takes at most {MAX_MEMBERS} members, not {len(written)}. Ask in parts."
        )
    return written


def _shown(number: float) -> str:
    """A number for a message; Python writes none of thousands of digits."""
    return "a larger one" if type(number) is int and number.bit_length() > 100 else repr(number)
