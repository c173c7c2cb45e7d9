"""Where a user is logged in, and how to end that."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from praxis.clients import address_of
from praxis.conf import config
from praxis.redis import link
from praxis.sessions import copies
from praxis.sessions.fields import MADE, SEEN, key_of
from praxis.sessions.store import SessionStore, noted

_MADE, _DEVICE = MADE.decode(), "#device"
_MAX_AGENT_CHARS = 300
#: The list of a user lives for as long as the longest session can, and is mended when it is read.
_LIST_S = 400 * 86_400


@dataclass(frozen=True, slots=True)
class Device:
    """
    One session of a user.

    Attributes:
        id: What it is called here. It is no session key: nobody can log in with it.
        user_agent: What the browser called itself when it logged in.
        address: Where it was then.
        logged_in: When that was.
        last_seen: When it was here the last time, to five minutes.
        is_current: Whether it is the one that asks.
    """

    id: str
    user_agent: str
    address: str
    logged_in: dt.datetime
    last_seen: dt.datetime
    is_current: bool = False


def devices_of(user: Any, request: HttpRequest | None = None) -> list[Device]:
    """
    Return where a user is logged in, the one that was seen last first; a trip, and one for all.

    Args:
        user: Of ``django.contrib.auth``.
        request: Whose session is the current one.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer.
    """
    return _devices(_list_of(user), _current(request))


def _devices(where: bytes, current: bytes | None) -> list[Device]:
    way = link(config().sessions.redis)
    found, gone = [], []
    for key in _keys_of(where):
        made, seen, told = way.call("HMGET", key, _MADE, SEEN, _DEVICE, retry="idempotent")
        if told is None:
            gone.append(key)  # it has ended since
            continue
        said = json.loads(told)
        found.append(
            Device(
                _id_of(key), said["agent"], said["address"], _time(said["at"]),
                _time(seen or made), key == current,
            )
        )  # fmt: skip
    if gone:
        way.call("ZREM", where, *gone, retry="idempotent")
    return sorted(found, key=lambda one: one.last_seen, reverse=True)


def revoke(user: Any, device_id: str) -> bool:
    """
    End one session of a user.

    Returns:
        Whether there was one of that name.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer. It may have ended.
    """
    where = _list_of(user)
    return _end(where, (key for key in _keys_of(where) if _id_of(key) == device_id)) > 0


def revoke_others(request: HttpRequest) -> int:
    """
    End all sessions of the user who asks but this one; return how many there were.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer. Some may have ended.
    """
    current, where = _current(request), _list_of(request.user)
    return _end(where, (key for key in _keys_of(where) if key != current))


def revoke_all(user: Any) -> int:
    """
    End all sessions of a user, as after a theft; return how many there were.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer. Some may have ended.
    """
    where = _list_of(user)
    return _end(where, _keys_of(where))


def _end(where: bytes, keys: Iterable[bytes]) -> int:
    way, count = link(config().sessions.redis), 0
    for key in list(keys):
        count += copies.end(key)
        way.call("ZREM", where, key, retry="idempotent")
    return count


def _keys_of(where: bytes) -> list[bytes]:
    found: list[bytes] = link(config().sessions.redis).call(
        "ZRANGE", where, 0, -1, retry="idempotent"
    )
    return found


def keys_of(user: Any) -> list[bytes]:
    """The sessions of a user, by what they are called in Redis."""
    return _keys_of(_list_of(user))


def _list_of(user: Any) -> bytes:
    name = f"{user._meta.label_lower}:{user.pk}"  # noqa: SLF001 - public since ever
    return b"praxis:su:" + blake2b(name.encode(), digest_size=16).hexdigest().encode()


def _id_of(key: bytes) -> str:
    return key.rpartition(b":")[2].decode()


def _current(request: HttpRequest | None) -> bytes | None:
    key = None if request is None else request.session.session_key
    return None if key is None else key_of(key)


def _time(seconds: Any) -> dt.datetime:
    return dt.datetime.fromtimestamp(float(seconds), dt.UTC)


def _note(sender: object, request: HttpRequest | None, user: Any, **_: object) -> None:
    """Somebody has logged in: say so in the session."""
    del sender
    session = getattr(request, "session", None)
    if request is None or not isinstance(session, SessionStore):
        return
    now = dt.datetime.now(dt.UTC).timestamp()
    told = {
        "agent": request.headers.get("User-Agent", "")[:_MAX_AGENT_CHARS],
        "address": str(address_of(request) or ""),
        "at": now,
        "list": _list_of(user).decode(),
    }
    session.note({_DEVICE: json.dumps(told), SEEN: f"{now:.0f}"})


def _listed(sender: object, key: bytes, ours: dict[str, str], **_: object) -> None:
    """Put a session among those of its user, and end those that are too many."""
    del sender
    if _DEVICE not in ours:
        return
    told = json.loads(ours[_DEVICE])
    where, way, most = told["list"].encode(), link(config().sessions.redis), config().sessions
    way.call("ZADD", where, told["at"], key, retry="idempotent")
    way.call("EXPIRE", where, _LIST_S, retry="idempotent")
    if most.max_per_user:
        # by the time of their logins; those that have ended by themselves count for nobody
        devices = sorted(_devices(where, None), key=lambda one: one.logged_in)
        surplus = {one.id for one in devices[: max(0, len(devices) - most.max_per_user)]}
        _end(where, (one for one in _keys_of(where) if _id_of(one) in surplus))


user_logged_in.connect(_note, dispatch_uid="praxis.sessions.devices")
noted.connect(_listed, dispatch_uid="praxis.sessions.devices.list")
