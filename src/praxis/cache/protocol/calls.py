"""The scripts, the arguments that they take, and what their answers mean."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from praxis.cache.protocol.dependencies import (
    DIGEST_BYTES,
    Dependency,
    Joined,
    Matching,
    Whole,
    digest_of,
)

STAMP_BYTES = 8
#: Kinds of conditions that a table may have in use; `read.lua` counts them.
MAX_SHAPES = 16
#: An entry names so many rows of joined tables; one with more depends on all of their table.
MAX_ROWS_NAMED = 200
#: A write names so many conditions of a table; one with more counts for all of them.
MAX_CONDITIONS_WRITTEN = 200
#: What stands for conditions of all kinds.
ALL = b"*"


def _text(*names: str) -> str:
    folder = files(__package__)
    return "".join(folder.joinpath(f"{part}.lua").read_text("utf-8") for part in ("era", *names))


READ, RECALL, FILL, RELEASE = (
    _text("lease", name) for name in ("read", "recall", "fill", "release")
)
MARK, SETTLE, RESOLVE, FORGET, LOOK = (
    _text(name) for name in ("mark", "settle", "resolve", "forget", "look")
)
VOID, SURVEY = (_text(name) for name in ("void", "survey"))
#: The same, where the database may hold words of writes that Redis was not told of.
READ_LOOKED, RECALL_LOOKED = (_text("looked", "lease", name) for name in ("read", "recall"))

#: The lease of those who may wait for another one.
WAIT = b"?"


class Bypass(Enum):
    """Why a result is neither taken from the cache nor put there."""

    WRITE_IN_FLIGHT = -1
    SHAPE_DURING_WRITE = -2
    TOO_MANY_SHAPES = -3


@dataclass(frozen=True, slots=True)
class Hit:
    """
    A result that is current.

    Attributes:
        stamps: Of its dependencies, where they were asked for; *anys* likewise.
        named: What the rows told besides: digests, each with its stamp.
    """

    payload: bytes
    stamps: bytes = b""
    anys: bytes = b""
    named: bytes = b""


@dataclass(frozen=True, slots=True)
class Miss:
    """
    What the entry is to be filled with: *stamps* that were read before the statement runs.

    Attributes:
        anys: The stamps of any write to each table.
        lease: A token for the one who makes the entry; `WAIT` for those who may wait for it.
    """

    stamps: bytes
    anys: bytes
    lease: bytes = b""


@dataclass(frozen=True, slots=True)
class LookFirst:
    """
    Nobody has looked lately for words that were left in the database; see `look`.

    Attributes:
        begun_ms: The server's time: a look that begins now may count from then on.
    """

    begun_ms: int


Call = tuple[list[bytes], list[bytes | int]]


def told_by_rows(entry: bytes) -> tuple[bytes, bytes]:
    """The digests that an entry goes on with, each with its stamp; and its payload."""
    payload = 2 + int.from_bytes(entry[:2], "big") * (DIGEST_BYTES + STAMP_BYTES)
    return entry[2:payload], entry[payload:]


def fresh_stamp() -> bytes:
    """Bytes that nobody ever had before."""
    return os.urandom(STAMP_BYTES)


def shapes_in(used: bytes) -> list[str]:
    """The shapes of a table, from the one text that its record and the scripts have them in."""
    return [shape for shape in used.decode().split(";") if shape]


@lru_cache(maxsize=1024)
def columns_in(used: bytes) -> tuple[tuple[str, ...], ...]:
    """The columns of each of `shapes_in`."""
    return tuple(tuple(shape.split(",")) for shape in shapes_in(used))


class Keys:
    """
    The names of all keys of one database in one era.

    Args:
        name: Of the database. It is the hash tag: all that one script touches is in one slot.
        run_id: Of the server, as the connection knows it.
        era: The one that the server answered last. Another one knows nothing of this one, so that
            neither a restored snapshot nor a promoted replica can tell of the past.
    """

    __slots__ = (
        "_entries", "_era_key", "_life", "_results", "conditions", "era", "looked", "records",
        "run_id",
    )  # fmt: skip

    def __init__(self, name: str, run_id: bytes, era: bytes = b"") -> None:
        self.run_id, self.era = run_id, era
        base = f"praxis:{{{name}}}:".encode()
        self._era_key = base + b"era"
        self._life = len(run_id) + STAMP_BYTES
        base += era[len(run_id) : self._life].hex().encode() + b":"
        self._entries, self.records, self.conditions = base + b"e", base + b"t", base + b"c"
        self._results, self.looked = base + b"r", base + b"looked"

    @property
    def life(self) -> str:
        """The era as keys carry it."""
        return self.era[len(self.run_id) : self._life].hex()

    @property
    def begun_ms(self) -> int:
        """When the era began, by the server's clock."""
        return int(self.era[self._life :] or 0)

    def entry(self, digest: bytes) -> bytes:
        return self._entries + digest

    def result(self, digest: bytes) -> bytes:
        return self._results + digest

    def record(self, table: str) -> bytes:
        return self.records + table.encode()

    def condition(self, digest: bytes) -> bytes:
        return self.conditions + digest

    def within_era(self, call: Call) -> Call:
        """The call as scripts take it: refused in any other era."""
        keys, args = call
        return [self._era_key, *keys], [self.era, self.run_id, *args]

    def after_a_look(self, call: Call, early_ms: int) -> Call:
        """
        The call as scripts take it that begin with ``looked.lua``.

        Args:
            call: Of a read.
            early_ms: So long before a look is over one reader is sent to look again.
        """
        keys, (fresh, *args) = call
        return [self.looked, *keys], [fresh, early_ms, *args]

    def look(self, begun_ms: int, counts_ms: int) -> Call:
        """
        The call that says that a look has ended, and all that it found is void.

        Args:
            begun_ms: What `LookFirst` said before it.
            counts_ms: How long it counts from then on.
        """
        return [self.looked], [fresh_stamp(), begun_ms, counts_ms]

    @staticmethod
    def other_era(answer: object) -> bytes | None:
        """The era that the server is in, if it refused the call for that; else None."""
        if isinstance(answer, list) and len(answer) == 3 and answer[0] == b"era":
            era: bytes = answer[1]
            return era
        return None


