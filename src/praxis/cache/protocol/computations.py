"""Results that are computed from several queries: what they depend on, gathered query by query."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from praxis.cache.protocol.calls import (
    MAX_ROWS_NAMED,
    STAMP_BYTES,
    Call,
    Hit,
    Keys,
    Miss,
    Reading,
    fresh_stamp,
    told_by_rows,
)
from praxis.cache.protocol.dependencies import DIGEST_BYTES, digest_of

#: A result names so many conditions of a table; one with more depends on all of the table.
MAX_CONDITIONS = 1000
#: And of all tables so many; one with more is not kept.
_MAX_NAMED = 60_000
#: How long a result stays void: no computation that began before is going to end later.
_FORGOTTEN_MS = 3_600_000
#: What lengths of names and numbers of tables are written in.
_MAX_BYTE = 255
_MAGIC = b"C"
_NO_STAMP = b"." * STAMP_BYTES
_CHANGED = "what it reads was written while it was computed"
_BULK, _ANY, _JOINED = b"b", b"a", b"j"


@dataclass(slots=True)
class TableReads:
    """
    What was read of one table.

    Attributes:
        any: The stamp of any write, as of the first reading.
        bulk: That of writes whose rows are not known; None where only all of it was read.
        whole: The stamp of any write where all of it counts, as of the first reading that said so.
        joined: Rows that only the results told, so that their stamps are not known.
        joined_any: The stamp of any write before these were read.
    """

    any: bytes
    bulk: bytes | None = None
    whole: bytes | None = None
    joined: set[bytes] = field(default_factory=set)
    joined_any: bytes = b""


class Collected:
    """
    What a computation has read so far, each with the stamp that it had before it was read.

    Attributes:
        reason: Why the result must not be kept; "" for none.
        keys: The names that it was read by; None before anything was.
        reads: What was read of each table.
        conditions: The conditions that rows were read by, with their stamps.
        owners: The tables of these, as far as they are known.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.keys: Keys | None = None
        self.reads: dict[str, TableReads] = {}
        self.conditions: dict[bytes, bytes] = {}
        self.owners: dict[bytes, str] = {}

    @property
    def tables(self) -> frozenset[str]:
        """The tables that were read."""
        return frozenset(self.reads)

    def forbid(self, reason: str) -> None:
        """The result must not be kept; the first reason counts."""
        self.reason = self.reason or reason

    def add(
        self,
        keys: Keys,
        reading: Reading,
        stamps: Miss | Hit,
        rows: Mapping[str, Sequence[object]] | None,
        whole: Sequence[str] = (),
    ) -> None:
        """
        A query was read.

        Args:
            keys: The names that it was read by.
            reading: What it depends on.
            stamps: What was answered.
            rows: The keys of joined rows by table; None if they are not known, so that any write
                to these tables counts. Of a hit they are known.
            whole: Tables of which any write counts, as the rows have shown.
        """
        self._enter(keys)
        tables = reading.tables
        own, anys = _stamps(stamps.stamps), _stamps(stamps.anys)
        for place, (table, kind) in enumerate(tables):
            self._read(table, own[place], anys[place], is_whole=kind == _ANY)
            if table in whole:
                self._read_all(table, anys[place])
        owners = reading.owners
        for at, digest in enumerate(reading.digests):
            self._meet(digest, own[len(tables) + at])
            self.owners[digest] = owners[at]
        if isinstance(stamps, Hit):
            self._name([table for table, _ in tables], anys, stamps.named)
            return
        for table, column in reading.joined.items():
            place = next(at for at, (name, _) in enumerate(tables) if name == table)
            found = None if rows is None else rows[table]
            if found is None or len(found) > MAX_ROWS_NAMED:
                self._read_all(table, anys[place])
            else:
                digests = {digest_of(table, (column,), (value,)) for value in found}
                self._join(table, digests, anys[place])

    def add_result(self, keys: Keys, entry: bytes, anys: bytes) -> None:
        """A result that was computed before was shown: it depends on what that did."""
        self._enter(keys)
        layout = _Layout.of(entry)
        any_stamps = _stamps(anys)
        names = [name for _, name in layout.tables]
        for place, (kind, table) in enumerate(layout.tables):
            self._read(table, layout.stamps[place], any_stamps[place], is_whole=kind == _ANY)
        for at, digest in enumerate(layout.digests):
            self._meet(digest, layout.stamps[len(names) + at])
        self._name(names, any_stamps, layout.named)

    def add_all(self, other: "Collected") -> None:
        """What was computed inside has read this."""
        if other.reason:
            self.forbid(other.reason)
        if other.keys is not None:
            self._enter(other.keys)
        for digest, stamp in other.conditions.items():
            self._meet(digest, stamp)
        self.owners.update(other.owners)
        for table, reads in other.reads.items():
            if reads.bulk is not None:
                self._read(table, reads.bulk, reads.any, is_whole=False)
            if reads.whole is not None:
                self._read(table, reads.whole, reads.any, is_whole=True)
            if reads.joined:
                self._join(table, reads.joined, reads.joined_any)

    def keep(
        self,
        keys: Keys,
        name: bytes,
        payload: bytes,
        *,
        lease: bytes,
        ttl_ms: int,
        stale_ms: int,
        strict: bool,
    ) -> Call | None:
        """
        The call that stores *payload*, unless something was written that it depends on.

        Returns:
            None if it must not be kept: `reason` tells why.
        """
        if self.keys is not None and self.keys.era != keys.era:
            self.forbid("Redis began anew while it was computed")
        if len(self.reads) > _MAX_BYTE or any(
            len(table.encode()) > _MAX_BYTE for table in self.reads
        ):
            self.forbid("it reads more tables than can be named")
        if self.reason:
            return None
        read = Counter(self.owners.values())
        shown = [self._shown(reads, read[table]) for table, reads in self.reads.items()]
        all_of = {
            table for table, (kind, *_) in zip(self.reads, shown, strict=True) if kind == _ANY
        }
        conditions = {
            digest: stamp
            for digest, stamp in self.conditions.items()
            if self.owners.get(digest) not in all_of
        }
        joined = {
            digest
            for reads, (kind, *_) in zip(self.reads.values(), shown, strict=True)
            if kind == _JOINED
            for digest in reads.joined
        } - conditions.keys()
        if len(conditions) + len(joined) > _MAX_NAMED:
            self.forbid("it depends on more rows than can be named")
            return None
        args: list[bytes | int] = [fresh_stamp(), ttl_ms, int(strict), len(shown), keys.conditions]
        args += [b"".join([stamp for _, stamp, _ in shown] + list(conditions.values()))]
        args += [
            b"".join(any_ for *_, any_ in shown),
            payload,
            b"".join(sorted(joined)),
            lease[:STAMP_BYTES],
        ]
        args += [self._names(shown, list(conditions)), stale_ms, lease[STAMP_BYTES:]]
        args += [kind for kind, *_ in shown]
        records = map(keys.record, self.reads)
        named = map(keys.condition, conditions)
        return [keys.result(name), *records, *named], [*args, *conditions]

    def _names(
        self, shown: Sequence[tuple[bytes, bytes, bytes]], digests: Sequence[bytes]
    ) -> bytes:
        parts = [_MAGIC, len(shown).to_bytes(1, "big")]
        for table, (kind, *_) in zip(self.reads, shown, strict=True):
            name = table.encode()
            parts += (_ANY if kind == _ANY else _BULK, len(name).to_bytes(1, "big"), name)
        return b"".join([*parts, len(digests).to_bytes(2, "big"), *digests])

    @staticmethod
    def _shown(reads: TableReads, conditions: int) -> tuple[bytes, bytes, bytes]:
        """The kind, the stamp and the stamp of any write that a table is kept with."""
        if reads.whole is not None:
            return _ANY, reads.whole, reads.any
        bulk = reads.bulk or _NO_STAMP
        if conditions + len(reads.joined) > MAX_CONDITIONS:
            return _ANY, reads.any, reads.any
        return (_JOINED, bulk, reads.joined_any) if reads.joined else (_BULK, bulk, reads.any)

    def _enter(self, keys: Keys) -> None:
        if self.keys is None:
            self.keys = keys
        elif self.keys.era != keys.era:
            self.forbid("Redis began anew while it was computed")

    def _read(self, table: str, stamp: bytes, any_: bytes, *, is_whole: bool) -> None:
        reads = self.reads.get(table)
        if reads is None:
            reads = self.reads[table] = TableReads(any_)
        elif reads.any != any_:
            reads.any = _NO_STAMP  # so that nothing is kept that would have to rest on it
        if is_whole:
            self._read_all(table, stamp)
        elif reads.bulk is None:
            reads.bulk = stamp
        elif reads.bulk != stamp:
            self.forbid(_CHANGED)

    def _read_all(self, table: str, any_: bytes) -> None:
        reads = self.reads[table]
        if reads.whole is None:
            reads.whole = any_
        elif reads.whole != any_:
            self.forbid(_CHANGED)

    def _meet(self, digest: bytes, stamp: bytes) -> None:
        if self.conditions.setdefault(digest, stamp) != stamp:
            self.forbid(_CHANGED)

    def _join(self, table: str, digests: set[bytes], any_: bytes) -> None:
        reads = self.reads[table]
        reads.joined |= digests
        reads.joined_any = reads.joined_any or any_
        if reads.joined_any != any_:  # it is not known since when the ones stand
            self.forbid(_CHANGED)

    def _name(self, tables: Sequence[str], anys: Sequence[bytes], named: bytes) -> None:
        for at in range(0, len(named), DIGEST_BYTES + STAMP_BYTES):
            digest = named[at : at + DIGEST_BYTES]
            place = int.from_bytes(digest, "big") - 1
            if place < _MAX_BYTE:
                self._read_all(tables[place], anys[place])
            else:
                stamp = named[at + DIGEST_BYTES : at + DIGEST_BYTES + STAMP_BYTES]
                self._meet(digest, stamp)


