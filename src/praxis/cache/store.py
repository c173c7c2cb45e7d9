"""The protocol spoken with a real Redis, for one database."""

import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from praxis.cache.fence import Fence, UncertainMasterError
from praxis.cache.protocol.calls import (
    FILL,
    FORGET,
    LOOK,
    MARK,
    READ,
    READ_LOOKED,
    RECALL,
    RECALL_LOOKED,
    RELEASE,
    RESOLVE,
    SETTLE,
    STAMP_BYTES,
    SURVEY,
    VOID,
    Bypass,
    Call,
    Hit,
    Keys,
    LookFirst,
    Miss,
    Reading,
    Writing,
    Written,
    fresh_stamp,
    shapes_in,
)
from praxis.cache.protocol.computations import Collected, forget, recall, release
from praxis.errors import (
    CacheUnavailableError,
    RedisReplyError,
    RedisUnavailableError,
)
from praxis.redis import Link, Script, Session

logger = logging.getLogger("praxis.cache")

_READ, _RECALL, _FILL, _RELEASE = map(Script, (READ, RECALL, FILL, RELEASE))
_READ_LOOKED, _RECALL_LOOKED, _LOOK = map(Script, (READ_LOOKED, RECALL_LOOKED, LOOK))
_MARK, _SETTLE, _RESOLVE, _FORGET = map(Script, (MARK, SETTLE, RESOLVE, FORGET))
_VOID, _SURVEY = map(Script, (VOID, SURVEY))


class _RestlessError(Exception):
    """No two answers were of one era."""


#: What a call to Redis may end with, besides an answer.
FAILURES = (RedisReplyError, RedisUnavailableError, _RestlessError)
#: Shapes are added now and then; a writer that meets a new one so many times gives up.
_TRIES = 8
#: The first finds out that a connection has ended.
_TRIES_TO_SETTLE = 3
#: Writers wait so long at most until it is certain which server is the master: Sentinels agree
#: within two seconds, and so long after that its era opens.
_PATIENCE_S = 6.0
#: So much of a look's time before its end one reader looks again, while the others go on.
_EARLY_PART = 5
#: Seconds at the beginning of a mark's value, as digits: when it was made, by the server's clock.
_TIME_CHARS = 10
#: Of a run id as many as tell servers apart.
_RUN_ID_CHARS = 12


@dataclass(frozen=True, slots=True)
class TableState:
    """
    What Redis holds of a table.

    Attributes:
        is_known: Whether anybody has read or written it in this era.
        shapes: The sets of columns that queries compare with constants.
        marks_s: The ages of the writes in flight, in seconds.
    """

    is_known: bool
    shapes: tuple[str, ...]
    marks_s: tuple[float, ...]


def tag_of(name: str) -> str:
    """The hash tag of all keys of a database."""
    return f"{{{name}}}"