def any_of(place: int) -> bytes:
    """What names, among digests, any write to the table at a place."""
    return (place + 1).to_bytes(DIGEST_BYTES, "big")


class Reading:
    """One result that is to be read or filled: its key and what it depends on."""

    __slots__ = ("_digests", "_entry", "_joined", "_kinds", "_owners", "_tables")

    def __init__(self, entry: bytes, dependencies: Sequence[Dependency]) -> None:
        whole = {one.table for one in dependencies if isinstance(one, Whole)}
        kinds: dict[str, tuple[bytes, str]] = dict.fromkeys(sorted(whole), (b"a", ""))
        self._entry, self._joined = entry, dict[str, str]()
        self._digests, self._owners = list[bytes](), list[str]()
        # in an order that all processes have: an entry counts under its stamps in their order
        for one in sorted(dependencies, key=lambda one: one.table):
            if one.table in whole or isinstance(one, Whole):
                continue
            kind = b"j" if isinstance(one, Joined) else b"b"
            known = kinds.setdefault(one.table, (kind, one.shape))
            if known != (kind, one.shape):  # as two tables of one name in a query: told apart
                raise ValueError(f"two kinds of dependency on one table: {one.table}")
            if isinstance(one, Matching):
                self._digests += (digest_of(one.table, one.columns, row) for row in one.values)
                self._owners += [one.table] * len(one.values)
            else:
                self._joined[one.table] = one.column
        self._tables = list(kinds)
        self._kinds = [kind + shape.encode() for kind, shape in kinds.values()]

    @property
    def _layout(self) -> tuple[list[str], list[bytes], list[str], dict[str, str]]:
        return self._tables, self._kinds, self._owners, self._joined

    @property
    def count(self) -> int:
        """How many conditions it depends on."""
        return len(self._digests)

    def like(self, entry: bytes, digests: list[bytes]) -> "Reading":
        """The same tables in the same way, with other conditions of the same columns."""
        other = Reading.__new__(Reading)
        other._entry, other._digests = entry, digests  # noqa: SLF001 - of its own kind
        other._tables, other._kinds, other._owners, other._joined = self._layout  # noqa: SLF001
        return other

    def keys(self, keys: Keys) -> list[bytes]:
        return [
            keys.entry(self._entry),
            *map(keys.record, self._tables),
            *map(keys.condition, self._digests),
        ]

    def read(
        self, keys: Keys, *, ttl_ms: int, strict: bool, lease_ms: int = 0, told: bool = False
    ) -> Call:
        """
        The call that answers a hit, or what to fill the entry with.

        Args:
            keys: Of the era.
            ttl_ms: How long conditions live that are not there yet.
            strict: Whether to keep off what is being written.
            lease_ms: For how long the first one who misses may keep others waiting.
            told: Whether a hit is to tell what it depends on.
        """
        start: list[bytes | int] = [fresh_stamp(), ttl_ms, int(strict), len(self._tables)]
        start += [keys.conditions, lease_ms, int(told)]
        return self.keys(keys), [*start, *self._kinds]

    @staticmethod
    def answer(answer: Any) -> Hit | Miss | Bypass | LookFirst:
        """What the answer to `read` means."""
        if isinstance(answer, bytes):
            return Hit(answer)
        if isinstance(answer, int):
            return Bypass(answer)
        if len(answer) == 1:
            return LookFirst(int(answer[0]))
        if len(answer) == 3:
            return Miss(*answer)
        stamps, anys, entry, _ = answer
        named, payload = told_by_rows(entry)
        return Hit(payload, stamps, anys, named)

    def fill(
        self,
        keys: Keys,
        miss: Miss,
        payload: bytes,
        rows: Mapping[str, Sequence[object]],
        *,
        whole: Sequence[str] = (),
        ttl_ms: int,
        strict: bool,
    ) -> Call:
        """
        The call that stores *payload*, unless something was written since `read`.

        Args:
            keys: The names that `read` was called with.
            miss: What it answered.
            payload: The result.
            rows: The keys of the rows of each joined table that the result holds.
            whole: Tables of which any write counts after all.
            ttl_ms: How long it is kept.
            strict: As of `read`.
        """
        named = [self._any_of(table) for table in whole]
        for table, column in self._joined.items():
            values = rows[table]
            if len(values) + len(named) > MAX_ROWS_NAMED:
                named.append(self._any_of(table))
            else:
                named += (digest_of(table, (column,), (value,)) for value in values)
        start: list[bytes | int] = [fresh_stamp(), ttl_ms, int(strict), len(self._tables)]
        start += [keys.conditions, miss.stamps, miss.anys, payload, b"".join(named), miss.lease]
        start += [
            b"",
            0,
            b"",
        ]  # whoever reads it knows what it depends on; nobody is shown an old one
        kinds = [kind[:1] for kind in self._kinds]
        return self.keys(keys), [*start, *kinds, *self._digests]

    @property
    def entry(self) -> bytes:
        """What the result is called."""
        return self._entry

    def depends_on(self, keys: Keys, named: bytes) -> list[bytes]:
        """The keys of all that a hit depends on, with what its rows told."""
        size = DIGEST_BYTES + STAMP_BYTES
        digests = [named[at : at + DIGEST_BYTES] for at in range(0, len(named), size)]
        return [*self.keys(keys)[1:], *map(keys.condition, digests)]

    def release(self, keys: Keys, lease: bytes, *, pause_ms: int) -> Call:
        """The call that lets those go on who wait, and the next ones not wait for a while."""
        return [keys.entry(self._entry)], [fresh_stamp(), lease, pause_ms]

    @property
    def tables(self) -> Sequence[tuple[str, bytes]]:
        """The tables in the order of their stamps, each with its kind: "a", "b" or "j"."""
        return [(table, kind[:1]) for table, kind in zip(self._tables, self._kinds, strict=True)]

    @property
    def digests(self) -> Sequence[bytes]:
        """The conditions, in the order of their stamps, which follow those of the tables."""
        return self._digests

    @property
    def owners(self) -> Sequence[str]:
        """The table of each of `digests`."""
        return self._owners

    @property
    def joined(self) -> Mapping[str, str]:
        """The keys of the tables of which only the rows tell."""
        return self._joined

    def _any_of(self, table: str) -> bytes:
        """What names, among digests, any write to a table."""
        return any_of(self._tables.index(table))


