"""
What a visitor brings along: how far the log of each primary was when this visitor last wrote.

A token is signed, so that nobody can send all reads to the primary, and says which cluster its
positions belong to.
"""

import logging
import time
from collections.abc import Callable, Mapping

from django.core.signing import BadSignature, Signer

from praxis.databases.positions import Position

logger = logging.getLogger("praxis.databases")

_SALT = "praxis.databases.token"
#: Longer ones are not looked at: sixteen clusters fit.
MAX_CHARS = 1024


def write_token(positions: Mapping[int, Position], *, now: Callable[[], float] = time.time) -> str:
    """
    Sign positions, by the system identifiers of their clusters.

    Letters, digits, ``.``, ``-``, ``_`` and ``:`` only, so that cookies and headers hold it as it
    is.
    """
    parts = [
        f"{identifier:x}.{position.timeline:x}.{position.lsn:x}"
        for identifier, position in positions.items()
    ]
    return _signer().sign("_".join([f"{int(now()):x}", *parts]))


def read_token(
    text: str, *, max_age_s: float, now: Callable[[], float] = time.time
) -> dict[int, Position]:
    """
    Read a token; one that cannot be trusted is told of in the log, and holds nothing.

    A token from the future counts: it only says that a clock was set back.
    """
    if not text:
        return {}
    if len(text) > MAX_CHARS:
        return _refused("it is too long")
    try:
        signed_at, *parts = _signer().unsign(text).split("_")
        age_s = now() - int(signed_at, 16)
        positions = dict(_position(part) for part in parts)
    except (BadSignature, ValueError):
        return _refused("it is not signed by this site")
    if age_s > max_age_s:
        return _refused(f"it is {age_s:.0f} s old")
    return positions


def _position(part: str) -> tuple[int, Position]:
    identifier, timeline, lsn = (int(number, 16) for number in part.split("."))
    return identifier, Position(timeline, lsn)


def _refused(why: str) -> dict[int, Position]:
    logger.info("A token of what was read and written is refused: %s.", why)
    return {}


def _signer() -> Signer:
    return Signer(salt=_SALT)