@dataclass(frozen=True, slots=True)
class _Layout:
    """An entry, taken apart."""

    tables: Sequence[tuple[bytes, str]]
    digests: Sequence[bytes]
    stamps: Sequence[bytes]
    named: bytes

    @classmethod
    def of(cls, entry: bytes) -> "_Layout":
        tables: list[tuple[bytes, str]] = []
        at = 2
        for _ in range(entry[1]):
            size = entry[at + 1]
            name = entry[at + 2 : at + 2 + size].decode()
            tables.append((entry[at : at + 1], name))
            at += 2 + size
        count = int.from_bytes(entry[at : at + 2], "big")
        at += 2
        digests = _stamps(entry[at : at + DIGEST_BYTES * count])
        at += DIGEST_BYTES * count
        end = at + STAMP_BYTES * (len(tables) + count)
        named, _ = told_by_rows(entry[end:])
        return cls(tables, digests, _stamps(entry[at:end]), named)


def _stamps(joined: bytes) -> list[bytes]:
    return [joined[at : at + STAMP_BYTES] for at in range(0, len(joined), STAMP_BYTES)]


def recall(keys: Keys, name: bytes, *, lease_ms: int, stale_ms: int, strict: bool) -> Call:
    """The call that answers a result, or a lease to compute it by."""
    args: list[bytes | int] = [fresh_stamp(), int(strict), keys.records, keys.conditions]
    return [keys.result(name)], [*args, lease_ms, stale_ms]


def release(keys: Keys, name: bytes, lease: bytes, *, pause_ms: int) -> Call:
    """The call that lets those go on who wait for a result, and the next ones not wait at all."""
    return [keys.result(name)], [fresh_stamp(), lease[:STAMP_BYTES], pause_ms]


def forget(keys: Keys, name: bytes) -> Call:
    """The call that voids a result, also one that is being computed."""
    return [keys.result(name)], [fresh_stamp(), _FORGOTTEN_MS]
