"""
What Django's settings say of Praxis, and of itself as far as Praxis has to know.

``settings.PRAXIS`` is one dict; `sections` is its reference, `reading` the only module that reads
Django settings. Others are handed a `Config`.
"""

from praxis.conf.fields import DEFAULT, MAX_TTL_S
from praxis.conf.reading import (
    Mistake,
    cache_settings,
    config,
    databases,
    defaults,
    dotted_paths,
    find_mistakes,
    is_debug,
    session_cookie,
    session_engine,
    trusted_origins,
)
from praxis.conf.sections import (
    CacheConfig,
    ChannelConfig,
    Config,
    DatabasesConfig,
    ExportsConfig,
    LocksConfig,
    LoginLimitConfig,
    ModelCacheConfig,
    PathLimitConfig,
    RankingsConfig,
    RateLimitConfig,
    RealtimeConfig,
    RedisConfig,
    Secret,
    SessionsConfig,
    ViewCacheConfig,
)

__all__ = [
    "DEFAULT",
    "MAX_TTL_S",
    "CacheConfig",
    "ChannelConfig",
    "Config",
    "DatabasesConfig",
    "ExportsConfig",
    "LocksConfig",
    "LoginLimitConfig",
    "Mistake",
    "ModelCacheConfig",
    "PathLimitConfig",
    "RankingsConfig",
    "RateLimitConfig",
    "RealtimeConfig",
    "RedisConfig",
    "Secret",
    "SessionsConfig",
    "ViewCacheConfig",
    "cache_settings",
    "config",
    "databases",
    "defaults",
    "dotted_paths",
    "find_mistakes",
    "is_debug",
    "session_cookie",
    "session_engine",
    "trusted_origins",
]
