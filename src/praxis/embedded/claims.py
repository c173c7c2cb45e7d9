"""Hold one empty database of a Redis server that others use too."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from praxis.errors import ServerError

MARK = "praxis:database:{}"  # in the address's own database; stays: "this one holds our data"
HOLDER = "praxis:database:{}:holder"
HOLD_S = 3600  # how long a database stays with a process that was killed

# Take a database unless somebody holds it; one atomic step, so that two workers never both do.
# It must be empty, or have been ours before (a killed test run left its keys in it).
TAKE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local marked = redis.call('EXISTS', KEYS[1])
redis.call('SELECT', ARGV[1])
local size = redis.call('DBSIZE')
redis.call('SELECT', ARGV[2])
if size > 0 and marked == 0 then return 0 end
redis.call('SET', KEYS[1], 'in use by Praxis')
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
return 1
"""
RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
RELEASE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1], KEYS[2])
"""


@dataclass(frozen=True, slots=True)
class RedisClaim:
    """A database of somebody else's server, ours until `release`."""

    url: str
    port: int
    password: str
    renew: Callable[[], None]  # holds it for another hour
    release: Callable[[], None]


def claim_redis_database(address: str) -> RedisClaim:
    """
    Take an empty database of the server at *address*, other than the one that it names.

    Raises:
        ServerError: if the server does not answer, or no database is free; nothing is changed.
    """
    from redis import Redis
    from redis.exceptions import RedisError

    shown = _without_password(address)
    try:
        client = Redis.from_url(address, socket_timeout=5.0, decode_responses=True)
        home = int(client.get_connection_kwargs().get("db") or 0)
        with client:
            count = int(client.config_get("databases")["databases"] or 0)
            token = secrets.token_hex(8)
            for number in range(count):
                keys = (MARK.format(number), HOLDER.format(number))
                if number != home and client.eval(TAKE, 2, *keys, number, home, token, HOLD_S):
                    break
            else:
                raise ServerError(
                    f"No empty database is left on {shown} (PRAXIS_REDIS_URL): all {count} hold "
                    "keys or are held by other test runs. Flush one, or unset PRAXIS_REDIS_URL."
                )
    except (RedisError, ValueError) as error:
        raise ServerError(f"PRAXIS_REDIS_URL ({shown}) cannot be used: {error}") from error
    url = _with_database(address, number)
    with Redis.from_url(url) as own:
        own.flushdb()

    def renew() -> None:
        with Redis.from_url(address, socket_timeout=5.0) as home_client:
            if not home_client.eval(RENEW, 1, keys[1], token, HOLD_S):
                raise ServerError(
                    f"Database {number} of {shown} was ours and is not any more: an hour passed "
                    "without a flush, and another test run may have taken it. Start again."
                )

    def release() -> None:
        with Redis.from_url(address, socket_timeout=5.0) as home_client:
            if home_client.get(keys[1]) != token.encode():
                return  # held longer than an hour without a flush: it may be another's by now
            with Redis.from_url(url, socket_timeout=5.0) as own:
                own.flushdb()
            home_client.eval(RELEASE, 2, *keys, token)

    parts = urlsplit(url)
    return RedisClaim(url, parts.port or 6379, parts.password or "", renew, release)


def _with_database(address: str, number: int) -> str:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        query = "&".join(
            [*(q for q in parts.query.split("&") if q and not q.startswith("db=")), f"db={number}"]
        )
        return urlunsplit(parts._replace(query=query))
    return urlunsplit(parts._replace(path=f"/{number}"))


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host))
