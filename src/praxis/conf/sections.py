"""What can be set: the sections of ``settings.PRAXIS``, of which these are the reference."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from praxis.conf.fields import (
    MAX_TTL_S,
    bounded,
    each,
    named,
    not_negative,
    one_of,
    texts,
    texts_by_name,
    up_to,
)


class Secret:
    """A string that never shows itself; ``reveal()`` gives it to whoever has to know."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisConfig:
    """
    A Redis (6.2 or newer) or Valkey that Praxis uses.

    Attributes:
        url: ``redis://[user:password@]host[:port][/database]``, ``rediss://`` for TLS,
            ``unix:///path``, ``redis+sentinel://host:port,host:port/service[/database]``,
            ``redis+cluster://host:port,host:port``, or ``cache:ALIAS`` for the server of
            ``CACHES["ALIAS"]``; None where there is no server.
        timeout_s: How long a connection or an answer may take; above 0.
        failures: After how many failures in a row calls fail at once instead of being tried; a
            timeout suffices alone; above 0.
        probe_s: How long such a server is left alone at most before one call tries it; above 0.
    """

    url: Secret | None = None
    timeout_s: float = bounded(0.25, above=0)
    failures: int = bounded(3, above=0)
    probe_s: float = bounded(1.0, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCacheConfig:
    """
    How queries of a model are cached.

    Attributes:
        ttl_s: How long a result is kept at most; above 0, at most ten years. Whatever is written
            ends it at once.
        automatic: Whether every query is cached, and not only those that ask by ``cached()``.
    """

    ttl_s: float = bounded(3600.0, above=0, at_most=MAX_TTL_S)
    automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCacheConfig:
    """
    How pages are kept by `praxis.cache.CacheMiddleware`.

    Attributes:
        ttl_s: How long a page is kept at most; above 0, at most ten years. What is written ends
            it at once.
        stale_s: How old a page may be that others get while one request computes it anew.
        vary: The dimensions that a page differs in, besides host, language and time zone.
        ignore_params: Parameters of the query string that do not count, by name or as ``utm_*``.
            The view does not see them.
        headers: Further headers of responses that are the same for everybody, so that responses
            that have them can be kept.
        using: The alias of the database whose data the pages are made of.
        automatic: Whether pages of these paths are kept. False lets paths out that a later
            pattern would fit.
    """

    ttl_s: float = bounded(60.0, above=0, at_most=MAX_TTL_S)
    stale_s: float = not_negative(0.0)
    vary: tuple[str, ...] = texts()
    ignore_params: tuple[str, ...] = texts()
    headers: tuple[str, ...] = texts()
    using: str = "default"
    automatic: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheConfig:
    """
    The cache of query results, and of what is computed from them.

    Attributes:
        models: The models whose queries are cached, by ``app.model`` or ``app.*``. The first
            that fits counts. A query is cached if all tables it reads belong to such models.
        redis: Which of the servers holds it, by its alias.
        near_s: Seconds, from 0 to 60: a process may answer from its own memory what was voided no
            longer ago than that. With 0 Redis is asked each time.
        near_entries: How many results a process holds in its memory at most; above 0.
        strict: Whether readers keep off what is being written, so that they agree on the order of
            commits. Without they are answered what still counts until the commit is acknowledged:
            rows that are written all the time are then cached all the same.
        wait_s: Of several that ask the same at once one asks the database, and the others wait for
            it so long at most, before they ask themselves: from 0, for no waiting, to 60.
        verify_share: The share of hits, from 0 to 1, that are compared with the database, which
            costs its query each time. A difference is an error in the log and a `StaleResult`.
        when_unreachable: What becomes of a write to cached tables while Redis cannot be told of
            it: ``refuse`` ends it with `CacheUnavailableError`; ``bypass`` lets it go on and
            leaves word of it in the database, for which ``praxis.cache.changes`` has to be
            among the ``INSTALLED_APPS``.
        outside_writes: Whether triggers leave word of what other programs write; see
            ``manage.py praxis_cache_triggers``.
        look_every_ms: Where words are left, readers look for them so often; above 0. It is also
            how long what other programs wrote may go unnoticed, and how long the first writes
            wait while Redis is gone. The same for all processes.
        views: The pages that `praxis.cache.CacheMiddleware` keeps, by the pattern of their path,
            such as ``/shop/*``. The first that fits counts.
        dimensions: What kept results may vary on, by name: the dotted path of a function that is
            given the request or None, ``header:NAME``, ``cookie:NAME`` or ``attribute:NAME`` of
            the request. They come besides those of `praxis.cache.dimensions`, or replace them.
        version: What a deployment calls itself. Views, fragments and functions that were kept
            under another one are computed anew.
    """

    models: Mapping[str, ModelCacheConfig] = each(ModelCacheConfig)
    redis: str = "default"
    near_s: float = up_to(60, default=0.0)
    near_entries: int = bounded(10_000, above=0)
    strict: bool = True
    wait_s: float = up_to(60, default=1.0)
    verify_share: float = up_to(1, default=0.0)
    when_unreachable: str = one_of("refuse", "bypass")
    outside_writes: bool = False
    look_every_ms: int = bounded(1000, above=0)
    views: Mapping[str, ViewCacheConfig] = each(ViewCacheConfig)
    dimensions: Mapping[str, str] = texts_by_name()
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLimitConfig:
    """
    How often requests to some paths are answered by `praxis.ratelimit.RateLimitMiddleware`.

    Attributes:
        rates: Such as ``100/m``, or several with commas; see `praxis.ratelimit.Limiter`.
        key: Whom is counted: ``address``, ``user`` (and the address of who is not logged in),
            ``path``, ``header:NAME``, ``all`` for everybody together, or the dotted path of a
            function of the request.
        methods: The methods that count; all of them unless said otherwise.
        algorithm: ``window``, ``gcra``, ``fixed`` or ``bucket``.
        burst: Of ``gcra`` and ``bucket``: how many may come at once; 0 for their own default.
        dry_run: Whether refusals are only announced.
        on_error: As of ``PRAXIS["ratelimit"]``; empty for what is said there.
    """

    rates: str = "100/m"
    key: str = "address"
    methods: tuple[str, ...] = texts()
    algorithm: str = one_of("window", "gcra", "fixed", "bucket")
    burst: int = not_negative(0)
    dry_run: bool = False
    on_error: str = one_of("", "fallback", "open", "closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginLimitConfig:
    """
    How often `praxis.ratelimit.LoginLimitBackend` lets somebody try to log in.

    What succeeds is not counted. Several rates make waits that grow with the failures.

    Attributes:
        address: From one address, whatever the account.
        pair: To one account from one address.
        account: To one account from all addresses together but those that it is known to log in
            from: strangers who use it up keep strangers out, and not the owner.
        known_days: How long an address is known after the last login from there; above 0.
    """

    address: str = "30/m, 300/h"
    pair: str = "5/m, 20/h, 50/day"
    account: str = "100/h, 500/day"
    known_days: int = bounded(90, above=0, at_most=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitConfig:
    """
    Limits on how often things happen.

    Attributes:
        redis: Which of the servers counts, by its alias.
        on_error: What to do while it does not answer: ``fallback`` counts in each process,
            ``open`` lets everything in, ``closed`` nothing.
        processes: How many processes share what ``fallback`` lets in; above 0.
        keys_in_memory: How many keys a limiter holds in a process at most; above 0.
        ipv6_prefix: Addresses of IPv6 that share so many bits are one; from 0 to 128.
        follow_s: After how many seconds a process asks for changes that were made while the site
            runs; 0 for never. See `praxis.ratelimit.live`.
        allow: Addresses and networks that no rule of a path and no decorator limits.
        deny: Those that they never let in.
        paths: The limits of `praxis.ratelimit.RateLimitMiddleware`, by the pattern of the path,
            such as ``/api/*``. All that fit count.
        login: The limits of logging in.
    """

    redis: str = "default"
    on_error: str = one_of("fallback", "open", "closed")
    processes: int = bounded(1, above=0)
    keys_in_memory: int = bounded(10_000, above=0)
    follow_s: float = not_negative(5.0)
    ipv6_prefix: int = up_to(128, default=64)
    allow: tuple[str, ...] = texts()
    deny: tuple[str, ...] = texts()
    paths: Mapping[str, PathLimitConfig] = each(PathLimitConfig)
    login: LoginLimitConfig = field(
        default_factory=LoginLimitConfig, metadata={"section": LoginLimitConfig}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksConfig:
    """
    Locks and semaphores.

    Attributes:
        redis: Which of the servers holds them, by its alias.
        replicas: So many replicas have to know of a lock before it counts as held, unless the lock
            itself says how many; at least 0.
    """

    redis: str = "default"
    replicas: int = not_negative(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingsConfig:
    """
    Rankings, counters and trending lists.

    Attributes:
        redis: Which of the servers holds them, by its alias: one that does not evict.
        on_error: What becomes of a call while it does not answer: ``closed`` raises
            `RedisUnavailableError`; ``open`` answers as if the board were empty, and drops and
            counts what is written.
        replicas: So many replicas have to have a score before it counts as written, unless the
            board itself says how many; at least 0.
    """

    redis: str = "default"
    on_error: str = one_of("closed", "open")
    replicas: int = not_negative(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelConfig:
    """
    A channel of `praxis.realtime`, or all those that a pattern such as ``user:{pk}`` fits.

    Attributes:
        authorise: Who may subscribe: ``all``, ``authenticated``, ``staff``, ``owner`` for the user
            whose key is the ``{pk}`` of the pattern, ``nobody``, or the dotted path of a function,
            async or not, that is given the request and the parts of the pattern by name.
        history: How many events are kept at least for who comes back; above 0, at most 100,000.
        ttl_s: How long they are kept after the last of them; above 0, at most ten years.
        presence: Whether subscribers are told who else is there.
    """

    authorise: str = "nobody"
    history: int = bounded(1000, above=0, at_most=100_000)
    ttl_s: float = bounded(86_400.0, above=0, at_most=MAX_TTL_S)
    presence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RealtimeConfig:
    """
    Events that are pushed to browsers.

    Attributes:
        redis: Which of the servers carries them, by its alias.
        channels: What can be published to and subscribed, by name or pattern: in ``user:{pk}``
            the braces stand for letters, digits, ``_``, ``.`` and ``-``. A name that is written
            out counts before patterns; of these the first that fits.
        on_error: What `praxis.realtime.publish` does while Redis does not answer: ``open`` drops
            the event and announces that, ``closed`` raises.
        max_bytes: How long an event may be as JSON; above 0, at most a million.
        max_channels: How many channels a client may subscribe at once; above 0, at most 100.
        max_connections: How many clients a process takes; further ones are answered 503. 0 for
            as many as its limit of open files leaves room for.
        heartbeat_s: How often a client hears something at least; above 0.
        retry_s: After how long, more or less, a client that was cut off comes back; above 0.
        slow_s: A client that takes nothing for so long is dropped; above 0.
        authorise_again_s: How often it is looked up whether a client still may; above 0.
    """

    redis: str = "default"
    channels: Mapping[str, ChannelConfig] = each(ChannelConfig)
    on_error: str = one_of("open", "closed")
    max_bytes: int = bounded(65_536, above=0, at_most=1_000_000)
    max_channels: int = bounded(20, above=0, at_most=100)
    max_connections: int = not_negative(0)
    heartbeat_s: float = bounded(15.0, above=0)
    retry_s: float = bounded(2.0, above=0)
    slow_s: float = bounded(30.0, above=0)
    authorise_again_s: float = bounded(300.0, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsConfig:
    """
    Sessions, with ``SESSION_ENGINE = "praxis.sessions"``.

    Attributes:
        redis: Which of the servers holds them, by its alias: one that does not evict, and not the
            one of a cache that is flushed.
        max_bytes: How long a session may be; above 0, at most a million.
        pack_above: A value of more bytes is compressed; above 0.
        max_per_user: How many sessions a user may have at the same time; the ones that were begun
            first end. 0 for any number.
        adopt_from: The engine that was used before, such as
            ``django.contrib.sessions.backends.db``: sessions that are there and not here are taken
            over, so that nobody is logged out.
        replicas: So many replicas have to have what was written or ended before a request goes on,
            so that a fail-over to one of them loses none of it; at least 0.
        durable: Where to copy sessions to Django's table, so that they outlive a Redis that lost
            them: ``write_through`` before a request goes on, ``write_behind`` by a thread within
            *behind_s*; empty for no copies. ``django.contrib.sessions`` has to be installed.
        behind_s: For how long a copy may be owed; above 0. So much of what was changed is lost when
            Redis and the process are lost together.
        rotate: Whether a session gets a new key when its user has got other rights.
        on_error: What to do while Redis does not answer: ``closed`` answers 503; ``fallback`` reads
            sessions from their copies, so that only what changes them is answered 503.
    """

    redis: str = "default"
    max_bytes: int = bounded(65_536, above=0, at_most=1_000_000)
    pack_above: int = bounded(4096, above=0)
    max_per_user: int = not_negative(0)
    adopt_from: str = ""
    replicas: int = not_negative(0)
    durable: str = one_of("", "write_through", "write_behind")
    behind_s: float = bounded(5.0, above=0)
    rotate: bool = True
    on_error: str = one_of("closed", "fallback")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportsConfig:
    """
    Streamed exports, of `praxis.exports`.

    Attributes:
        connections: How many exports a process streams at the same time under ASGI, each on a
            connection to the database of its own; further ones wait. Above 0.
        stall_s: After how many seconds a client under ASGI that takes nothing is let go of, and its
            connection to the database freed; above 0.
    """

    connections: int = bounded(4, above=0)
    stall_s: float = bounded(60.0, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabasesConfig:
    """
    Reads from replicas of PostgreSQL, with `praxis.databases.ReplicaRouter`.

    Attributes:
        replicas: The alias of each replica with that of its primary. Without it they are those
            that ``DATABASES`` calls ``MIRROR`` of another one, and where there is none either the
            servers are asked which of them follows which.
        balanced: Aliases behind which a load balancer chooses among several servers.
        max_lag_s: A replica that is later than this is not read; above 0, at most 100.
        poll_s: How often each process looks at each server, in the middle; above 0.
        timeout_s: A server that says nothing for so long is out, and the statements that wait for
            it go elsewhere; above 0.
        cookie: The name of the cookie that carries what a visitor has seen.
        header: The header of requests and responses that carries it for clients without cookies.
        token_age_s: How long a visitor is remembered after a write; above 0. It has to be longer
            than any replica is ever late.
    """

    replicas: Mapping[str, str] = texts_by_name()
    balanced: tuple[str, ...] = texts()
    max_lag_s: float = bounded(30.0, above=0, at_most=100)
    poll_s: float = bounded(0.2, above=0)
    timeout_s: float = bounded(0.5, above=0)
    cookie: str = "praxis_seen"
    header: str = "X-Praxis-Seen"
    token_age_s: int = bounded(3600, above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """
    All settings, validated and frozen.

    Attributes:
        cache: The cache of query results.
        exports: Streamed exports.
        databases: Reads from replicas.
        locks: Locks and semaphores.
        rankings: Rankings, counters and trending lists.
        ratelimit: Limits on how often things happen.
        realtime: Events that are pushed to browsers.
        redis: The servers by their aliases. The one that is written without an alias is
            ``default``.
        sessions: Sessions in Redis.
        trusted_proxies: Addresses or networks, such as ``10.0.0.0/8``, whose word in
            ``X-Forwarded-For`` counts. ``unix`` is whoever comes by a socket without an address.
            With none the address is the one that connects.
    """

    cache: CacheConfig = field(default_factory=CacheConfig, metadata={"section": CacheConfig})
    exports: ExportsConfig = field(
        default_factory=ExportsConfig, metadata={"section": ExportsConfig}
    )
    databases: DatabasesConfig = field(
        default_factory=DatabasesConfig, metadata={"section": DatabasesConfig}
    )
    locks: LocksConfig = field(default_factory=LocksConfig, metadata={"section": LocksConfig})
    rankings: RankingsConfig = field(
        default_factory=RankingsConfig, metadata={"section": RankingsConfig}
    )
    ratelimit: RateLimitConfig = field(
        default_factory=RateLimitConfig, metadata={"section": RateLimitConfig}
    )
    realtime: RealtimeConfig = field(
        default_factory=RealtimeConfig, metadata={"section": RealtimeConfig}
    )
    redis: Mapping[str, RedisConfig] = named(RedisConfig)
    sessions: SessionsConfig = field(
        default_factory=SessionsConfig, metadata={"section": SessionsConfig}
    )
    trusted_proxies: tuple[str, ...] = texts()
