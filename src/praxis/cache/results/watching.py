"""What a view looks at that belongs to one visitor: pages that did are not for others."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import LazyObject

from praxis.cache.results.requests import rows_left_on

_CSRF_USED = "CSRF_COOKIE_NEEDS_UPDATE"
#: What the dimension ``permissions`` tells of a user.
_PERMISSIONS = frozenset({
    "is_authenticated", "is_anonymous", "is_active", "is_staff", "is_superuser", "has_perm",
    "has_perms", "has_module_perms", "get_all_permissions",
})  # fmt: skip
#: Where Django's backend remembers what a user may do.
_PERMISSION_CACHES = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


class Watch:
    """
    What was looked at while one page, or a part of one, was made.

    Args:
        request: Its request.
        dimensions: The names of what it varies on: what these tell may be looked at.
        cookies: The cookies that it varies on.
    """

    def __init__(
        self, request: HttpRequest, dimensions: frozenset[str], cookies: frozenset[str]
    ) -> None:
        self._request, self._dimensions, self._cookies = request, dimensions, cookies
        self.reasons: list[str] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch what the block looks at. The request is as it was afterwards."""
        with contextlib.ExitStack() as stack:
            self._forget_related()
            stack.enter_context(self._csrf_token())
            stack.enter_context(self._session())
            stack.enter_context(self._messages())
            stack.enter_context(self._cookies_read())
            stack.enter_context(self._user())
            yield
        nonce = getattr(self._request, "_csp_nonce", None)
        if nonce:  # a lazy one is false until somebody asks for it
            self._note("it has a nonce of Content-Security-Policy, which is for one response")

    def _forget_related(self) -> None:
        """
        Have read again what instances on the request remember of other rows.

        Of their own rows the name tells; who remembers another one would not be ended by it.
        """
        rows: list[Any] = list(rows_left_on(self._request).values())
        user: Any = getattr(self._request, "_cached_user", None)
        if isinstance(user, Model):
            rows.append(user)
            if "permissions" not in self._dimensions:
                for memory in _PERMISSION_CACHES:
                    user.__dict__.pop(memory, None)
        for row in rows:
            row._state.fields_cache = {}  # noqa: SLF001 - as refresh_from_db() empties it
            row.__dict__.pop("_prefetched_objects_cache", None)

    def _note(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)

    @contextlib.contextmanager
    def _csrf_token(self) -> Iterator[None]:
        meta = self._request.META
        before = meta.pop(_CSRF_USED, None)
        try:
            yield
        finally:
            if meta.get(_CSRF_USED):
                self._note("it has a CSRF token, which is for one visitor")
            elif before is not None:
                meta[_CSRF_USED] = before

    @contextlib.contextmanager
    def _session(self) -> Iterator[None]:
        session: Any = getattr(self._request, "session", None)
        if not hasattr(session, "accessed"):
            yield
            return
        accessed, modified = session.accessed, session.modified
        session.accessed = session.modified = False
        try:
            yield
        finally:
            if session.modified:
                self._note("it changed the session")
            elif session.accessed and "session" not in self._dimensions:
                self._note("it looked at the session: vary on 'session', or 'user' or 'messages'")
            session.accessed, session.modified = (
                session.accessed or accessed,
                session.modified or modified,
            )

    @contextlib.contextmanager
    def _messages(self) -> Iterator[None]:
        storage: Any = getattr(self._request, "_messages", None)
        if storage is None:
            yield
            return
        added, used = storage.added_new, storage.used
        storage.added_new = storage.used = False
        known = hasattr(storage, "_loaded_data")
        try:
            yield
        finally:
            if storage.added_new:
                self._note("it added a message")
            looked = storage.used or (not known and hasattr(storage, "_loaded_data"))
            if looked and "messages" not in self._dimensions:
                self._note("it looked for messages: vary on 'messages'")
            storage.added_new = storage.added_new or added
            storage.used = storage.used or used

    @contextlib.contextmanager
    def _cookies_read(self) -> Iterator[None]:
        request: Any = self._request
        cookies = request.COOKIES
        request.COOKIES = _WatchedCookies(cookies, self._read_cookie)
        try:
            yield
        finally:
            request.COOKIES = cookies

    def _read_cookie(self, name: str | None) -> None:
        if name is None:
            self._note("it looked at all cookies")
        elif name not in self._cookies:
            self._note(f"it looked at the cookie {name!r}: declare a dimension 'cookie:{name}'")

    @contextlib.contextmanager
    def _user(self) -> Iterator[None]:
        request: Any = self._request
        if hasattr(request, "_cached_user") and not hasattr(request, "_acached_user"):
            # where auser() keeps it: it would ask the session again for what is known
            request._acached_user = request._cached_user  # noqa: SLF001 - there is no other way
        if "user" in self._dimensions or not hasattr(request, "user"):
            yield
            return
        allowed = _PERMISSIONS if "permissions" in self._dimensions else frozenset[str]()
        user, later = request.user, getattr(request, "auser", None)
        watched = request.user = _WatchedUser(user, allowed, self._read_user)
        if later is not None:

            async def watched_later() -> Any:
                return _WatchedUser(await later(), allowed, self._read_user)

            request.auser = watched_later
        try:
            yield
        finally:
            if request.user is watched:
                request.user = user
            elif request.user.is_authenticated:
                self._note("it set request.user")
            if later is not None:
                request.auser = later

    def _read_user(self, name: str | None) -> None:
        of = f".{name}" if name else ""
        self._note(f"it looked at request.user{of}: vary on 'user'")


