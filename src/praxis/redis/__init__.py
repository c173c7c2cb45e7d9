"""
The way to Redis and Valkey that all components share.

    from praxis.redis import Script, link

    count = Script("return redis.call('INCR', KEYS[1])")
    link().run(count, ["visits"])

`link` serves threads, `async_link` coroutines. Both know one server, Sentinel groups and clusters,
never send again what may have run, and fail at once while a server is down.
"""

from praxis.redis.async_connection import AsyncSession
from praxis.redis.async_link import AsyncLink
from praxis.redis.connection import DedicatedSession, Session
from praxis.redis.link import Link
from praxis.redis.packing import Call, Word
from praxis.redis.registry import async_link, link
from praxis.redis.retries import Retry
from praxis.redis.routes import FAILURES
from praxis.redis.script import Script

__all__ = [
    "FAILURES",
    "AsyncLink",
    "AsyncSession",
    "Call",
    "DedicatedSession",
    "Link",
    "Retry",
    "Script",
    "Session",
    "Word",
    "async_link",
    "link",
]
