"""``@cached(ttl_s=60)``, ``remember()`` and ``aremember()``: what functions return."""

import functools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Generic, ParamSpec, TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from praxis.announcements import ResultBypass, ResultKind
from praxis.cache.dimensions import UNCACHED, values
from praxis.cache.results.arguments import NotTheRowError, Signature, holds_rows, reread
from praxis.cache.results.computing import forbid_all, forbid_innermost, holds_part
from praxis.cache.results.declared import declare
from praxis.cache.results.depending import depends_on
from praxis.cache.results.kept import Terms, forget
from praxis.cache.results.naming import name_of
from praxis.cache.results.steps import (
    UNCACHED_HERE,
    Entry,
    Own,
    Steps,
    Waiting,
    arun,
    kept,
    own,
    run,
)
from praxis.cache.results.subjects import Subject
from praxis.cache.results.values import decode_value, encode_value
from praxis.errors import NotCacheableError

P = ParamSpec("P")
R = TypeVar("R")


class CachedFunction(Generic[P, R]):
    """
    A function whose results are kept; made by `cached`.

    Call it as the function itself. ``forget(…)`` ends what is kept for these arguments;
    ``uncached(…)`` calls the function, and keeps nothing.
    """

    def __init__(
        self,
        function: Callable[P, R],
        terms: Terms,
        key: str | Callable[..., object] | None,
        vary: tuple[str, ...],
        version: str | int,
    ) -> None:
        functools.update_wrapper(self, function)
        self.uncached = function
        self._terms, self._vary, self._version = terms, vary, version
        self._key = key if callable(key) else None
        name = key if isinstance(key, str) else _full_name(function)
        self._subject = Subject(ResultKind.FUNCTION, name)
        self._signature = Signature(function)
        self._run: Callable[[Steps[Any]], Any] = run
        if iscoroutinefunction(function):
            self._run = arun
            markcoroutinefunction(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """
        Answer with the kept result, or call the function and keep what it returns.

        Raises:
            NotCacheableError: if an argument cannot name a result, or the result cannot be kept.
            DimensionError: if a dimension of ``vary`` is unknown or cannot be told here.
        """
        return cast("R", self._run(self._answer(args, kwargs)))

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else _BoundFunction(self, instance)

    def forget(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """
        End what is kept for these arguments, and under the dimensions as they are here.

        In async code: ``await sync_to_async(function.forget)(…)``. One trip to Redis.

        Raises:
            CacheUnavailableError: if it may still be kept.
        """
        dimensions = values(self._vary, None)
        if dimensions is not UNCACHED:
            forget(self._name(args, kwargs, dimensions), self._terms.using)

    def _name(self, args: Any, kwargs: Any, dimensions: object) -> bytes:
        told = self._key(*args, **kwargs) if self._key else self._signature.told(args, kwargs)
        return name_of("function", self._subject.name, self._version, told, self._vary, dimensions)

    def _answer(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Steps[Any]:
        holds_part(frozenset(self._vary), self._terms.ttl_s)
        dimensions = (yield Waiting(lambda: values(self._vary, None))) if self._vary else ()
        if dimensions is UNCACHED:
            self._subject.tell(ResultBypass, UNCACHED_HERE)
            forbid_all(f"a part of it, {self._subject}, is not kept here")
            return (yield Own(lambda: self.uncached(*args, **kwargs)))

        def compute() -> Steps[Any]:
            now: tuple[Any, Any] = (args, kwargs)
            if holds_rows(args) or holds_rows(kwargs):
                now = yield Waiting(lambda: _read_now(args, kwargs))
            return (yield Own(lambda: self.uncached(*now[0], **now[1])))

        name = self._name(args, kwargs, dimensions)
        return (yield from kept(_entry(name, self._terms, self._vary, self._subject), compute))


class _BoundFunction:
    """A method of an instance that is an argument like others."""

    def __init__(self, function: CachedFunction[..., Any], instance: object) -> None:
        self._function, self._instance = function, instance
        functools.update_wrapper(self, function.uncached)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(self._instance, *args, **kwargs)

    def forget(self, *args: Any, **kwargs: Any) -> None:
        self._function.forget(self._instance, *args, **kwargs)

    def uncached(self, *args: Any, **kwargs: Any) -> Any:
        return self._function.uncached(self._instance, *args, **kwargs)


def cached(
    ttl_s: float,
    *,
    key: str | Callable[..., object] | None = None,
    vary: Sequence[str] = (),
    stale_s: float = 0.0,
    wait_s: float = 1.0,
    version: str | int = 1,
    using: str = "default",
) -> Callable[[Callable[P, R]], CachedFunction[P, R]]:
    """
    Keep what a function returns until something is written that it read.

    Results are plain data: numbers, texts, dates, decimals, UUIDs, and lists, tuples, sets and
    dicts of these; None, too. One process computes, others wait for it. Arguments are plain data
    or instances of models; these stand for their rows, and are read again when the function runs.
    If Redis does not answer, the function is called.

    Args:
        ttl_s: Seconds that a result is kept at most; above 0. It bounds what no write tells of:
            the time of day, other services, files.
        key: What the function is called in Redis, for one that moves between modules or is made
            inside another; or a function that is given the arguments and answers with plain data
            that tells one call from another.
        vary: Names of dimensions that the results differ in.
        stale_s: Seconds for which others get the last value while one process computes; the
            promise of freshness is off for so long.
        wait_s: Seconds that others wait for the process that computes, before they do so, too.
        version: Another one makes results of older releases count no more.
        using: The alias of the database whose data they are made of; each further one costs a
            trip to Redis more.

    Raises:
        ValueError: if a number is out of range.
        TypeError: if it is used without its arguments.
        NotCacheableError: if the function has no name that is the same in all processes.
    """
    if callable(ttl_s):
        raise TypeError("write @cached(ttl_s=…): how long a result is kept has to be said")
    terms = Terms(ttl_s=ttl_s, stale_s=stale_s, wait_s=wait_s, using=using)

    def decorate(function: Callable[P, R]) -> CachedFunction[P, R]:
        made = CachedFunction(function, terms, key, tuple(vary), version)
        declare(f"@cached {_full_name(function, check=False)}", tuple(vary))
        return made

    return decorate


def remember(
    key: object,
    compute: Callable[[], R],
    *,
    ttl_s: float,
    reads: Iterable[Any] = (),
    vary: Sequence[str] = (),
    stale_s: float = 0.0,
    wait_s: float = 1.0,
    using: str = "default",
) -> R:
    """
    Answer with what is kept under *key*, or call *compute* and keep what it returns.

    Args:
        key: Plain data, or instances of models; the same for all calls with the same result.
        compute: Called without arguments. What it uses of the database it has to read itself:
            what was read before may be older than what was written since.
        ttl_s: Seconds that it is kept at most; above 0.
        reads: Models, instances or querysets that the result depends on besides its queries.
        vary: Names of dimensions.
        stale_s: As for `cached`.
        wait_s: As for `cached`.
        using: The alias of the database.

    Raises:
        NotCacheableError: if the key or the result is no plain data.
        DimensionError: if a dimension is unknown or needs a request.
    """
    terms = Terms(ttl_s=ttl_s, stale_s=stale_s, wait_s=wait_s, using=using)
    return cast("R", run(_remembered(key, compute, terms, tuple(reads), tuple(vary))))


async def aremember(
    key: object,
    compute: Callable[[], Awaitable[R]],
    *,
    ttl_s: float,
    reads: Iterable[Any] = (),
    vary: Sequence[str] = (),
    stale_s: float = 0.0,
    wait_s: float = 1.0,
    using: str = "default",
) -> R:
    """`remember` for async code; *compute* is an async function."""
    terms = Terms(ttl_s=ttl_s, stale_s=stale_s, wait_s=wait_s, using=using)
    return cast("R", await arun(_remembered(key, compute, terms, tuple(reads), tuple(vary))))


def _remembered(
    key: object,
    compute: Callable[[], Any],
    terms: Terms,
    reads: tuple[Any, ...],
    vary: tuple[str, ...],
) -> Steps[Any]:
    def computed() -> Steps[Any]:
        if reads:  # first: what is written from now on counts
            yield Waiting(lambda: depends_on(*reads, using=terms.using))
        return (yield Own(compute))

    subject = Subject(ResultKind.FUNCTION, _name_of(compute), f"remember({key!r})")
    holds_part(frozenset(vary), terms.ttl_s)
    dimensions = (yield Waiting(lambda: values(vary, None))) if vary else ()
    if dimensions is UNCACHED:
        subject.tell(ResultBypass, UNCACHED_HERE)
        forbid_all("a part of it is not kept here")
        return (yield from own(compute))
    try:
        name = name_of("remember", key, vary, dimensions)
    except TypeError as error:
        raise type(error)(f"The key {key!r} cannot name a result: {error}.") from error
    return (yield from kept(_entry(name, terms, vary, subject), computed))


def _read_now(args: Any, kwargs: Any) -> tuple[Any, Any]:
    """The arguments as the database has them now; as they are if that would not be the same."""
    try:
        return reread(args), reread(kwargs)
    except NotTheRowError as error:
        forbid_innermost(str(error))
        return args, kwargs


def _entry(name: bytes, terms: Terms, vary: tuple[str, ...], subject: Subject) -> Entry[Any]:
    return Entry(name, terms, frozenset(vary), subject, encode_value, decode_value)


def _name_of(compute: Any) -> str:
    """What computes, by a name that does not differ from key to key."""
    while isinstance(compute, functools.partial):
        compute = compute.func
    named = compute if hasattr(compute, "__qualname__") else type(compute)
    return f"{named.__module__}.{named.__qualname__}"


def _full_name(function: Callable[..., Any], *, check: bool = True) -> str:
    name: str = function.__qualname__
    if check and "<" in name:
        raise NotCacheableError(f"{name} is made anew each time: give cached(key=…) a name for it.")
    return f"{function.__module__}.{name}"