class Store:
    """
    Entries and marks of one database.

    Args:
        link: To the Redis that holds them.
        name: Of the database: the same for all who mean the same one.
        strict: Whether readers keep away from what is being written; see `docs/why`.
        look_ms: How long a look for words of writes that were not told of counts; None where
            nobody leaves any.
    """

    def __init__(
        self, link: Link, name: str, *, strict: bool = True, look_ms: int | None = None
    ) -> None:
        self._link, self._strict, self._look_ms = link, strict, look_ms
        self.name = name
        self._tag = tag_of(name)
        self._keys = Keys(name, b"")
        self._fence = Fence(link) if link.has_sentinels else None
        #: The shapes that were in use when somebody last looked, by table.
        self.shapes: dict[str, bytes] = {}

    @property
    def era(self) -> str:
        """The one that the server answered last, as keys carry it; "" if nobody asked yet."""
        return self._keys.life

    def read(
        self, reading: Reading, *, ttl_ms: int, lease_ms: int = 0, told: bool = False
    ) -> tuple[Hit | Miss | Bypass | LookFirst, Keys] | None:
        """
        Look a result up; one trip.

        Args:
            reading: What to look up.
            ttl_ms: How long it is going to be kept.
            lease_ms: For how long the first one who misses may keep others waiting.
            told: Whether a hit is to tell what it depends on.

        Returns:
            The answer, and the names that it goes by; None if Redis did not answer.
        """
        strict = self._strict
        read = self._read(
            (_READ, _READ_LOOKED),
            lambda keys: reading.read(
                keys, ttl_ms=ttl_ms, strict=strict, lease_ms=lease_ms, told=told
            ),
        )
        if read is None:
            return None
        answer, keys = read
        return reading.answer(answer), keys

    def fill(
        self,
        reading: Reading,
        keys: Keys,
        miss: Miss,
        payload: bytes,
        rows: Mapping[str, Sequence[object]],
        whole: Sequence[str],
        *,
        ttl_ms: int,
    ) -> bool | None:
        """
        Store what a miss was filled with, unless something was written meanwhile; one trip.

        Args:
            reading: As of `read`.
            keys: As it answered, with *miss*.
            miss: What it answered.
            payload: The result.
            ttl_ms: How long it is kept.
            rows: The keys of the joined rows by table.
            whole: Tables of which any write counts, as the rows have shown.

        Returns:
            Whether it was stored; None if Redis did not answer.
        """
        try:
            call = reading.fill(
                keys, miss, payload, rows, whole=whole, ttl_ms=ttl_ms, strict=self._strict
            )
            return self._fill(keys, call)
        except FAILURES:
            return None

    def void_untold(self, keys: Keys, written: Mapping[str, Written]) -> bool:
        """
        Give new stamps to what was written without a mark; a trip for each table, and one more.

        Returns:
            False if the server is in another era than *keys* by now.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        session = self._link.session(self._tag)
        shapes = {table: session.call("HGET", keys.record(table), "s") or b";" for table in written}
        writing = Writing(written, shapes)
        writing.know(writing.written)
        call = writing.settle(keys, written=True)
        # by the connection that told the shapes, or not at all
        answer = session.run(_SETTLE, *keys.within_era(call))
        if self._fence is not None:
            self._fence.demand(session)
        return keys.other_era(answer) is None

    def look(self, keys: Keys, begun_ms: int) -> bool:
        """
        Say that all words were looked for, and that what they tell of is void; one trip.

        Args:
            keys: As `read` answered, with `LookFirst`.
            begun_ms: What it said.

        Returns:
            Whether reads may count on it. If not it took too long, or the server is another.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        return bool(self._run_in(keys, _LOOK, keys.look(begun_ms, self._look_ms or 0)) == 1)

    def keys(self) -> Keys:
        """
        The names that all goes by now; one trip.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        # a look that counts for no time says nothing
        return self._run(_LOOK, lambda keys: keys.look(0, 0))[1]

    def let_go(self, reading: Reading, keys: Keys, lease: bytes, *, pause_ms: int = 0) -> None:
        """
        Let those go on who wait for what is not going to be filled; one trip.

        Args:
            reading: As of `read`.
            keys: As it answered.
            lease: Of the miss; nothing is done without.
            pause_ms: How long nobody is to wait again, since it would come to the same.
        """
        self._release(keys, lease, reading.release(keys, lease, pause_ms=pause_ms))

    def recall(
        self, name: bytes, *, lease_ms: int, stale_ms: int
    ) -> tuple[tuple[int, bytes, bytes] | bytes | LookFirst, Keys] | None:
        """
        Look a computed result up; one trip.

        Returns:
            Where the payload begins in an entry (counted from 1, below zero if it is not current
            any more), the entry, and the stamps of any write to its tables; or a lease to compute
            it by. With it the names it goes by. None if Redis did not answer.
        """
        read = self._read(
            (_RECALL, _RECALL_LOOKED),
            lambda keys: recall(
                keys, name, lease_ms=lease_ms, stale_ms=stale_ms, strict=self._strict
            ),
        )
        if read is None:
            return None
        answer, keys = read
        if isinstance(answer, bytes):
            return answer, keys
        return (tuple(answer) if len(answer) > 1 else LookFirst(int(answer[0]))), keys

    def keep(
        self,
        keys: Keys,
        name: bytes,
        collected: Collected,
        payload: bytes,
        *,
        lease: bytes,
        ttl_ms: int,
        stale_ms: int,
    ) -> bool:
        """
        Store what was computed, unless something was written that it depends on; one trip.

        Args:
            keys: As `recall` answered, with *lease*.
            name: As of `recall`.
            collected: What it depends on. Its ``reason`` tells if it must not be kept.
            payload: The result.
            lease: Lets go of those who wait.
            ttl_ms: How long it is kept.
            stale_ms: How long it may be shown after it was last current.
        """
        call = collected.keep(
            keys, name, payload,
            lease=lease, ttl_ms=ttl_ms, stale_ms=stale_ms, strict=self._strict,
        )  # fmt: skip
        if call is None:
            return False
        try:
            return self._fill(keys, call)
        except FAILURES:
            return False

    def release(self, keys: Keys, name: bytes, lease: bytes, *, pause_ms: int) -> None:
        """Let those go on who wait for a computed result; see `let_go`."""
        self._release(keys, lease, release(keys, name, lease, pause_ms=pause_ms))

    def forget(self, name: bytes) -> None:
        """
        Void a computed result, also one that is being computed.

        Raises:
            CacheUnavailableError: if it may still be there.
        """
        try:
            self._run_until(
                time.monotonic() + _PATIENCE_S, _FORGET, lambda keys: forget(keys, name)
            )
        except FAILURES as error:
            raise CacheUnavailableError(f"A result may still be kept: {error}") from error

    def drop(self, reading: Reading, keys: Keys) -> None:
        """Take an entry out, if Redis can be asked, so that the next one who asks fills it."""
        with contextlib.suppress(*FAILURES):
            self._link.session(self._tag).call("DEL", reading.keys(keys)[0])

    def mark(self, writing: Writing) -> None:
        """
        Keep readers off what is about to be written; one trip, and one for each shape learnt.

        Raises:
            CacheUnavailableError: if it is not certain that they keep off. Nothing was written.
        """
        end_s = time.monotonic() + _PATIENCE_S
        try:
            for _ in range(_TRIES):
                answer, _ = self._run_until(end_s, _MARK, writing.mark)
                learnt = writing.learn(answer)
                if learnt is None:
                    return
                self.shapes.update(learnt)
        except FAILURES as error:
            self.settle(writing, written=False, patience_s=0.0)  # it may stand all the same
            raise CacheUnavailableError(
                f"Nothing was written to {', '.join(sorted(writing.written))}: the cache cannot "
                f"be told of it ({error}). Start Redis again, or take these tables out of "
                'PRAXIS["cache"]["models"].'
            ) from error
        raise CacheUnavailableError(
            f"Nothing was written to {', '.join(sorted(writing.written))}: queries of new kinds "
            "began faster than the cache could be told of the write. Try again."
        )

    def settle(self, writing: Writing, *, written: bool, patience_s: float = _PATIENCE_S) -> bool:
        """
        Let readers in again; one trip, and more where connections break.

        Args:
            writing: What `mark` was given.
            written: Whether it was committed, or may have been.
            patience_s: How long to wait at most until it is certain which server is the master.

        Returns:
            False if Redis did not answer. Readers keep off until the mark is resolved.
        """
        end_s = time.monotonic() + patience_s
        for _ in range(_TRIES_TO_SETTLE):
            try:
                self._run_until(end_s, _SETTLE, lambda keys: writing.settle(keys, written=written))
            except FAILURES:
                continue  # a new life of the server must hear of it, too; twice does no harm
            return True
        logger.warning(
            "Readers of %s go to the database until it is known what became of a write: "
            "Redis did not answer.",
            ", ".join(sorted(writing.written)),
        )
        return False

    def marks(self, table: str) -> dict[bytes, float]:
        """
        The tokens of writes in flight on *table*, with their ages in seconds.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        answer, _ = self._run(_SURVEY, lambda keys: ([keys.record(table)], [fresh_stamp()]))
        now, fields = answer
        return _marks_in(int(now), _record_of(fields))

    def resolve(self, table: str, tokens: Sequence[bytes]) -> None:
        """
        Let go of marks whose transactions are over for certain.

        Raises:
            RedisUnavailableError, RedisReplyError: if it did not answer.
        """
        self._run(_RESOLVE, lambda keys: ([keys.record(table)], [fresh_stamp(), *tokens]))

    def void(self, tables: Sequence[str]) -> None:
        """
        Void all that is cached of these tables, and the kinds of conditions that were in use.

        Raises:
            CacheUnavailableError: if Redis did not answer. It may have been done.
        """
        try:
            self._run_until(
                time.monotonic() + _PATIENCE_S,
                _VOID,
                lambda keys: ([*map(keys.record, tables)], [fresh_stamp()]),
            )
        except FAILURES as error:
            raise CacheUnavailableError(f"The cache did not answer: {error}") from error

    def survey(self, tables: Sequence[str]) -> dict[str, TableState]:
        """
        What there is of these tables; one trip.

        Raises:
            CacheUnavailableError: if Redis did not answer.
        """
        try:
            answer, _ = self._run(
                _SURVEY, lambda keys: ([*map(keys.record, tables)], [fresh_stamp()])
            )
        except FAILURES as error:
            raise CacheUnavailableError(f"The cache did not answer: {error}") from error
        now, *records = answer
        return {
            table: _state_of(int(now), _record_of(fields))
            for table, fields in zip(tables, records, strict=True)
        }

    def session(self) -> Session:
        """
        The connection to the server that holds it.

        Raises:
            RedisUnavailableError: if there is none.
        """
        return self._link.session(self._tag)

    def _fill(self, keys: Keys, call: Call) -> bool:
        """Whether an entry was stored; else its stamps are old, or of another era."""
        return bool(self._run_in(keys, _FILL, call) == 1)

    def _release(self, keys: Keys, lease: bytes, call: Call) -> None:
        if len(lease) >= STAMP_BYTES:  # others than the one who leads have none to give back
            with contextlib.suppress(*FAILURES):
                self._run_in(keys, _RELEASE, call)

    def _run_in(self, keys: Keys, script: Script, call: Call) -> Any:
        """The answer to a script in the era of *keys*, which refuses the call in any other."""
        session = self._link.session(self._tag)
        answer = session.run(script, *keys.within_era(call))
        if self._fence is not None:
            self._fence.demand(session)
        return answer

    def _read(
        self, scripts: tuple[Script, Script], make: Callable[[Keys], Call]
    ) -> tuple[Any, Keys] | None:
        """
        The answer to a read; None if there was none.

        Args:
            scripts: As it is, and as it is where somebody may have to look for words first.
            make: Its arguments.
        """
        plain, looked = scripts
        look_ms = self._look_ms
        try:
            if look_ms is None:
                return self._run(plain, make)
            early_ms = look_ms // _EARLY_PART
            return self._run(looked, lambda keys: keys.after_a_look(make(keys), early_ms))
        except FAILURES:
            return None

    def _run_until(
        self, end_s: float, script: Script, make: Callable[[Keys], Call]
    ) -> tuple[Any, Keys]:
        """As `_run`; while masters change, wait until it is certain which one is the one."""
        while True:
            try:
                return self._run(script, make)
            except UncertainMasterError as uncertain:
                if time.monotonic() + uncertain.wait_s > end_s:
                    raise
                time.sleep(uncertain.wait_s)

    def _run(self, script: Script, make: Callable[[Keys], Call]) -> tuple[Any, Keys]:
        """The answer to a script, in whatever era it is; one trip, and one more in a new one."""
        fence = self._fence
        for _ in range(_TRIES):
            session = self._link.session(self._tag)
            keys = self._keys_for(session)
            if fence is not None:
                fence.enter(session, keys)
            answer = session.run_at_once(script, *keys.within_era(make(keys)))  # it is ready
            if fence is not None:
                fence.demand(session)
            era = keys.other_era(answer)
            if era is None:
                return answer, keys
            # the shapes are those of the era before
            self._keys, self.shapes = Keys(self.name, keys.run_id, era), {}
        raise _RestlessError("it changes all the time which server is the one")

    def _keys_for(self, session: Session) -> Keys:
        run_id = session.incarnation[:_RUN_ID_CHARS].encode()
        keys = self._keys
        return keys if keys.run_id == run_id else Keys(self.name, run_id)


def _state_of(now: int, record: Mapping[bytes, bytes]) -> TableState:
    ages = sorted(_marks_in(now, record).values(), reverse=True)
    return TableState(bool(record), tuple(shapes_in(record.get(b"s", b""))), tuple(ages))


def _record_of(fields: Sequence[bytes]) -> dict[bytes, bytes]:
    """A hash, as Redis answers it."""
    return dict(zip(fields[::2], fields[1::2], strict=True))


def _marks_in(now: int, record: Mapping[bytes, bytes]) -> dict[bytes, float]:
    """The tokens of writes in flight in a table's record, with their ages in seconds."""
    return {
        name[1:]: now - int(value[:_TIME_CHARS])
        for name, value in record.items()
        if name[:1] == b"w"
    }
