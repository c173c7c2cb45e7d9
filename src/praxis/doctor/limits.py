"""From where on something is told. Bounds that are somebody else's rule name their source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    The bounds of every check.

    Attributes:
        statistics_age_s: How long a server must have counted before what it never counted is told.
        table_rows: Smaller tables are read whole without harm.
        index_bytes: Smaller indexes cost next to nothing.
        connection_share: Of all connections; more in use leaves too little for a peak.
        idle_transaction_s: How long a transaction may wait for its client.
        sequence_share: Of a sequence's range; what is left should outlast the next big change.
        hit_share: Of blocks that should be found in memory. PostgreSQL's shared buffers and Redis.
        hit_blocks: Reads below which a share means nothing.
        dead_share: Of a table's rows; twice what autovacuum allows by default.
        dead_rows: Fewer are not told.
        frozen_transactions: Age of the oldest transaction. At 2 thousand million the server stops
            writing (PostgreSQL, Routine Vacuuming); autovacuum should act at 200 million.
        lag_s: How late a replica may be.
        held_wal_bytes: WAL that a slot may keep.
        statement_ms: The mean time of a statement that is asked for often.
        statements_told: The worst so many statements.
        memory_share: Of ``maxmemory``.
        big_key_bytes: Of one key. To read or delete it takes milliseconds of everybody's time.
        sampled_keys: So many keys at most are looked at.
        lasting_share: Of a cache's keys that may have no end.
        slow_command_us: Of a command in Redis' slow log.
        round_trip_ms: To Redis: the median.
        queue_length: Tasks that wait.
        queue_age_s: How old the next task may be.
        unacknowledged_s: Since a worker took a task; kombu's visibility timeout.
        certificate_days: What is left of a certificate.
        static_s: The least age of a static file in caches whose name holds a hash.
        open_files: The least limit of a process that serves.
        process_memory_share: Of the machine's memory, for all processes that serve.
    """

    statistics_age_s: float = 7 * 86_400
    table_rows: int = 10_000
    index_bytes: int = 1 << 20
    connection_share: float = 0.8
    idle_transaction_s: float = 60.0
    sequence_share: float = 0.7
    hit_share: float = 0.9
    hit_blocks: int = 100_000
    dead_share: float = 0.4
    dead_rows: int = 10_000
    frozen_transactions: int = 500_000_000
    lag_s: float = 10.0
    held_wal_bytes: int = 1 << 30
    statement_ms: float = 100.0
    statements_told: int = 5
    memory_share: float = 0.9
    big_key_bytes: int = 1 << 20
    sampled_keys: int = 2_000
    lasting_share: float = 0.5
    slow_command_us: int = 10_000
    round_trip_ms: float = 5.0
    queue_length: int = 10_000
    queue_age_s: float = 600.0
    unacknowledged_s: float = 3600.0
    certificate_days: float = 21.0
    static_s: int = 86_400 * 30
    open_files: int = 4_096
    process_memory_share: float = 0.8