class _WatchedUser(LazyObject):  # type: ignore[type-arg]  # has no arguments when it runs
    """A user that tells when it is looked at; what is no attribute is told as a whole."""

    def __init__(
        self, user: Any, allowed: frozenset[str], tell: Callable[[str | None], None]
    ) -> None:
        self.__dict__["_praxis"] = user, allowed, tell
        super().__init__()

    def __getattr__(self, name: str) -> Any:
        user, allowed, tell = self.__dict__["_praxis"]
        if name not in allowed:
            tell(name)
        return getattr(user, name)

    @property  # type: ignore[misc]  # as LazyObject does
    def __class__(self) -> Any:
        # whoever asks learns whether it is somebody
        user, allowed, tell = self.__dict__["_praxis"]
        if "is_authenticated" not in allowed:
            tell(None)
        return user.__class__

    def __getitem__(self, name: Any) -> Any:
        # templates try this before the attribute
        user, _, tell = self.__dict__["_praxis"]
        if not hasattr(user.__class__, "__getitem__"):
            raise TypeError(f"{user.__class__.__name__} is not subscriptable")
        tell(str(name))
        return user[name]

    def _setup(self) -> None:
        user, _, tell = self.__dict__["_praxis"]
        tell(None)
        self._wrapped = user


class _WatchedCookies(dict[str, str]):
    """Cookies that tell when they are looked at."""

    def __init__(self, cookies: dict[str, str], tell: Callable[[str | None], None]) -> None:
        self.plain: dict[str, str] = getattr(cookies, "plain", cookies)
        super().__init__(self.plain)
        #: Of this part, and of the page that it is in.
        self.tells: list[Callable[[str | None], None]] = [tell, *getattr(cookies, "tells", [])]

    def _tell(self, name: str | None) -> None:
        for tell in self.tells:
            tell(name)

    def __getitem__(self, name: str) -> str:
        self._tell(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._tell(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._tell(name)
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self._tell(None)
        return super().__iter__()

    def __len__(self) -> int:
        self._tell(None)
        return super().__len__()

    def keys(self) -> Any:
        self._tell(None)
        return super().keys()

    def values(self) -> Any:
        self._tell(None)
        return super().values()

    def items(self) -> Any:
        self._tell(None)
        return super().items()
