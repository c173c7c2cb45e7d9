"""Copies of sessions in Django's table, from which a Redis that lost them gets them back."""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db import router as databases
from django.utils import timezone

from praxis.conf import config
from praxis.errors import SessionValueError
from praxis.redis import link
from praxis.sessions.fields import COPY, DATA, SAVE, SNAPSHOT
from praxis.sessions.values import CorruptValueError, packed, unpacked

logger = logging.getLogger("praxis.sessions")

_SALT = "praxis.sessions.copies"
#: So many others may write the same copy first.
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Copy:
    """
    A session as it was.

    Attributes:
        number: Larger than those of all copies before.
        fields: Of the hash, as texts.
        ends: When the session ends.
    """

    number: int
    fields: dict[str, str]
    ends: dt.datetime

    @property
    def text(self) -> str:
        return signing.dumps([self.number, self.fields], salt=_SALT, compress=True)

    def words(self) -> list[bytes | int | str]:
        """The arguments of ``save.lua`` that make the session of it."""
        left_ms = round((self.ends - timezone.now()).total_seconds() * 1000)
        words: list[bytes | int | str] = ["create", max(1, left_ms), len(self.fields)]
        for pair in self.stored():
            words += pair
        return words

    def stored(self) -> Iterator[tuple[bytes, bytes]]:
        """The fields as Redis has them."""
        pack_above = config().sessions.pack_above
        for name, text in self.fields.items():
            field, data = _bytes(name), _bytes(text)
            yield field, packed(data, pack_above=pack_above) if _is_data(field) else data


def keep(key: bytes) -> None:
    """
    Copy a session to the database as it is now.

    A copy that is older than the one there is not written, and none of a session that has ended.

    Args:
        key: As `fields.key_of` makes it.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer; the copy is as it was.
        DatabaseError: Django's, likewise.
    """
    way = link(config().sessions.redis)
    taken = way.run(SNAPSHOT, [key], retry="idempotent")
    if taken and _write(key, _copied(*taken)) and not way.call("EXISTS", key, retry="idempotent"):
        forget(key)  # it ended while its first copy was written


def restore(key: bytes) -> bool:
    """
    Give Redis a session back from its copy.

    Returns:
        Whether there was one that has not ended.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer.
        DatabaseError: Django's.
    """
    copy = read(key)
    if copy is None:
        return False
    way = link(config().sessions.redis)
    way.run(SAVE, [key], copy.words())  # if another request was faster, so be it
    if read(key) is None:  # it was ended while we were at it
        way.call("DEL", key, retry="idempotent")
        return False
    return True


def read(key: bytes) -> Copy | None:
    """The copy of a session that has not ended; a forged one is told of, and none."""
    rows = _rows(databases.db_for_read)
    row = rows.filter(session_key=_name(key), expire_date__gt=timezone.now()).first()
    if row is None:
        return None
    found = _read(row.session_data)
    return None if found is None else Copy(*found, row.expire_date)


def end(key: bytes) -> int:
    """
    End a session in Redis, and its copy; return whether Redis had it.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer. It may have ended.
    """
    settings = config().sessions
    # First the copy, or a failure in between would let the session come back from it; and once
    # more, for a request that began before and copied what it had.
    if settings.durable:
        forget(key)
    count: int = link(settings.redis).call(
        "DEL", key, retry="idempotent", replicas=settings.replicas
    )
    if settings.durable:
        forget(key)
    return count


def forget(key: bytes) -> None:
    """Delete a copy."""
    _rows(databases.db_for_write).filter(session_key=_name(key)).delete()


def forget_expired() -> None:
    """Delete the rows of all sessions that have ended, those of other engines included."""
    _rows(databases.db_for_write).filter(expire_date__lt=timezone.now()).delete()


def _write(key: bytes, copy: Copy) -> bool:
    """Write a copy unless a newer one is there; return whether it is the first."""
    rows, name = _rows(databases.db_for_write), _name(key)
    for _ in range(_TRIES):
        had = rows.filter(session_key=name).values_list("session_data", flat=True).first()
        if had is None:
            try:
                with transaction.atomic(using=rows.db):
                    rows.create(session_key=name, session_data=copy.text, expire_date=copy.ends)
            except IntegrityError:
                continue  # another request was faster
            return True
        before = _read(had)
        if before is not None and before[0] >= copy.number:
            return False
        same = rows.filter(session_key=name, session_data=had)
        if same.update(session_data=copy.text, expire_date=copy.ends):
            return False
    raise SessionValueError(f"{_TRIES} others have written the copy of a session first.")


def _copied(left_ms: int, number: int, answer: list[bytes]) -> Copy:
    fields = dict[str, str]()
    for name, data in zip(answer[::2], answer[1::2], strict=True):
        if name == COPY:
            continue
        try:
            text = (
                unpacked(data, most_bytes=config().sessions.max_bytes) if _is_data(name) else data
            )
        except CorruptValueError:
            continue  # nobody could read it from Redis either
        fields[name.decode("utf-8", "surrogatepass")] = text.decode("utf-8", "surrogatepass")
    return Copy(number, fields, timezone.now() + dt.timedelta(milliseconds=left_ms))


def _read(text: str) -> tuple[int, dict[str, str]] | None:
    try:
        number, fields = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        logger.warning("The copy of a session is none, or forged: %s", error)
        return None
    return number, fields


def _is_data(name: bytes) -> bool:
    return name[:1] == DATA


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _name(key: bytes) -> str:
    return key.rpartition(b":")[2].decode()


def _rows(alias_of: Callable[[Any], str]) -> Any:
    from django.contrib.sessions.models import Session  # which needs its app to be installed

    return Session.objects.using(alias_of(Session))
