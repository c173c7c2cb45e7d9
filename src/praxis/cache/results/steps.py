"""
The way of a kept result, once for sync and async code.

It is a generator of steps. Who runs it does each step and sends back what came of it: `run` in
place, `arun` in an event loop, where what waits for Redis or the database goes to a thread.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from asgiref.sync import sync_to_async

from praxis.announcements import ResultBypass, ResultFill, ResultHit, ResultMiss
from praxis.cache.codec import CorruptEntryError
from praxis.cache.hooks.once import Once
from praxis.cache.hooks.waiting import pauses
from praxis.cache.results.computing import computing, forbid_all
from praxis.cache.results.kept import Absent, Found, Terms, give_up, glance, look
from praxis.cache.results.subjects import Subject

logger = logging.getLogger("praxis.cache")

T = TypeVar("T")
#: Why something is computed although it might be kept.
UNCACHED_HERE = "a dimension says so"
UNREADABLE = "what was kept cannot be read"
_CHANGED = "what it depends on was written while it was computed, or Redis did not answer"
#: What the log has been told of.
_told = Once()


def _is_in_event_loop() -> bool:
    """Whether this is async code that calls something sync."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return "DJANGO_ALLOW_ASYNC_UNSAFE" not in os.environ  # as Django itself allows it


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for Redis or the database."""

    call: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Looking:
    """Looking a name up; it comes to what was found, or to who is to compute it."""

    name: bytes
    terms: Terms

    def call(self) -> Found | Absent:
        if _is_in_event_loop():
            # Django's connections refuse to work there, and all would wait for Redis with it
            return Absent(self.terms, "it is computed in an event loop: use sync_to_async()")
        return look(self.name, self.terms)

    async def acall(self) -> Found | Absent:
        """Wait for another one in the event loop: the thread may be what that one waits for."""
        for pause_s in pauses(self.terms.wait_s):
            found = await sync_to_async(glance)(self.name, self.terms)
            if found is not None:
                return found
            await asyncio.sleep(pause_s)
        return await sync_to_async(give_up)(self.name, self.terms)


@dataclass(frozen=True, slots=True)
class Own:
    """The project's code: in async code it may answer with something to await."""

    call: Callable[[], Any]


Step = Waiting | Looking | Own
Steps = Generator[Step, Any, T]


def run(steps: Steps[T]) -> T:
    """Do the steps one after another; return what they come to."""
    send, sent = steps.send, None
    while True:
        try:
            step = send(sent)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            send, sent = steps.send, step.call()
        except BaseException as error:  # noqa: BLE001 - the steps decide
            send, sent = steps.throw, error


async def arun(steps: Steps[T]) -> T:
    """`run` for async code."""
    send, sent = steps.send, None
    while True:
        try:
            step = send(sent)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        try:
            send, sent = steps.send, await _done(step)
        except GeneratorExit:  # the coroutine is given up: it must not go on
            raise
        except BaseException as error:  # noqa: BLE001 - the steps decide; a cancellation, too
            send, sent = steps.throw, error


async def _done(step: Step) -> Any:
    if isinstance(step, Looking):
        return await step.acall()
    if isinstance(step, Waiting):
        return await sync_to_async(step.call)()
    found = step.call()
    return await found if isinstance(found, Awaitable) else found


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """
    One kept result.

    Attributes:
        name: What it is stored as.
        terms: How long, and who may wait for it.
        dimensions: The names of what it varies on.
        subject: Whose result it is.
        pack: Makes bytes of it.
        unpack: Makes it of bytes; raises CorruptEntryError if they are others.
    """

    name: bytes
    terms: Terms
    dimensions: frozenset[str]
    subject: Subject
    pack: Callable[[T], bytes]
    unpack: Callable[[bytes], T]


def own(call: Callable[[], Any]) -> Steps[Any]:
    """The one step of calling the project's code."""
    return (yield Own(call))


def kept(entry: Entry[T], compute: Callable[[], Steps[T]]) -> Steps[T]:
    """
    Answer with the kept result, or compute and keep it.

    Whatever *compute* or packing raises goes on to the caller, and nothing is kept.
    """
    found = yield Looking(entry.name, entry.terms)
    if isinstance(found, Found):
        try:
            return unpacked(found, entry.unpack, entry.subject)
        except CorruptEntryError:
            return (yield from compute())
    return (yield from filled(found, entry.dimensions, compute, entry.pack, entry.subject))


def unpacked(found: Found, unpack: Callable[[bytes], T], subject: Subject) -> T:
    """
    The result in what was found.

    Raises:
        CorruptEntryError: if there is none; that was told.
    """
    if found.is_stale:
        forbid_all(f"a part of it, {subject.name}, is an old value")
    try:
        result = unpack(found.payload)
    except CorruptEntryError as error:
        subject.tell(ResultBypass, UNREADABLE)
        if _told.is_new(f"corrupt {subject}"):
            logger.warning(
                "What is kept of %s cannot be read: %s. It is passed over.", subject, error
            )
        raise
    subject.tell(ResultHit, found.is_stale)
    return result


def filled(
    absent: Absent,
    dimensions: frozenset[str],
    compute: Callable[[], Steps[T]],
    pack: Callable[[T], bytes | None],
    subject: Subject,
) -> Steps[T]:
    """
    Compute a result that nobody has, and keep it unless *pack* answers with None.

    Whatever is raised goes on to the caller; nothing is kept, and who waits is let go.
    """
    missed = not absent.reason  # else nobody looked, or nobody could
    if missed:
        subject.tell(ResultMiss)
    else:
        subject.tell(ResultBypass, absent.reason)
    try:
        with computing(absent, dimensions):
            value = yield from compute()
        payload = pack(value)
    except GeneratorExit:  # nobody goes on with these steps: who waits does so no longer than said
        raise
    except BaseException:
        yield Waiting(absent.abandon)
        raise
    if payload is None:
        yield Waiting(absent.abandon)
        is_kept = False
    else:
        is_kept = yield Waiting(partial(absent.keep, payload))
    if missed:
        reason = "" if is_kept else absent.reason or _CHANGED
        subject.tell(ResultFill, reason, len(payload or b""))
    if not is_kept and absent.reason:
        tell_not_kept(subject, absent.reason)
    return value


def tell_not_kept(subject: Subject, reason: str) -> None:
    """Say once in the log why this is computed each time."""
    if _told.is_new(f"{subject} {reason}"):
        logger.info("%s is not kept: %s.", subject, reason)