@dataclass(slots=True)
class Written:
    """What a transaction wrote to one table, as far as it knows: None for rows of any kind."""

    conditions: dict[tuple[str, ...], set[tuple[object, ...]]] | None = field(default_factory=dict)

    def digests(self, table: str, used: bytes) -> bytes:
        """The conditions of all shapes in use that the rows met or meet, or `ALL`."""
        if self.conditions is None:
            return ALL
        found: list[bytes] = []
        for columns in columns_in(used):
            rows = self.conditions.get(columns)
            if rows is None:
                return ALL
            found += (digest_of(table, columns, row) for row in rows)
        return b"".join(found) if len(found) <= MAX_CONDITIONS_WRITTEN else ALL


class Writing:
    """
    One transaction's writes, from just before its commit until its outcome is known.

    Args:
        written: By table.
        shapes: The shapes that were known to be in use when it began; see `learn`.
    """

    __slots__ = ("_shapes", "_values", "token", "written")

    def __init__(
        self, written: Mapping[str, Written], shapes: Mapping[str, bytes] | None = None
    ) -> None:
        self.token = fresh_stamp()
        self.written = dict(written)
        self._shapes = {table: (shapes or {}).get(table, b";") for table in written}
        self._values: dict[str, bytes] = {}

    def mark(self, keys: Keys) -> Call:
        """The call that keeps readers off until `settle`."""
        args: list[bytes | int] = [fresh_stamp(), self.token]
        self.know(self.written)
        for table in self.written:
            args += (self._shapes[table], self._values[table])
        return [keys.record(table) for table in self.written], args

    def learn(self, answer: object) -> Mapping[str, bytes] | None:
        """None if the mark stands; else the shapes in use, and it is to be marked again."""
        if answer == 1:
            return None
        used: Sequence[bytes] = answer  # type: ignore[assignment]  # nothing else is answered
        self._shapes = dict(zip(self.written, used, strict=True))
        return self._shapes

    def know(self, written: Mapping[str, Written]) -> None:
        """Settle with this, which became known after `mark` had to count for all rows."""
        for table, one in written.items():
            self._values[table] = one.digests(table, self._shapes[table])

    def conditions(self) -> dict[str, int | None]:
        """By table how many conditions are settled; None for all of them."""
        return {
            table: None if value == ALL else len(value) // DIGEST_BYTES
            for table, value in self._values.items()
        }

    def settle(self, keys: Keys, *, written: bool) -> Call:
        """
        The call that lets readers in again.

        Args:
            keys: Of the server as it is now, which may be another than was marked.
            written: Whether it was committed, or may have been.
        """
        args: list[bytes | int] = [fresh_stamp(), self.token, int(written), len(self.written)]
        conditions: list[bytes] = []
        for table, value in self._values.items():
            args += (self._shapes[table], ALL if value == ALL else b"")
            if value != ALL:
                conditions += (
                    value[at : at + DIGEST_BYTES] for at in range(0, len(value), DIGEST_BYTES)
                )
        records = [keys.record(table) for table in self._values]
        return [*records, *map(keys.condition, conditions)], args
