"""The engine: what Django's session framework asks for, sync and async."""

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import (
    VALID_KEY_CHARS,
    CreateError,
    SessionBase,
    UpdateError,
)
from django.dispatch import Signal
from django.utils.crypto import get_random_string

from praxis.conf import SessionsConfig, config
from praxis.errors import SessionValueError
from praxis.redis import FAILURES, async_link, link
from praxis.sessions import copies
from praxis.sessions.behind import behind
from praxis.sessions.fields import (
    CHANGE,
    LEAVE,
    LEFT,
    LEFT_MS,
    ROTATE,
    SAVE,
    SEE,
    SEEN_EVERY_S,
    Changes,
    Texts,
    changes,
    field_of,
    is_seen_again,
    key_of,
    read_fields,
    values_of,
)
from praxis.sessions.values import packed, text_of

#: Sent with the key in Redis and what is noted, when a session with notes has got a new key.
noted = Signal()
_KEY_CHARS = 32
_TRIES_TO_CREATE = 3
#: So many others may change the same value first.
_TRIES_TO_CHANGE = 100


class SessionStore(SessionBase):
    """
    A session in Redis: ``SESSION_ENGINE = "praxis.sessions"``.

    Each key of the session is a field of a hash, and only what has changed is written: requests of
    one session that change different keys lose nothing. Of those that change the same key the last
    one wins; `change` is for values that are made of what they were.

    Raises:
        RedisUnavailableError, RedisReplyError: of whatever asks Redis, if it does not answer.
            Nobody is logged out for that.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        #: What Redis has, as far as this request knows.
        self._texts: Texts = {}
        #: The values of these texts.
        self._known: dict[str, Any] = {}
        #: What `devices` notes with the session; it goes along to a new key.
        self._ours: dict[str, str] = {}
        self._is_noted = True

    def load(self) -> dict[str, Any]:
        key = self.session_key
        if key is None:
            return {}
        where, way = key_of(key), link(self._alias)
        try:
            answer = way.call("HGETALL", where, retry="idempotent")
            if not answer and self._restored(where):
                answer = way.call("HGETALL", where, retry="idempotent")
        except FAILURES as error:
            return self._copied(where, error)
        if not answer:
            return self._adopted(key)
        values = self._loaded(answer)
        if is_seen_again(self._ours, time.time()):
            way.run(SEE, [where], [SEEN_EVERY_S], retry="idempotent")
        return values

    async def aload(self) -> dict[str, Any]:
        key = self.session_key
        if key is None:
            return {}
        where, way = key_of(key), async_link(self._alias)
        try:
            answer = await way.call("HGETALL", where, retry="idempotent")
            if not answer and await self._arestored(where):
                answer = await way.call("HGETALL", where, retry="idempotent")
        except FAILURES as error:
            return await sync_to_async(self._copied)(where, error)
        if not answer:
            return await self._aadopted(key)
        values = self._loaded(answer)
        if is_seen_again(self._ours, time.time()):
            await way.run(SEE, [where], [SEEN_EVERY_S], retry="idempotent")
        return values

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        values = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        found = self._changes(values, is_new=must_create)
        ttl_ms = self._ttl_ms(self.get_expiry_age())
        if ttl_ms <= 0:
            self.delete()
            return
        words = self._words(found, ttl_ms, must_create=must_create)
        where, replicas = key_of(self.session_key), self._settings.replicas
        answer = link(self._alias).run(SAVE, [where], words, replicas=replicas)
        self._saved(answer, found, must_create=must_create)
        self._keep(where)

    async def asave(self, must_create: bool = False) -> None:
        if self.session_key is None:
            await self.acreate()
            return
        values = await self._aget_session(no_load=must_create)  # type: ignore[attr-defined]  # likewise
        found = self._changes(values, is_new=must_create)
        ttl_ms = self._ttl_ms(await self.aget_expiry_age())
        if ttl_ms <= 0:
            await self.adelete()
            return
        words = self._words(found, ttl_ms, must_create=must_create)
        where, replicas = key_of(self.session_key), self._settings.replicas
        answer = await async_link(self._alias).run(SAVE, [where], words, replicas=replicas)
        self._saved(answer, found, must_create=must_create)
        await self._akeep(where)

    def create(self) -> None:
        for attempt in range(_TRIES_TO_CREATE):
            self._session_key = _new_key()
            try:
                self.save(must_create=True)
            except CreateError:
                if attempt + 1 == _TRIES_TO_CREATE:
                    raise
                continue
            self.modified = True
            return

    async def acreate(self) -> None:
        for attempt in range(_TRIES_TO_CREATE):
            self._session_key = _new_key()
            try:
                await self.asave(must_create=True)
            except CreateError:
                if attempt + 1 == _TRIES_TO_CREATE:
                    raise
                continue
            self.modified = True
            return

    def exists(self, session_key: str | None) -> bool:
        if not session_key:
            return False
        where = key_of(session_key)
        found = link(self._alias).call("EXISTS", where, retry="idempotent")
        return bool(found) or (self._is_durable and copies.read(where) is not None)

    async def aexists(self, session_key: str | None) -> bool:
        if not session_key:
            return False
        where = key_of(session_key)
        if await async_link(self._alias).call("EXISTS", where, retry="idempotent"):
            return True
        return self._is_durable and await sync_to_async(copies.read)(where) is not None

    def delete(self, session_key: str | None = None) -> None:
        key = self._leaves(session_key)
        if key is None:
            return
        copies.end(key_of(key))
        before = _before(self._settings, key)
        if before is not None:
            before.delete(key)

    async def adelete(self, session_key: str | None = None) -> None:
        key = self._leaves(session_key)
        if key is None:
            return
        await self._aend(key_of(key))
        before = _before(self._settings, key)
        if before is not None:
            await before.adelete(key)

    @classmethod
    def clear_expired(cls) -> None:
        """Delete the copies of what has ended; Redis does so by itself."""
        if config().sessions.durable:
            copies.forget_expired()

    @classmethod
    async def aclear_expired(cls) -> None:
        """Do as `clear_expired` does."""
        await sync_to_async(cls.clear_expired)()

    def change(self, key: str, work: Callable[[Any], Any], default: Any = None) -> Any:
        """
        Make a new value of what it is now, whatever other requests do; two trips and more.

            request.session.change("cart", lambda cart: [*cart, product.pk], default=[])

        Args:
            key: Of the session.
            work: Is given the value and returns the new one. It is called again if another request
                was faster, so it must do nothing else.
            default: What it is given if there is none.

        Returns:
            The new value. It is saved already.

        Raises:
            UpdateError: Django's, if the session has been deleted.
            SessionValueError: if the value cannot be kept.
        """
        name, where = field_of(key), key_of(self._demand_key())
        self._get_session()  # type: ignore[attr-defined]  # not in the stubs
        for _ in range(_TRIES_TO_CHANGE):
            had = link(self._alias).call("HGET", where, name, retry="idempotent")
            value, words = self._changed(key, had, work, default)
            replicas = self._settings.replicas
            answer = link(self._alias).run(CHANGE, [where], [name, *words], replicas=replicas)
            if self._is_changed(answer, key, value):
                self._keep(where)
                return value
        raise UpdateError

    async def achange(self, key: str, work: Callable[[Any], Any], default: Any = None) -> Any:
        """Do as `change` does."""
        name, where = field_of(key), key_of(self._demand_key())
        way = async_link(self._alias)
        await self._aget_session()  # type: ignore[attr-defined]  # not in the stubs
        for _ in range(_TRIES_TO_CHANGE):
            had = await way.call("HGET", where, name, retry="idempotent")
            value, words = self._changed(key, had, work, default)
            replicas = self._settings.replicas
            answer = await way.run(CHANGE, [where], [name, *words], replicas=replicas)
            if self._is_changed(answer, key, value):
                await self._akeep(where)
                return value
        raise UpdateError

    def rotate(self, ours: dict[str, str]) -> bool:
        """
        Go on under another key; requests that are under way may read the old one for ten seconds.

        Args:
            ours: What is noted from now on.

        Returns:
            Whether this request did it. If another one was faster, this one is not to be saved.
        """
        old, values = self._demand_key(), self._session  # type: ignore[attr-defined]  # not in the stubs
        self._ours = {name: text for name, text in self._ours.items() if name != ROTATE} | ours
        self.create()
        self._session_cache = values
        where = key_of(old)
        if self._is_durable:
            copies.forget(where)
        replicas = self._settings.replicas
        if link(self._alias).run(LEAVE, [where], [LEFT_MS], replicas=replicas) == 1:
            return True
        self.delete(self.session_key)
        self._session_key = old
        return False

    @property
    def noted_so_far(self) -> Mapping[str, str]:
        """What is noted with the session, if it was read at all."""
        return self._ours

    @property
    def has_left(self) -> bool:
        """Whether it goes on under another key, so that this one is only good for reading."""
        return LEFT in self._ours

    def note(self, ours: dict[str, str]) -> None:
        """Write something of ours with the session when it is saved the next time."""
        self._ours |= ours
        self._is_noted, self.modified = False, True

    @property
    def _settings(self) -> SessionsConfig:
        return config().sessions

    @property
    def _alias(self) -> str:
        return config().sessions.redis

    @property
    def _is_durable(self) -> bool:
        return bool(self._settings.durable)

    def _keep(self, where: bytes) -> None:
        """Copy to the database what Redis has, now or later."""
        match self._settings.durable:
            case "write_through":
                copies.keep(where)
            case "write_behind":
                behind.owe(where)

    async def _akeep(self, where: bytes) -> None:
        if self._settings.durable == "write_through":
            await sync_to_async(copies.keep)(where)
        else:
            self._keep(where)

    async def _aend(self, where: bytes) -> None:
        if self._is_durable:
            await sync_to_async(copies.end)(where)
            return
        replicas = self._settings.replicas
        await async_link(self._alias).call("DEL", where, retry="idempotent", replicas=replicas)

    def _restored(self, where: bytes) -> bool:
        """Whether Redis has got the session back from its copy."""
        if not self._is_durable or not copies.restore(where):
            return False
        if found := copies.read(where):  # its user's list of devices was lost as well
            ours = {name: text for name, text in found.fields.items() if name[:1] == "#"}
            noted.send(type(self), key=where, ours=ours)
        return True

    async def _arestored(self, where: bytes) -> bool:
        return self._is_durable and await sync_to_async(self._restored)(where)

    def _copied(self, where: bytes, error: Exception) -> dict[str, Any]:
        """The copy of a session that Redis cannot be asked for, if that is what is wanted."""
        settings = self._settings
        if not self._is_durable or settings.on_error != "fallback":
            raise error
        found = copies.read(where)
        if found is None:  # which does not say that there is no session
            raise error
        flat: list[bytes] = []
        for pair in found.stored():
            flat += pair
        return self._loaded(flat)

    def _loaded(self, answer: Any) -> dict[str, Any]:
        raw, self._ours = read_fields(answer)
        values, self._texts = values_of(raw, self._settings)
        self._known = dict(values)
        return values

    def _adopted(self, key: str) -> dict[str, Any]:
        """What the engine before has of it, taken over; else a session without a key."""
        before = _before(self._settings, key)
        data = before.load() if before is not None else {}
        if before is None or before.session_key is None or not data:
            self._session_key = None
            return {}
        self._session_cache, self._texts = data, {}
        words = self._changes(data).words("create", self._ttl_ms(before.get_expiry_age()), {})
        link(self._alias).run(SAVE, [key_of(key)], words)  # if another request was faster, so be it
        self._texts = self._changes(data).texts
        return data

    async def _aadopted(self, key: str) -> dict[str, Any]:
        before = _before(self._settings, key)
        data = await before.aload() if before is not None else {}
        if before is None or before.session_key is None or not data:
            self._session_key = None
            return {}
        self._session_cache, self._texts = data, {}
        words = self._changes(data).words(
            "create", self._ttl_ms(await before.aget_expiry_age()), {}
        )
        await async_link(self._alias).run(SAVE, [key_of(key)], words)
        self._texts = self._changes(data).texts
        return data

    def _changes(self, values: dict[str, Any], *, is_new: bool = False) -> Changes:
        # under a new key there is nothing yet, whatever there was under the one before
        return changes({} if is_new else self._texts, values, self._settings, self._known)

    @staticmethod
    def _ttl_ms(age_s: float) -> int:
        return int(age_s * 1000)

    def _saved(self, answer: int, found: Changes, *, must_create: bool) -> None:
        if answer != 1:
            raise CreateError if must_create else UpdateError
        self._texts, self._known = found.texts, dict(self._session_cache)
        is_new_to_others = self._ours and (must_create or not self._is_noted)
        self._is_noted = True
        if is_new_to_others and self.session_key is not None:
            noted.send(type(self), key=key_of(self.session_key), ours=self._ours)

    def _words(self, found: Changes, ttl_ms: int, *, must_create: bool) -> list[Any]:
        ours = self._ours if must_create or not self._is_noted else {}
        return found.words("create" if must_create else "save", ttl_ms, ours)

    def _leaves(self, session_key: str | None) -> str | None:
        """The key that is deleted; with one's own what is noted of it goes, too."""
        if session_key is None:
            self._ours = {}
        return session_key or self.session_key

    def _demand_key(self) -> str:
        key = self.session_key
        if key is None:
            self.create()
            key = self.session_key
        if key is None:
            raise UpdateError
        return key

    def _changed(
        self, key: str, had: bytes | None, work: Callable[[Any], Any], default: Any
    ) -> tuple[Any, list[bytes]]:
        """The new value, and what ``change.lua`` is told of it besides the field."""
        settings = self._settings
        known = {} if had is None else values_of({key: had}, settings)[0]
        value = work(known.get(key, default))
        text = text_of(value)
        others = sum(len(name) + len(one) for name, one in self._texts.items() if name != key)
        if others + len(key) + len(text) > settings.max_bytes:
            raise SessionValueError(
                f"With a {key!r} of {len(text):,} bytes the session is longer than "
                f"PRAXIS['sessions']['max_bytes'], {settings.max_bytes:,}."
            )
        stored = packed(text, pack_above=settings.pack_above)
        return value, [b"0" if had is None else b"1", had or b"", b"1", stored]

    def _is_changed(self, answer: int, key: str, value: Any) -> bool:
        if answer == -1:
            raise UpdateError
        if answer == 1:
            self._texts[key], self._known[key] = text_of(value), value
            # it is saved, so that it does not count as modified
            self._session[key] = value  # type: ignore[attr-defined]  # not in the stubs
        return answer == 1


def _new_key() -> str:
    # as Django makes it, without asking whether there is one: ``save.lua`` tells
    return get_random_string(_KEY_CHARS, VALID_KEY_CHARS)


def _before(settings: SessionsConfig, key: str) -> SessionBase | None:
    """The session in the engine from which sessions are taken over."""
    if not settings.adopt_from:
        return None
    engine: SessionBase = import_module(settings.adopt_from).SessionStore(key)
    return engine
