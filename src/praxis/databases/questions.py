"""What a server is asked about itself, and how its answer is read. No I/O here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from praxis.databases.positions import Position, end_of_record, parse_lsn, timeline_of

#: The insert position is as late as any record that was written, also those that are not on disk
#: yet: with ``synchronous_commit = off`` a commit is acknowledged before it is. The timeline that
#: a replica receives is told to members of ``pg_monitor`` alone; the one of its last restart point
#: to everybody, up to ``checkpoint_timeout`` later.
STATE = """\
SELECT pg_is_in_recovery()::text,
 CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
  ELSE pg_current_wal_insert_lsn() END::text,
 CASE WHEN pg_is_in_recovery() THEN
  greatest((SELECT received_tli FROM pg_stat_wal_receiver),
   (SELECT timeline_id FROM pg_control_checkpoint()))::text
  ELSE pg_walfile_name(pg_current_wal_insert_lsn()) END,
 pg_size_bytes(current_setting('wal_block_size'))::text,
 pg_size_bytes(current_setting('wal_segment_size'))::text"""

IDENTITY = "SELECT system_identifier::text FROM pg_control_system()"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a server says of itself.

    Attributes:
        is_replica: Whether it follows another server.
        position: How far it has written, or has replayed; None of a replica that replays nothing,
            as those that share their storage.
        identifier: Of its cluster, the same for a primary and its replicas; 0 if it may not say.
        asked_at_s: When it was asked, in monotonic time.
    """

    is_replica: bool
    position: Position | None
    identifier: int = 0
    asked_at_s: float = 0.0


def read_state(row: Sequence[Any], *, identifier: int = 0, asked_at_s: float = 0.0) -> Answer:
    """
    Read the row that `STATE` gives.

    Raises:
        ValueError: if it is none.
    """
    told, lsn, timeline, page_bytes, segment_bytes = row
    if told != "true":
        end = end_of_record(
            parse_lsn(lsn), page_bytes=int(page_bytes), segment_bytes=int(segment_bytes)
        )
        return Answer(False, Position(timeline_of(timeline), end), identifier, asked_at_s)
    if lsn is None or timeline is None:
        return Answer(True, None, identifier, asked_at_s)
    return Answer(True, Position(int(timeline), parse_lsn(lsn)), identifier, asked_at_s)
